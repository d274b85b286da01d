// Words and facts that stand on the pages of several resources.
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import type { Standard } from "../api/types";
import { dateTime } from "../ui/format";
import { isIp, isPrefix, parseIp } from "../ui/ip";
import { useProjectName } from "./names";
import type { Fact } from "./page";

export function useYesNo(): (yes: boolean) => string {
  const { t } = useTranslation("resource");
  return useCallback((yes: boolean) => (yes ? t("common:yes") : t("common:no")), [t]);
}

// Neutron's admin_state_up, in Horizon's words.
export function useAdminState(): (up: boolean) => string {
  const { t } = useTranslation("resource");
  return useCallback((up: boolean) => (up ? t("state.up") : t("state.down")), [t]);
}

// What every network resource has.
export function useStandardFacts(): (row: Standard) => Fact[] {
  const { t, i18n } = useTranslation("resource");
  const projectName = useProjectName();
  return (row) => [
    { label: t("common:field.id"), value: <span className="buoy-id">{row.id}</span> },
    { label: t("common:field.project"), value: projectName(row.project_id) },
    { label: t("common:field.description"), value: row.description },
    { label: t("common:field.created"), value: dateTime(row.created_at, i18n.language) },
    { label: t("common:field.updated"), value: dateTime(row.updated_at, i18n.language) },
  ];
}

// What is wrong with a field that is to hold an address, a prefix or a whole number, maybe one within bounds.
export function useChecks() {
  const { t } = useTranslation("resource");
  return {
    ipv4: (value: string) => (parseIp(value.trim())?.bits === 32 ? undefined : t("common:form.notIpv4")),
    ip: (value: string) => (isIp(value) ? undefined : t("common:form.notIp")),
    prefix: (value: string) => (isPrefix(value) ? undefined : t("common:form.notPrefix")),
    within: (least: number, most: number) => (value: string) =>
      /^\d+$/.test(value.trim()) && Number(value) >= least && Number(value) <= most
        ? undefined
        : t("common:form.notWithin", { least, most }),
    number: (value: string) => (/^-?\d+$/.test(value.trim()) ? undefined : t("common:form.notNumber")),
  };
}
