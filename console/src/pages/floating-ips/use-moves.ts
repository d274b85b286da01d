// Where several floating IPs are to lead: what can be chosen for each, what has been, whom the server refused.
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp } from "../../api/types";
import type { Option } from "../../ui/form-dialog";
import { clashOf, goalFrom, isMove, keyOf, putMoves, type Move } from "./change-set";
import { FipError, goalOf } from "./changes";
import { useGround, type Surroundings } from "./ground";
import { placeText, usePlace } from "./move-table";
import { findTargets, isReachable } from "./reach";
import { inOrder } from "./target-list";

const presentKey = (fip: FloatingIp) => keyOf(goalOf(fip));

// What the floating IPs of each pool can lead to once all of them let go of what they have.
function useOptions(around: Surroundings, fips: readonly FloatingIp[]): (fip: FloatingIp) => readonly Option[] {
  const { t } = useTranslation("floatingips");
  const place = usePlace();
  const { ground, nameOf } = around;
  return useMemo(() => {
    const ids = fips.map(({ id }) => id);
    const ofPool = (pool: string): Option[] => {
      const targets = ground ? findTargets(ground, pool, ids).filter(isReachable) : [];
      const choice = ({ key, port, address }: (typeof targets)[number]) => ({
        value: key,
        label: placeText(nameOf(port), address),
      });
      return [{ value: "", label: t("move.none") }, ...inOrder(targets, nameOf).map(choice)];
    };
    const pools = new Set(fips.map(({ floating_network_id }) => floating_network_id));
    const byPool = new Map([...pools].map((pool) => [pool, ofPool(pool)]));
    // Where it leads now is a choice, though the caller may not see what is there.
    const ofFip = (fip: FloatingIp) => {
      const options = byPool.get(fip.floating_network_id) ?? [];
      const present = presentKey(fip);
      const known = options.some(({ value }) => value === present);
      return known ? options : [...options, { value: present, label: place(fip) }];
    };
    const byFip = new Map(fips.map((fip) => [fip.id, ofFip(fip)]));
    return ({ id }) => byFip.get(id) ?? [];
  }, [ground, nameOf, fips, place, t]);
}

// The floating IPs as they are now: after a refusal they are read anew.
function useFresh(given: readonly FloatingIp[], { ground }: Surroundings): readonly FloatingIp[] {
  return useMemo(() => {
    const now = new Map(ground?.floatingIps.map((fip) => [fip.id, fip]));
    return given.map((fip) => now.get(fip.id) ?? fip);
  }, [given, ground]);
}

// `given`: floating IPs of one project.
export function useMoves(given: readonly FloatingIp[]) {
  const { t } = useTranslation("floatingips");
  const around = useGround(given[0]?.project_id ?? "");
  const fips = useFresh(given, around);
  const optionsOf = useOptions(around, fips);
  const [wanted, setWanted] = useState<Readonly<Record<string, string>>>({});
  const [refused, setRefused] = useState<FipError | null>(null);
  const all = fips.map((fip): Move => ({ fip, goal: goalFrom(wanted[fip.id] ?? presentKey(fip)) }));
  const changes = all.filter(isMove);
  const choose = useCallback((id: string, key: string) => {
    setWanted((was) => ({ ...was, [id]: key }));
    setRefused(null);
  }, []);
  return {
    around,
    all,
    changes,
    optionsOf,
    choose,
    blocked: changes.length === 0 || all.some((move) => clashOf(all, move)),
    // What is wrong with one of them.
    problemOf: (move: Move): string | undefined => {
      if (refused?.fip.id === move.fip.id) return refused.reason;
      const other = clashOf(all, move);
      return other && t("move.clash", { address: other.floating_ip_address });
    },
    send: async () => {
      setRefused(null);
      try {
        await putMoves(changes);
      } catch (error) {
        if (error instanceof FipError) setRefused(error);
        throw error;
      }
    },
  };
}
export type Moves = ReturnType<typeof useMoves>;
