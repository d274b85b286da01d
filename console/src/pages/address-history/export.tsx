// "Export": who had which address when, as a file.
import { useTranslation } from "react-i18next";

import { queryString } from "../../api/client";
import { download } from "../../api/download";
import { iso, useTimeCheck } from "../../resource/times";
import { useChecks } from "../../resource/words";
import { FormDialog, type Field, type Values } from "../../ui/form-dialog";

export function exportPath({ from, to, address, format = "csv" }: Values): string {
  const time = (value: string | undefined) => (value ? iso(value) : undefined);
  const trimmed = address?.trim();
  return `/v2.0/buoy/history/export${queryString({
    from: time(from),
    to: time(to),
    address: trimmed ? trimmed : undefined,
    format,
  })}`;
}

export function ExportDialog({ address, onClose }: { address: string; onClose: () => void }) {
  const { t } = useTranslation("time");
  const check = useChecks();
  const times = useTimeCheck();
  const fields: Field[] = [
    { name: "from", label: t("export.from"), type: "datetime-local", check: times.check },
    {
      name: "to",
      label: t("export.to"),
      type: "datetime-local",
      check: (value, { from = "" }) =>
        from !== "" && new Date(value) <= new Date(from) ? t("export.order") : undefined,
    },
    {
      name: "address",
      label: t("export.address"),
      initial: address,
      check: (value) => check.ip(value.trim()),
    },
    {
      name: "format",
      label: t("export.format"),
      type: "select",
      options: [
        { value: "csv", label: t("export.csv") },
        { value: "jsonl", label: t("export.jsonl") },
      ],
    },
  ];
  return (
    <FormDialog
      title={t("export.title")}
      description={t("export.help")}
      fields={fields}
      submit={t("export.submit")}
      onSubmit={(values) => download(exportPath(values), `address-history.${values.format ?? "csv"}`)}
      onClose={onClose}
    />
  );
}
