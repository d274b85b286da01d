// ACTIVE, DOWN or ERROR, never by colour alone.
import { Label, type LabelProps } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

const looks: Record<string, LabelProps["status"]> = { ACTIVE: "success", DOWN: "custom", ERROR: "danger" };

export function Status({ status }: { status: string }) {
  const { t } = useTranslation();
  return (
    <Label status={looks[status] ?? "info"} variant="outline" isCompact>
      {t(`status.${status}`, status)}
    </Label>
  );
}
