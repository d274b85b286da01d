// Where floating IPs lead before and after a change, one row for each.
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp } from "../../api/types";
import { useNames } from "./names";

export interface MoveRow {
  fip: FloatingIp;
  before: string;
  after: string;
}

// "cirros-vm3 (172.16.101.3)"
export const placeText = (name: string, fixedIp: string) => `${name} (${fixedIp})`;

// Where a floating IP leads, in words. Stable.
export function usePlace(): (fip: FloatingIp) => string {
  const { t } = useTranslation("floatingips");
  const { instance } = useNames();
  return useCallback(
    (fip) => {
      const found = instance(fip);
      return found ? placeText(found.name, fip.fixed_ip_address ?? "") : t("free");
    },
    [t, instance],
  );
}

export function MoveTable({ label, rows }: { label: string; rows: readonly MoveRow[] }) {
  const { t } = useTranslation("floatingips");
  return (
    <Table aria-label={label} variant="compact" gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th>{t("address")}</Th>
          <Th>{t("move.before")}</Th>
          <Th>{t("move.after")}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {rows.map(({ fip, before, after }) => (
          <Tr key={fip.id}>
            <Td dataLabel={t("address")}>
              <span className="buoy-address">{fip.floating_ip_address}</span>
            </Td>
            <Td dataLabel={t("move.before")} modifier="breakWord">
              {before}
            </Td>
            <Td dataLabel={t("move.after")} modifier="breakWord">
              {after}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
