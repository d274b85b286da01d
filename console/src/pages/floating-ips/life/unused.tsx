// Floating IPs that nobody seems to use: for how long, why, and releasing them.
import { Checkbox, FormSelect, FormSelectOption, ToolbarItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { queryString, request, type ApiError, type Params } from "../../../api/client";
import { mostRows, useOne } from "../../../api/resources";
import { useSession } from "../../../api/session";
import type { Orphan } from "../../../api/types";
import { useProjectName } from "../../../resource/names";
import { useScope } from "../../../resource/scope";
import { ResourceTable, type Source } from "../../../resource/table";
import type { Action } from "../../../ui/actions";
import type { Column } from "../../../ui/data-table";
import { dateTime, duration } from "../../../ui/format";
import { SectionFrame } from "./sections";

const ReleaseDialog = lazy(async () => ({ default: (await import("../dialogs")).ReleaseDialog }));

const reasons = ["never_associated", "not_associated", "not_plugged", "no_packets"];
const spans = ["1h", "1d", "7d", "30d", "90d"] as const;

interface Answer {
  orphans: Orphan[];
}

function useOrphans(params: Params): Source<Orphan> {
  const query = useQuery<Answer, ApiError>({
    queryKey: ["orphans", params],
    queryFn: ({ signal }) =>
      request<Answer>("GET", `/v2.0/buoy/orphans${queryString({ ...params, limit: mostRows })}`, undefined, signal),
  });
  const rows = query.data?.orphans;
  return {
    rows,
    more: (rows?.length ?? 0) >= mostRows,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

// What is asked before a floating IP is released depends on what it leads to: that is read first.
function ReleaseOrphan({ orphan, onClose }: { orphan: Orphan; onClose: () => void }) {
  const { data } = useOne("floatingip", orphan.floatingip_id);
  return <Suspense>{data && <ReleaseDialog fips={[data]} onClose={onClose} />}</Suspense>;
}

function useActionsOfOrphans(): Action<Orphan>[] {
  const { t } = useTranslation("life");
  return useMemo(
    () => [
      {
        key: "release",
        label: t("floatingips:action.release", { count: 1 }),
        inRow: true,
        danger: true,
        dialog: (orphan, close) => <ReleaseOrphan orphan={orphan} onClose={close} />,
      },
    ],
    [t],
  );
}

const addressOf = (orphan: Orphan) => orphan.floating_ip_address;

function useColumns(all: boolean): Column<Orphan>[] {
  const { t, i18n } = useTranslation("life");
  const projectName = useProjectName();
  return useMemo(() => {
    const seen = (key: "last_seen_in" | "last_seen_out"): Column<Orphan> => ({
      key,
      label: t(`unused.${key}`),
      value: (orphan) => orphan[key] ?? "",
      cell: (orphan) => (orphan[key] ? dateTime(orphan[key], i18n.language) : t("unused.never")),
    });
    const project: Column<Orphan> = {
      key: "project",
      label: t("common:field.project"),
      value: ({ project_id }) => projectName(project_id),
    };
    return [
      {
        key: "address",
        label: t("floatingips:address"),
        value: addressOf,
        cell: (orphan) => (
          <Link to={`/floating-ips/${orphan.floatingip_id}`} className="buoy-address">
            {orphan.floating_ip_address}
          </Link>
        ),
      },
      { key: "description", label: t("common:field.description"), value: ({ description }) => description },
      {
        key: "why",
        label: t("unused.why"),
        value: ({ reason }) => (reasons.includes(reason) ? t(`unused.reason.${reason}`) : reason),
      },
      {
        key: "idle",
        label: t("unused.idle"),
        value: ({ idle_seconds }) => idle_seconds,
        cell: ({ idle_seconds }) => duration(idle_seconds, i18n.language),
      },
      seen("last_seen_in"),
      seen("last_seen_out"),
      ...(all ? [project] : []),
    ];
  }, [t, i18n.language, projectName, all]);
}

export default function UnusedPage() {
  const { t } = useTranslation("life");
  const { admin } = useSession();
  const scope = useScope();
  const [idle, setIdle] = useState<string>("7d");
  const [out, setOut] = useState(false);
  // Others see their project's whatever they ask for, and may not ask for one.
  const source = useOrphans({ idle, direction: out ? "out" : "any", ...(admin && scope.params) });
  return (
    <SectionFrame at="unused" title={t("section.unused")} description={t("unused.about")}>
      <ResourceTable
        label={t("section.unused")}
        {...source}
        columns={useColumns(scope.all)}
        rowKey={({ floatingip_id }) => floatingip_id}
        nameOf={addressOf}
        actions={useActionsOfOrphans()}
        toolbar={
          <>
            <ToolbarItem>
              <FormSelect aria-label={t("unused.since")} value={idle} onChange={(_event, next) => setIdle(next)}>
                {spans.map((span) => (
                  <FormSelectOption key={span} value={span} label={t(`unused.span.${span}`)} />
                ))}
              </FormSelect>
            </ToolbarItem>
            <ToolbarItem alignSelf="center">
              <Checkbox
                id="unused-out"
                label={t("unused.out")}
                isChecked={out}
                onChange={(_event, on) => setOut(on)}
              />
            </ToolbarItem>
            {scope.toolbar}
          </>
        }
        empty={{ title: t("unused.empty.title"), body: t("unused.empty.body") }}
      />
    </SectionFrame>
  );
}
