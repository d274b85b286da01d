// ACTIVE, DOWN or ERROR, never by colour alone.
import { Label, type LabelProps } from "@patternfly/react-core";
import OffIcon from "@patternfly/react-icons/dist/esm/icons/off-icon";
import { useTranslation } from "react-i18next";

type Look = Pick<LabelProps, "status" | "color" | "icon">;

const looks: Record<string, Look> = {
  ACTIVE: { status: "success" },
  DOWN: { color: "grey", icon: <OffIcon /> },
  ERROR: { status: "danger" },
};
const otherLook: Look = { status: "info" };

export function Status({ status }: { status: string }) {
  const { t } = useTranslation();
  return (
    <Label {...(looks[status] ?? otherLook)} variant="outline" isCompact>
      {t(`status.${status}`, status)}
    </Label>
  );
}
