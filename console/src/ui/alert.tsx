// PatternFly's alert, whose looks are said in the reader's language.
import { Alert as PfAlert, type AlertProps } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

interface Props extends AlertProps {
  variant?: "success" | "danger" | "warning" | "info"; // each has its word
}

export function Alert({ variant = "info", ...props }: Props) {
  const { t } = useTranslation();
  return <PfAlert {...props} variant={variant} variantLabel={t(`alert.${variant}`)} />;
}
