// The picture in a room that scrolls, with what enlarges it, moves it and saves it.
import { Button, Flex } from "@patternfly/react-core";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import ExpandIcon from "@patternfly/react-icons/dist/esm/icons/expand-icon";
import SearchMinusIcon from "@patternfly/react-icons/dist/esm/icons/search-minus-icon";
import SearchPlusIcon from "@patternfly/react-icons/dist/esm/icons/search-plus-icon";
import { useEffect, useMemo, useRef, type PointerEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { save, standAlone } from "./export";
import type { Graph, NodeKind, Path } from "./graph";
import { layOut } from "./layout";
import { nodeAt, Picture } from "./picture";
import { kindIcons, statusIcons } from "./shapes";
import { useScale } from "./use-scale";

export interface CanvasProps {
  graph: Graph;
  path: Path | null;
  chosen: string | null;
  onChoose: (key: string) => void;
  picture: RefObject<SVGSVGElement | null>;
}

// The room follows the hand. Fingers scroll by themselves.
function onPan(event: PointerEvent<HTMLElement>): void {
  const dragged = event.pointerType === "mouse" && event.buttons === 1;
  if (!dragged) return;
  event.currentTarget.scrollLeft -= event.movementX;
  event.currentTarget.scrollTop -= event.movementY;
}

const kinds: NodeKind[] = ["external", "router", "network", "instance"];
const statuses = ["ACTIVE", "DOWN", "ERROR"];

function Legend() {
  const { t } = useTranslation("topology");
  const marks = [
    ...kinds.map((kind) => ({ key: kind, Icon: kindIcons[kind], text: t(`kind.${kind}`), look: "" })),
    ...statuses.map((status) => ({
      key: status,
      Icon: statusIcons[status] ?? kindIcons.group,
      text: t(`common:status.${status}`),
      look: `buoy-node-${status}`,
    })),
  ];
  return (
    <ul aria-label={t("legend")} className="buoy-topology-legend buoy-fine">
      {marks.map(({ key, Icon, text, look }) => (
        <li key={key}>
          <span className={look} aria-hidden="true">
            <Icon />
          </span>{" "}
          {text}
        </li>
      ))}
    </ul>
  );
}

export function Canvas({ graph, path, chosen, onChoose, picture }: CanvasProps) {
  const { t } = useTranslation("topology");
  const room = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => layOut(graph), [graph]);
  const { scale, zoom, fit } = useScale(room, layout.width);
  // What is chosen, or has the focus, stays in sight when all around it moves.
  useEffect(() => {
    const focused = picture.current?.contains(document.activeElement) ? document.activeElement : null;
    const shown = focused ?? (chosen === null ? null : nodeAt(picture.current, chosen));
    shown?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [picture, chosen, layout, scale]);
  const exportPicture = () => {
    if (picture.current) save(standAlone(picture.current, layout.width, layout.height), "topology.svg");
  };
  const buttons = [
    { key: "in", Icon: SearchPlusIcon, onClick: () => zoom(1) },
    { key: "out", Icon: SearchMinusIcon, onClick: () => zoom(-1) },
    { key: "fit", Icon: ExpandIcon, onClick: fit },
    { key: "save", Icon: DownloadIcon, onClick: exportPicture },
  ] as const;
  return (
    <>
      <Flex justifyContent={{ default: "justifyContentSpaceBetween" }}>
        <Legend />
        <div role="group" aria-label={t("tools")}>
          {buttons.map(({ key, Icon, onClick }) => (
            <Button key={key} variant="plain" aria-label={t(`tool.${key}`)} icon={<Icon />} onClick={onClick} />
          ))}
        </div>
      </Flex>
      <div ref={room} className={`buoy-topology-scroll${path ? " buoy-has-path" : ""}`} onPointerMove={onPan}>
        <Picture
          graph={graph}
          layout={layout}
          path={path}
          chosen={chosen}
          scale={scale}
          onChoose={onChoose}
          picture={picture}
        />
      </div>
    </>
  );
}
