// The floating IPs of the project: allocate, associate, disassociate, release.
import { ToolbarGroup } from "@patternfly/react-core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router-dom";

import { useAsOf } from "../../api/as-of";
import { useList } from "../../api/resources";
import type { FloatingIp } from "../../api/types";
import { useProjectName } from "../../resource/names";
import { useScope } from "../../resource/scope";
import { useActions } from "../../ui/actions";
import { DataTable, type Chosen, type Selection } from "../../ui/data-table";
import { addressOf, AllocateButton, ManyButtons, useFloatingIpActions } from "./actions";
import { useColumns } from "./columns";
import { useFilters } from "./filters";
import { EndsSoonNote } from "./life/lease";
import { SectionFrame } from "./life/sections";
import { useNames } from "./names";

const idOf = (fip: FloatingIp) => fip.id;

function useSelection(): Selection<FloatingIp> {
  const { t } = useTranslation("floatingips");
  const [chosen, set] = useState<Chosen>(new Set());
  const label = useCallback((fip: FloatingIp) => t("choose", { address: fip.floating_ip_address }), [t]);
  return { chosen, set, label };
}

export function FloatingIpList() {
  const { t } = useTranslation("floatingips");
  const scope = useScope();
  const list = useList("floatingip", scope.params);
  const names = useNames();
  const projectName = useProjectName();
  const columns = useColumns(names, scope.all ? projectName : undefined);
  const { menu, dialog } = useActions(useFloatingIpActions(), addressOf);
  const selection = useSelection();
  const past = useAsOf() !== null;
  const [query] = useSearchParams();
  const { rows, toolbar } = useFilters(list.data?.rows, names, query.get("state"));
  const chosen = useMemo(() => rows?.filter(({ id }) => selection.chosen.has(id)) ?? [], [rows, selection.chosen]);
  const empty = list.data?.rows.length
    ? { title: t("common:table.noMatch") }
    : { title: t("empty.title"), body: t("empty.body"), action: <AllocateButton /> };
  return (
    <SectionFrame at="list" title={t("title")} actions={<AllocateButton />}>
      <EndsSoonNote fips={list.data?.rows} />
      <DataTable
        label={t("title")}
        columns={columns}
        rows={rows}
        more={list.data?.more ?? false}
        rowKey={idOf}
        sortedBy="address"
        error={list.error}
        retry={() => void list.refetch()}
        actions={menu}
        {...(!past && { selection })}
        toolbar={
          <>
            {toolbar}
            {scope.toolbar}
            {chosen.length > 0 && !past && (
              <ToolbarGroup rowWrap={{ default: "wrap" }}>
                <ManyButtons fips={chosen} />
              </ToolbarGroup>
            )}
          </>
        }
        empty={empty}
      />
      {dialog}
    </SectionFrame>
  );
}
