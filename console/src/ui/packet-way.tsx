// The way of a floating IP's packets, hop by hop, with the addresses before and after NAT.
import { Skeleton } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

import { useOne } from "../api/resources";
import { ErrorNote } from "./error-note";

export function PacketWay({ floatingIpId }: { floatingIpId: string }) {
  const { t } = useTranslation("way");
  const { data: fip, error, refetch } = useOne("floatingip", floatingIpId);
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!fip) return <Skeleton screenreaderText={t("common:loading")} />;
  return (
    <ol aria-label={t("title")}>
      <li className="buoy-address">{fip.floating_ip_address}</li>
      <li className="buoy-address">{fip.fixed_ip_address ?? t("common:none")}</li>
    </ol>
  );
}
