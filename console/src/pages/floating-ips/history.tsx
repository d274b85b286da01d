// What happened to a floating IP: when, who, what, in which request; newest first.
import { Button, EmptyState, Skeleton } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { queryString, request, type ApiError } from "../../api/client";
import { useSession } from "../../api/session";
import type { HistoryEvent } from "../../api/types";
import { usePolicyName } from "../../resource/policies";
import { ErrorNote } from "../../ui/error-note";
import { dateTime } from "../../ui/format";
import { inWords, type Phrase } from "./history-words";

const pageSize = 50;

interface Page {
  history: HistoryEvent[];
  history_links?: { rel: string; href: string }[];
}

// Where the next page begins. A page may be short though there are further ones: others' events are left out.
function nextMarker({ history_links = [] }: Page): string | undefined {
  const next = history_links.find(({ rel }) => rel === "next");
  return next && (new URLSearchParams(next.href.split("?")[1]).get("marker") ?? undefined);
}

function useHistory(id: string) {
  const path = `/v2.0/floatingips/${id}/history`;
  return useInfiniteQuery<Page, ApiError, HistoryEvent[], readonly string[], string | undefined>({
    queryKey: ["get", path],
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) =>
      request<Page>("GET", path + queryString({ limit: pageSize, marker: pageParam }), undefined, signal),
    getNextPageParam: nextMarker,
    select: ({ pages }) => pages.flatMap(({ history }) => history),
  });
}

function Who({ event }: { event: HistoryEvent }) {
  const { t } = useTranslation("floatingips");
  const { user } = useSession();
  if (event.user_name) return <>{event.user_name}</>;
  if (event.user_id === user.id) return <>{user.name}</>;
  return <>{event.user_id || t("history.nobody")}</>;
}

function What({ event }: { event: HistoryEvent }) {
  const { t, i18n } = useTranslation("floatingips");
  const policyName = usePolicyName();
  const named = (holes: Phrase["holes"]) => ({
    ...holes,
    ...(holes.policy !== undefined && { policy: policyName(holes.policy) }),
    ...(holes.time !== undefined && { time: dateTime(holes.time, i18n.language) }),
  });
  return (
    <>
      {inWords(event).map(({ key, holes }) => (
        <div key={key}>{t(`history.what.${key}`, named(holes))}</div>
      ))}
    </>
  );
}

export default function History({ id }: { id: string }) {
  const { t, i18n } = useTranslation("floatingips");
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useHistory(id);
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton screenreaderText={t("common:loading")} height="8rem" />;
  if (data.length === 0 && !hasNextPage)
    return <EmptyState variant="sm" headingLevel="h2" titleText={t("history.empty")} />;
  return (
    <>
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      <Table aria-label={t("history.title")} variant="compact" gridBreakPoint="grid-md">
        <Thead>
          <Tr>
            <Th>{t("history.time")}</Th>
            <Th>{t("history.who")}</Th>
            <Th>{t("history.changed")}</Th>
            <Th>{t("history.request")}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {data.map((event) => (
            <Tr key={event.revision}>
              <Td dataLabel={t("history.time")}>
                <time dateTime={event.time}>{dateTime(event.time, i18n.language)}</time>
              </Td>
              <Td dataLabel={t("history.who")} modifier="breakWord">
                <Who event={event} />
              </Td>
              <Td dataLabel={t("history.changed")} modifier="breakWord">
                <What event={event} />
              </Td>
              <Td dataLabel={t("history.request")} modifier="breakWord">
                <span className="buoy-fine">{event.request_id || t("common:none")}</span>
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {hasNextPage && (
        <Button variant="link" isLoading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("history.older")}
        </Button>
      )}
    </>
  );
}
