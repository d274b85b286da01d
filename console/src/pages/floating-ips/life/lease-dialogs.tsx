// A floating IP's end is put off, set or taken away.
import { useTranslation } from "react-i18next";

import { updateOne } from "../../../api/resources";
import type { FloatingIp } from "../../../api/types";
import { ChangeDialog } from "../../../resource/dialogs";
import { dateTime } from "../../../ui/format";
import { leaseOf, useLeaseFields } from "./lease-fields";

export function RenewDialog({ fip, onClose }: { fip: FloatingIp; onClose: () => void }) {
  const { t, i18n } = useTranslation("life");
  const address = fip.floating_ip_address;
  const now = fip.expires_at
    ? t("lease.endsAt", { address, time: dateTime(fip.expires_at, i18n.language) })
    : t("lease.endsNever", { address });
  return (
    <ChangeDialog
      title={t("lease.renew")}
      description={`${now} ${t("lease.help")}`}
      fields={useLeaseFields().map((field) => (field.name === "end" ? { ...field, initial: "day" } : field))}
      submit={t("common:action.save")}
      change={(values) => updateOne("floatingip", fip.id, leaseOf(values))}
      notice={(_values, { expires_at }) =>
        expires_at
          ? t("lease.endsAt", { address, time: dateTime(expires_at, i18n.language) })
          : t("lease.endsNever", { address })
      }
      onClose={onClose}
    />
  );
}
