// When a floating IP ends, as fields of a form and as attributes.
import { useTranslation } from "react-i18next";

import type { Attributes } from "../../../api/resources";
import { endOf, spanOf, useEndFields } from "../../../resource/ends";
import type { Field, Values } from "../../../ui/form-dialog";

export function useLeaseFields(): Field[] {
  const { t } = useTranslation("life");
  return useEndFields({ label: t("lease.until"), never: t("lease.never") });
}

// A span begins by the server's clock.
export function leaseOf(values: Values): Attributes {
  const seconds = spanOf(values);
  return seconds === undefined ? { expires_at: endOf(values) } : { lease_seconds: seconds };
}
