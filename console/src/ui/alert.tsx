// PatternFly's alert, whose looks are said in the reader's language.
import { Alert as PfAlert, type AlertProps } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

export function Alert({ variant = "info", ...props }: AlertProps) {
  const { t } = useTranslation();
  return <PfAlert {...props} variant={variant} variantLabel={t(`alert.${variant}`)} />;
}
