// Offers a floating IP to another project. The key is shown once: the server keeps none.
import { Button, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { createOne } from "../../../api/resources";
import type { FloatingIp, Transfer } from "../../../api/types";
import { ChangeDialog } from "../../../resource/dialogs";
import { endOf, useEndFields } from "../../../resource/ends";
import { Alert } from "../../../ui/alert";
import { Command } from "../../../ui/command";

interface KeyDialogProps {
  transfer: Transfer;
  onClose: () => void;
}

function KeyDialog({ transfer, onClose }: KeyDialogProps) {
  const { t } = useTranslation("life");
  const address = transfer.floating_ip_address;
  const lines = [
    { label: t("offer.id"), text: transfer.id },
    { label: t("offer.key"), text: transfer.auth_key ?? "" },
  ];
  return (
    <Modal isOpen variant="small" onEscapePress={onClose} aria-labelledby="offer-key">
      <ModalHeader
        title={t("offer.made", { address })}
        labelId="offer-key"
        description={t("offer.madeHelp", { address })}
      />
      <ModalBody>
        {lines.map(({ label, text }) => (
          <FormGroup key={label} label={label} className="buoy-section">
            <Command label={label} text={text} />
          </FormGroup>
        ))}
        <Alert variant="warning" isInline component="p" title={t("offer.once")} />
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{t("common:action.close")}</Button>
      </ModalFooter>
    </Modal>
  );
}

export function OfferDialog({ fip, onClose }: { fip: FloatingIp; onClose: () => void }) {
  const { t } = useTranslation("life");
  const [made, setMade] = useState<Transfer | null>(null);
  const offered = useRef(false); // the form that is done closes; then comes the key
  const ends = useEndFields({ label: t("offer.until"), never: t("offer.never"), initial: "day" });
  const address = fip.floating_ip_address;
  if (made) return <KeyDialog transfer={made} onClose={onClose} />;
  return (
    <ChangeDialog
      planned={false} // its change shows the key
      title={t("offer.title")}
      description={t("offer.help", { address })}
      fields={[
        { name: "name", label: t("offer.name") },
        { name: "description", label: t("common:field.description") },
        ...ends,
      ]}
      submit={t("offer.submit")}
      change={async (values) => {
        const transfer = await createOne("transfer", {
          floatingip_id: fip.id,
          name: values.name,
          description: values.description,
          expires_at: endOf(values),
        });
        offered.current = true;
        setMade(transfer);
      }}
      notice={t("offer.done", { address })}
      onClose={() => {
        if (!offered.current) onClose();
      }}
    />
  );
}
