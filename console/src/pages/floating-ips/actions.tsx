// What can be done with a floating IP: one row each, for lists and pages alike. The dialogs are fetched when the first
// of them opens.
import { ToolbarItem } from "@patternfly/react-core";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useOffered } from "../../api/extensions";
import type { FloatingIp } from "../../api/types";
import { DialogButton, type Action } from "../../ui/actions";
import { forwards, isFree } from "./life/forwards";

const AllocateDialog = lazy(() => import("./allocate"));
const SwapDialog = lazy(() => import("./swap"));
const MoveDialog = lazy(() => import("./move-many"));
const dialogs = () => import("./dialogs");
const AssociateDialog = lazy(async () => ({ default: (await dialogs()).AssociateDialog }));
const DisassociateDialog = lazy(async () => ({ default: (await dialogs()).DisassociateDialog }));
const DescribeDialog = lazy(async () => ({ default: (await dialogs()).DescribeDialog }));
const ReleaseDialog = lazy(async () => ({ default: (await dialogs()).ReleaseDialog }));

const RenewDialog = lazy(async () => ({ default: (await import("./life/lease-dialogs")).RenewDialog }));
const OfferDialog = lazy(async () => ({ default: (await import("./life/offer")).OfferDialog }));

export const addressOf = (fip: FloatingIp) => fip.floating_ip_address;

// `leave`: where to go from a page whose floating IP is released.
export function useFloatingIpActions(leave?: string): readonly Action<FloatingIp>[] {
  const { t } = useTranslation("floatingips");
  const offered = useOffered();
  const leases = offered("buoy-leases");
  const transfers = offered("buoy-transfer");
  return useMemo<readonly Action<FloatingIp>[]>(
    () => [
      {
        key: "associate",
        label: t("action.associate"),
        inRow: true,
        when: isFree,
        dialog: (fip, close) => (
          <Suspense>
            <AssociateDialog fip={fip} onClose={close} />
          </Suspense>
        ),
      },
      {
        key: "disassociate",
        label: t("action.disassociate"),
        inRow: true,
        when: (fip) => fip.port_id !== null,
        dialog: (fip, close) => (
          <Suspense>
            <DisassociateDialog fips={[fip]} onClose={close} />
          </Suspense>
        ),
      },
      {
        key: "swap",
        label: t("swap.action"),
        when: (fip) => fip.port_id !== null,
        dialog: (fip, close) => (
          <Suspense>
            <SwapDialog fip={fip} onClose={close} />
          </Suspense>
        ),
      },
      {
        key: "describe",
        label: t("action.describe"),
        dialog: (fip, close) => (
          <Suspense>
            <DescribeDialog fip={fip} onClose={close} />
          </Suspense>
        ),
      },
      ...(leases
        ? [
            {
              key: "renew",
              label: t("life:lease.renew"),
              dialog: (fip: FloatingIp, close: () => void) => (
                <Suspense>
                  <RenewDialog fip={fip} onClose={close} />
                </Suspense>
              ),
            },
          ]
        : []),
      ...(transfers
        ? [
            {
              key: "offer",
              label: t("life:offer.title"),
              when: isFree,
              dialog: (fip: FloatingIp, close: () => void) => (
                <Suspense>
                  <OfferDialog fip={fip} onClose={close} />
                </Suspense>
              ),
            },
          ]
        : []),
      {
        key: "release",
        label: t("action.release", { count: 1 }),
        danger: true,
        dialog: (fip, close) => (
          <Suspense>
            <ReleaseDialog fips={[fip]} onClose={close} {...(leave !== undefined && { leave })} />
          </Suspense>
        ),
      },
    ],
    [t, leave, leases, transfers],
  );
}

export function AllocateButton() {
  const { t } = useTranslation("floatingips");
  return (
    <DialogButton
      label={t("action.allocate")}
      dialog={(close) => (
        <Suspense>
          <AllocateDialog onClose={close} />
        </Suspense>
      )}
    />
  );
}

interface ManyProps {
  fips: readonly FloatingIp[]; // the chosen ones
}

// What can be done with several at once: items of a toolbar.
export function ManyButtons({ fips }: ManyProps) {
  const { t } = useTranslation("floatingips");
  const associated = fips.filter(({ port_id }) => port_id !== null);
  const movable = fips.filter((fip) => !forwards(fip)); // what forwards ports can not be associated besides
  const buttons = [
    movable.length > 0 && {
      key: "move",
      label: t("move.title"),
      dialog: (close: () => void) => <MoveDialog fips={movable} onClose={close} />,
    },
    associated.length > 0 && {
      key: "disassociate",
      label: t("many.disassociate", { count: associated.length }),
      dialog: (close: () => void) => <DisassociateDialog fips={associated} onClose={close} />,
    },
    {
      key: "release",
      label: t("many.release", { count: fips.length }),
      dialog: (close: () => void) => <ReleaseDialog fips={fips} onClose={close} />,
    },
  ].filter((button) => button !== false);
  return buttons.map(({ key, label, dialog }) => (
    <ToolbarItem key={key}>
      <DialogButton variant="secondary" label={label} dialog={(close) => <Suspense>{dialog(close)}</Suspense>} />
    </ToolbarItem>
  ));
}
