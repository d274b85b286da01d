// A failure in words: what the server said, what to do, and the request's id for whoever reads the log.
import { Button } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";
import { Alert } from "./alert";

// What a person can do about an error of this type or status; the key of a sentence.
const adviceByType: Record<string, string> = {
  OverQuota: "overQuota",
  IpAddressGenerationFailure: "poolEmpty",
  ExternalIpAddressExhausted: "poolEmpty",
  ExternalGatewayForFloatingIPNotFound: "noGateway",
  FloatingIPPortAlreadyAssociated: "alreadyAssociated",
  RevisionNumberConstraintFailed: "changedMeanwhile",
  IpAddressInUse: "addressInUse",
  RouterInUse: "routerInUse",
  RouterInterfaceInUseByFloatingIP: "neededByFloatingIps",
  RouterInterfaceInUseByRoute: "neededByRoutes",
  RouterExternalGatewayInUseByFloatingIp: "neededByFloatingIps",
  NetworkInUse: "portsFirst",
  SubnetInUse: "portsFirst",
  QosPolicyInUse: "policyInUse",
  HistoryForgotten: "forgotten",
};
const adviceByStatus: Record<number, string> = {
  0: "unreachable",
  403: "forbidden",
  404: "gone",
  429: "slowDown",
  503: "busy",
};

export function adviceFor(error: ApiError): string | undefined {
  return (
    adviceByType[error.type] ?? adviceByStatus[error.status] ?? (error.status >= 500 ? "serverFault" : undefined)
  );
}

// The failure in one line, where there is no room for more.
export function wordsOf(error: unknown, otherwise: string): string {
  return (error instanceof Error ? error.message : String(error)) || otherwise;
}

interface ErrorNoteProps {
  error: unknown;
  retry?: () => void;
  advise?: (error: ApiError) => string | undefined; // where the place knows better what to do than the type of the error
}

export function ErrorNote({ error, retry, advise }: ErrorNoteProps) {
  const { t } = useTranslation();
  const known = error instanceof ApiError ? error : new ApiError(String(error), -1, "", "");
  const key = adviceFor(known);
  const advice = advise?.(known) ?? (key && t(`error.advice.${key}`));
  return (
    <Alert
      variant="danger"
      isInline
      isLiveRegion
      component="h2"
      title={known.message || t("error.title")}
      actionLinks={
        retry && (
          <Button variant="link" isInline onClick={retry}>
            {t("action.retry")}
          </Button>
        )
      }
    >
      {advice && <p>{advice}</p>}
      {known.requestId && <p className="buoy-fine">{t("error.request", { id: known.requestId })}</p>}
    </Alert>
  );
}
