// How an instance is plugged into a port: the commands to be run on the node.
import { Content, Form, FormGroup } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

import type { Port } from "../../api/types";
import { Section } from "../../resource/table";
import { Command } from "../../ui/command";

// A word of the shell that names the instance, made of the port's name.
export function shellWord(name: string): string {
  return name.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "") || "instance1";
}

// `name`: what the instance is called; default: what the port is.
export function Plug({ port, name = port.name }: { port: Port; name?: string }) {
  const { t } = useTranslation("ports");
  const word = shellWord(name);
  const commands = [
    {
      label: t("plug.netns"),
      text: `ip netns add ${word}; buoy port plug ${port.id} --netns ${word}`,
    },
    { label: t("plug.tap"), text: `buoy port plug ${port.id} --tap vnet0` },
    { label: t("plug.undo"), text: `buoy port unplug ${port.id}` },
  ];
  return (
    <Section title={t("plug.title")}>
      <Content component="p">
        {t("plug.body")} {port.status === "ACTIVE" && t("plug.done")}
      </Content>
      <Form>
        {commands.map(({ label, text }) => (
          <FormGroup key={label} label={label}>
            <Command label={label} text={text} />
          </FormGroup>
        ))}
      </Form>
    </Section>
  );
}
