// How large the picture is drawn: to fit its room, until somebody zooms.
import { useCallback, useEffect, useState, type RefObject } from "react";

const least = 0.3;
const most = 2;
const step = 1.25;
const readable = 0.58; // fitting does not make it smaller than this: then it is scrolled

const between = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));

export interface Scale {
  scale: number;
  zoom: (by: 1 | -1) => void;
  fit: () => void;
}

// `width`: of the picture at scale 1.
export function useScale(room: RefObject<HTMLElement | null>, width: number): Scale {
  const [wanted, setWanted] = useState<number | null>(null);
  const [available, setAvailable] = useState(0);
  useEffect(() => {
    const box = room.current;
    if (!box || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => setAvailable(box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, [room]);
  const fitting = available > 0 && width > 0 ? between(readable, available / width, 1) : 1;
  const scale = wanted ?? fitting;
  const zoom = useCallback((by: 1 | -1) => setWanted(between(least, scale * step ** by, most)), [scale]);
  const fit = useCallback(() => setWanted(null), []);
  return { scale, zoom, fit };
}
