// The quotas of a project as bars.
import { Gallery, GalleryItem, Spinner } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

import { useGet } from "../api/resources";
import type { Quotas } from "../api/types";
import { ErrorNote } from "../ui/error-note";
import { QuotaBar } from "../ui/quota-bar";

export const quotaKinds = ["floatingip", "network", "subnet", "port", "router"] as const;
export type QuotaKind = (typeof quotaKinds)[number];

export function useQuotas(projectId: string) {
  return useGet<{ quota: Quotas }>(`/v2.0/quotas/${projectId}/details`, { enabled: projectId !== "" });
}

export function useQuotaName(): (kind: QuotaKind) => string {
  const { t } = useTranslation("quotas");
  return (kind) => t(`kind.${kind}`);
}

export function QuotaBars({ projectId }: { projectId: string }) {
  const { t } = useTranslation("quotas");
  const name = useQuotaName();
  const { data, error, refetch } = useQuotas(projectId);
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!data) return <Spinner aria-label={t("common:loading")} />;
  return (
    <Gallery hasGutter minWidths={{ default: "240px" }}>
      {quotaKinds.map((kind) => (
        <GalleryItem key={kind}>
          <QuotaBar title={name(kind)} quota={data.quota[kind]} />
        </GalleryItem>
      ))}
    </Gallery>
  );
}
