// Whose an address was: a search whose words stand in the page's address, what it found, and for administrators a file.
import { ActionGroup, Button, Form } from "@patternfly/react-core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router-dom";

import { useOffered } from "../../api/extensions";
import { useSession } from "../../api/session";
import { iso, localField, useTimeCheck } from "../../resource/times";
import { useChecks } from "../../resource/words";
import { OpenButton } from "../../ui/actions";
import { Lines, useForm, type Field } from "../../ui/form";
import { Frame } from "../../ui/page";
import { ExportDialog } from "./export";
import { Intervals } from "./intervals";

function Search() {
  const { t } = useTranslation("time");
  const base = useId();
  const check = useChecks();
  const times = useTimeCheck();
  const [query, setQuery] = useSearchParams();
  const at = query.get("at");
  const fields: Field[] = [
    {
      name: "address",
      label: t("who.address"),
      required: true,
      initial: query.get("address") ?? "",
      check: (value) => check.ip(value.trim()),
    },
    {
      name: "at",
      label: t("who.at"),
      type: "datetime-local",
      initial: at ? localField(new Date(at)) : "",
      check: times.check,
    },
  ];
  const form = useForm(
    {
      title: t("who.title"),
      fields,
      onSubmit: ({ address = "", at: moment = "" }) => {
        setQuery({ address: address.trim(), ...(moment && { at: iso(moment) }) });
        return Promise.resolve();
      },
    },
    base,
  );
  return (
    <Form
      aria-label={t("who.search")}
      className="buoy-section"
      isWidthLimited
      onSubmit={(event) => void form.send(event)}
      noValidate
    >
      <Lines form={form} base={base} />
      <ActionGroup>
        <Button type="submit">{t("who.submit")}</Button>
      </ActionGroup>
    </Form>
  );
}

export default function AddressHistory() {
  const { t } = useTranslation("time");
  const { admin } = useSession();
  const offered = useOffered()("buoy-history");
  const [query] = useSearchParams();
  const address = query.get("address") ?? "";
  const at = query.get("at") ?? undefined;
  return (
    <Frame
      title={t("who.title")}
      description={t("who.help")}
      actions={
        admin &&
        offered && (
          <OpenButton
            variant="secondary"
            label={t("export.title")}
            dialog={(close) => <ExportDialog address={address} onClose={close} />}
          />
        )
      }
    >
      <Search key={`${address} ${at ?? ""}`} />
      {address !== "" && <Intervals address={address} at={at} />}
    </Frame>
  );
}
