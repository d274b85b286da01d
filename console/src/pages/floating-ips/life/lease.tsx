// When floating IPs end, and a warning before they do.
import WarningIcon from "@patternfly/react-icons/dist/esm/icons/rh-ui-warning-fill-icon";
import { useTranslation } from "react-i18next";

import type { FloatingIp } from "../../../api/types";
import { endsSoon } from "../../../resource/ends";
import { Alert } from "../../../ui/alert";
import { dateTime } from "../../../ui/format";
import { Label } from "../../../ui/label";

export function LeaseEnd({ time }: { time: string | null | undefined }) {
  const { i18n } = useTranslation();
  if (!time) return <span aria-hidden="true">–</span>;
  const text = dateTime(time, i18n.language);
  if (!endsSoon(time)) return <>{text}</>;
  return (
    <Label look="warning" icon={<WarningIcon />}>
      {text}
    </Label>
  );
}

const mostNamed = 5;

// Says which of them end within a day, the next one first.
export function EndsSoonNote({ fips }: { fips: readonly FloatingIp[] | undefined }) {
  const { t, i18n } = useTranslation("life");
  const soon = (fips ?? [])
    .filter(({ expires_at }) => endsSoon(expires_at))
    .sort((a, b) => ((a.expires_at ?? "") < (b.expires_at ?? "") ? -1 : 1));
  if (soon.length === 0) return null;
  return (
    <Alert
      variant="warning"
      isInline
      component="p"
      className="buoy-section"
      title={t("lease.soon", { count: soon.length })}
    >
      <p>
        {soon
          .slice(0, mostNamed)
          .map((fip) => `${fip.floating_ip_address} (${dateTime(fip.expires_at ?? "", i18n.language)})`)
          .join(", ")}
        {soon.length > mostNamed && " …"}
      </p>
      <p>{t("lease.soonHelp")}</p>
    </Alert>
  );
}
