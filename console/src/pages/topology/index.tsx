// Topology: networks, routers, instances and floating IPs as one picture, and the way of a packet through it.
import "./topology.css";

import {
  Bullseye,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Spinner,
  ToggleGroup,
  ToggleGroupItem,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router-dom";

import { useScope, type Scope } from "../../resource/scope";
import { ErrorNote } from "../../ui/error-note";
import { Frame } from "../../ui/page";
import type { Cloud } from "../../way/cloud";
import type { Way } from "../../way/walk";
import { Aside, asideTitleId } from "./aside";
import { Canvas } from "./canvas";
import { Details, detailsOf } from "./details";
import { makeGraph, pathOf } from "./graph";
import { TopologyList } from "./list";
import { nodeAt } from "./picture";
import { useCloud } from "./use-cloud";

// Which groups of instances are open.
function useOpenGroups(): [ReadonlySet<string>, (key: string) => void] {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((key: string) => {
    setOpen((was) => (was.has(key) ? new Set([...was].filter((one) => one !== key)) : new Set([...was, key])));
  }, []);
  return [open, toggle];
}

// What the address bar says is chosen: a link can lead here, and going back goes back.
function useChosen(): [string | null, (key: string | null) => void] {
  const [params, setParams] = useSearchParams();
  const choose = useCallback((key: string | null) => setParams(key === null ? {} : { at: key }), [setParams]);
  return [params.get("at"), choose];
}

type View = "picture" | "list";

interface ShownProps {
  cloud: Cloud;
  more: boolean;
  scope: Scope;
  view: View;
}

function Shown({ cloud, more, scope, view }: ShownProps) {
  const [open, toggleGroup] = useOpenGroups();
  const [at, setAt] = useChosen();
  const [way, setWay] = useState<Way | null>(null);
  const picture = useRef<SVGSVGElement>(null);
  const main = useRef<HTMLDivElement>(null);
  const asked = useRef(false); // somebody chose, so that the focus goes along
  const graph = useMemo(
    () => makeGraph(cloud, scope.all ? null : scope.projectId, open),
    [cloud, scope.all, scope.projectId, open],
  );
  const path = useMemo(() => (way ? pathOf(graph, way) : null), [graph, way]);

  const onChoose = useCallback(
    (key: string) => {
      if (key.startsWith("group:")) return toggleGroup(key);
      asked.current = true;
      setAt(key);
    },
    [toggleGroup, setAt],
  );
  const onClose = () => {
    setAt(null);
    if (at !== null) nodeAt(main.current, at)?.focus();
  };
  useEffect(() => {
    if (asked.current) document.getElementById(asideTitleId)?.focus();
    asked.current = false;
  }, [at]);

  const chosen = at === null ? null : detailsOf(at, { cloud, onWay: setWay, onChoose });
  return (
    <Aside title={chosen?.title ?? null} aside={chosen && <Details chosen={chosen} />} onClose={onClose}>
      <div ref={main} className={view === "picture" ? "buoy-topology-stay" : undefined}>
        {view === "picture" ? (
          <Canvas graph={graph} path={path} chosen={at} onChoose={onChoose} picture={picture} />
        ) : (
          <TopologyList graph={graph} cloud={cloud} more={more} onChoose={onChoose} />
        )}
      </div>
    </Aside>
  );
}

function Nothing() {
  const { t } = useTranslation("topology");
  return (
    <EmptyState headingLevel="h2" titleText={t("empty.title")}>
      <EmptyStateBody>{t("empty.body")}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Link to="/networks">{t("common:menu.networks")}</Link>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

export default function Topology() {
  const { t } = useTranslation("topology");
  const scope = useScope();
  const [view, setView] = useState<View>("picture");
  const { cloud, more, error, retry } = useCloud(scope);
  return (
    <Frame title={t("title")} description={t("description")}>
      {error && <ErrorNote error={error} retry={retry} />}
      <Toolbar>
        <ToolbarContent>
          <ToolbarItem>
            <ToggleGroup aria-label={t("view.label")}>
              {(["picture", "list"] as const).map((key) => (
                <ToggleGroupItem
                  key={key}
                  text={t(`view.${key}`)}
                  isSelected={view === key}
                  onChange={() => setView(key)}
                />
              ))}
            </ToggleGroup>
          </ToolbarItem>
          {scope.toolbar}
        </ToolbarContent>
      </Toolbar>
      {more && view === "picture" && <p role="status">{t("notAll")}</p>}
      {cloud && cloud.networks.size === 0 && cloud.routers.size === 0 && <Nothing />}
      {cloud && cloud.networks.size + cloud.routers.size > 0 && (
        <Shown cloud={cloud} more={more} scope={scope} view={view} />
      )}
      {!cloud && !error && (
        <Bullseye>
          <Spinner aria-label={t("common:loading")} />
        </Bullseye>
      )}
    </Frame>
  );
}
