// "Explain a packet": what the node would do with it; and below, packets as they come.
import { ActionGroup, Button, Content, Form } from "@patternfly/react-core";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { request } from "../../api/client";
import type { Explanation, FloatingIp } from "../../api/types";
import { Section } from "../../resource/table";
import { useChecks } from "../../resource/words";
import { ErrorNote } from "../../ui/error-note";
import { Lines, useForm, type Field, type Values } from "../../ui/form";
import { ExplanationView } from "./explanation";
import { Packets } from "./packets";
import { useNodeAdvice } from "./verdict";

const protocols = ["tcp", "udp", "icmp"] as const;

function useFields(): Field[] {
  const { t } = useTranslation("explain");
  const check = useChecks();
  const outward = ({ direction }: Values) => direction === "out";
  return [
    {
      name: "direction",
      label: t("way:direction.label"),
      type: "select",
      options: (["in", "out"] as const).map((value) => ({ value, label: t(`way:direction.${value}`) })),
    },
    {
      name: "from",
      label: t("fromAddress"),
      help: t("fromHelp"),
      required: true,
      check: check.ipv4,
      when: (all) => !outward(all),
    },
    { name: "to", label: t("toAddress"), help: t("toHelp"), required: true, check: check.ipv4, when: outward },
    {
      name: "protocol",
      label: t("field.protocol"),
      type: "select",
      options: protocols.map((value) => ({ value, label: value.toUpperCase() })),
    },
    {
      name: "port",
      label: t("field.port"),
      type: "number",
      required: true,
      check: check.within(1, 65535),
      when: ({ protocol }) => protocol !== "icmp",
    },
    { name: "length", label: t("length"), help: t("lengthHelp"), type: "number", check: check.within(28, 3386) },
    { name: "ttl", label: t("ttl"), type: "number", check: check.within(1, 255) },
  ];
}

// What is asked: fields that are not there, or empty, are left out.
function question({ direction, from, to, protocol, port, length, ttl }: Values) {
  return {
    direction,
    address: ((direction === "out" ? to : from) ?? "").trim(),
    protocol,
    ...(port && { port: Number(port) }),
    ...(length && { length: Number(length) }),
    ...(ttl && { ttl: Number(ttl) }),
  };
}

function Ask({ id }: { id: string }) {
  const { t } = useTranslation("explain");
  const base = useId();
  const advise = useNodeAdvice();
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const ask = async (values: Values) => {
    setExplanation(null);
    const body = { explain: question(values) };
    const answer = await request<{ explanation: Explanation }>("POST", `/v2.0/floatingips/${id}/explain`, body);
    setExplanation(answer.explanation);
  };
  const form = useForm({ title: t("title"), fields: useFields(), onSubmit: ask }, base);
  return (
    <>
      <Form isWidthLimited noValidate onSubmit={(event) => void form.send(event)}>
        <Lines form={form} base={base} />
        <ActionGroup>
          <Button type="submit" isLoading={form.busy} isDisabled={form.busy}>
            {t("submit")}
          </Button>
        </ActionGroup>
      </Form>
      {form.error ? <ErrorNote error={form.error} advise={advise} /> : null}
      {explanation && <ExplanationView explanation={explanation} />}
    </>
  );
}

export default function Explain({ fip }: { fip: FloatingIp }) {
  const { t } = useTranslation("explain");
  return (
    <>
      <Section title={t("title")}>
        <Content component="p">{t("help")}</Content>
        <Ask id={fip.id} />
      </Section>
      <Packets fip={fip} />
    </>
  );
}
