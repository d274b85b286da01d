// ACTIVE, DOWN or ERROR, never by colour alone.
import OffIcon from "@patternfly/react-icons/dist/esm/icons/off-icon";
import GoodIcon from "@patternfly/react-icons/dist/esm/icons/rh-ui-check-circle-fill-icon";
import BadIcon from "@patternfly/react-icons/dist/esm/icons/rh-ui-error-fill-icon";
import OtherIcon from "@patternfly/react-icons/dist/esm/icons/rh-ui-information-fill-icon";
import { useTranslation } from "react-i18next";

import { Label, type LabelProps } from "./label";

type Look = Pick<LabelProps, "look" | "icon">;

const looks: Record<string, Look> = {
  ACTIVE: { look: "success", icon: <GoodIcon /> },
  DOWN: { icon: <OffIcon /> },
  ERROR: { look: "danger", icon: <BadIcon /> },
};
const otherLook: Look = { look: "info", icon: <OtherIcon /> };

export function Status({ status }: { status: string }) {
  const { t } = useTranslation();
  return <Label {...(looks[status] ?? otherLook)}>{t(`status.${status}`, status)}</Label>;
}
