// What flows through a floating IP: now, in total, in the last hour.
import { Skeleton } from "@patternfly/react-core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { useLiveState } from "../../api/live";
import { useGet } from "../../api/resources";
import type { Stats } from "../../api/types";
import { Facts } from "../../resource/page";
import { Section } from "../../resource/table";
import { ErrorNote } from "../../ui/error-note";
import { bytes, dateTime } from "../../ui/format";
import { Drops } from "./drops";
import { directions, RatesNow } from "./rates";

const TrafficChart = lazy(async () => ({ default: (await import("../../ui/traffic-chart")).TrafficChart }));

const refetchInterval = 30_000; // of what the server counts anew that often at most

function Totals({ stats }: { stats: Stats }) {
  const { t, i18n } = useTranslation("floatingips");
  const counted = directions.map(({ key }) => ({
    label: t(`total.${key}`),
    value: t("total.count", {
      packets: new Intl.NumberFormat(i18n.language).format(stats[`${key}_packets`]),
      bytes: bytes(stats[`${key}_bytes`]),
    }),
  }));
  const seen = stats.last_seen ? dateTime(stats.last_seen, i18n.language) : t("total.never");
  return <Facts facts={[...counted, { label: t("total.lastSeen"), value: seen }]} />;
}

export function Traffic({ id }: { id: string }) {
  const { t } = useTranslation("floatingips");
  const live = useLiveState();
  const { data, error, refetch } = useGet<{ stats: Stats }>(`/v2.0/floatingips/${id}/stats`, { refetchInterval });
  return (
    <>
      <Section title={t("now.title")}>
        <RatesNow id={id} />
        {live === "lost" && <p role="status">{t("now.lost")}</p>}
      </Section>
      <Section title={t("total.title")}>
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {!data && !error ? <Skeleton screenreaderText={t("common:loading")} height="4rem" /> : null}
        {data && <Totals stats={data.stats} />}
      </Section>
      {data?.stats.dropped && <Drops dropped={data.stats.dropped} />}
      {data && (
        <Section title={t("hour.title")}>
          <Suspense fallback={<Skeleton screenreaderText={t("common:loading")} height="12rem" />}>
            <TrafficChart points={data.stats.history} />
          </Suspense>
        </Section>
      )}
    </>
  );
}
