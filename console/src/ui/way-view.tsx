// The ways of one floating IP or instance: from outside, to outside, from another instance. Which one is chosen here.
import { FormSelect, FormSelectOption, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp } from "../api/types";
import { instanceName, type Cloud } from "../way/cloud";
import type { Way } from "../way/walk";
import { wayBetween, wayIn, wayOut, type End } from "../way/way";
import { WayList } from "./way-list";

type Direction = "in" | "out" | "between";

export interface WayViewProps {
  cloud: Cloud;
  floatingIp?: FloatingIp | undefined; // of an instance without one only the way out is there
  end?: End | undefined; // where the instance is; undefined: not associated, or not to be seen
  peers?: readonly End[]; // other instances whose packets can be followed
  onWay?: (way: Way | null) => void; // what is shown; keep it stable
}

function directionsOf({ floatingIp, end, peers }: WayViewProps): Direction[] {
  const out: Direction[] = floatingIp ? ["in"] : [];
  if (end) out.push("out");
  if (floatingIp && peers && peers.length > 0) out.push("between");
  return out;
}

const endKey = ({ port, fixed }: End) => `${port.id} ${fixed}`;

export function WayView(props: WayViewProps) {
  const { cloud, floatingIp, end, peers, onWay } = props;
  const { t } = useTranslation("way");
  const [wanted, setWanted] = useState<Direction>("in");
  const [peerKey, setPeerKey] = useState("");
  const directions = directionsOf(props);
  const direction = directions.includes(wanted) ? wanted : directions[0];
  const peer = peers?.find((one) => endKey(one) === peerKey) ?? peers?.[0];

  const way = useMemo(() => {
    if (direction === "in" && floatingIp) return wayIn(cloud, floatingIp);
    if (direction === "out" && end) return wayOut(cloud, end);
    return direction === "between" && floatingIp && peer ? wayBetween(cloud, peer, floatingIp) : null;
  }, [cloud, direction, floatingIp, end, peer]);
  useEffect(() => {
    onWay?.(way);
    return () => onWay?.(null);
  }, [way, onWay]);

  return (
    <>
      {directions.length > 1 && (
        <ToggleGroup aria-label={t("direction.label")} isCompact>
          {directions.map((key) => (
            <ToggleGroupItem
              key={key}
              text={t(`direction.${key}`)}
              isSelected={key === direction}
              onChange={() => setWanted(key)}
            />
          ))}
        </ToggleGroup>
      )}
      {direction === "between" && peer && (
        <FormSelect
          aria-label={t("from")}
          value={endKey(peer)}
          onChange={(_event, value) => setPeerKey(value)}
          className="buoy-way-peer"
        >
          {(peers ?? []).map((one) => (
            <FormSelectOption
              key={endKey(one)}
              value={endKey(one)}
              label={`${instanceName(cloud, one.port)} (${one.fixed})`}
            />
          ))}
        </FormSelect>
      )}
      {way && <WayList way={way} />}
    </>
  );
}
