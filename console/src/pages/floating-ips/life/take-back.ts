// Taking back what was released, while its address rests.
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { queryString, request } from "../../../api/client";
import { updateOne } from "../../../api/resources";
import type { FloatingIp, RestingAddress } from "../../../api/types";
import { wordsOf } from "../../../ui/error-note";
import { useNotice } from "../../../ui/notices";
import { each, goalOf, toBody } from "../changes";
import { forwards } from "./forwards";

const path = "/v2.0/buoy/quarantine";

export async function takeBack(id: string): Promise<FloatingIp> {
  const { floatingip } = await request<{ floatingip: FloatingIp }>("POST", `${path}/${id}/take-back`);
  return floatingip;
}

const mostAsked = 50; // ids in one question: an address has its length

// Those of the released ones that can be taken back.
export async function findResting(fips: readonly FloatingIp[]): Promise<FloatingIp[]> {
  const found = new Set<string>();
  for (let at = 0; at < fips.length; at += mostAsked) {
    const id = fips.slice(at, at + mostAsked).map((fip) => fip.id);
    const answer = await request<{ resting_addresses: RestingAddress[] }>("GET", path + queryString({ id }));
    for (const row of answer.resting_addresses) if (row.rests_until !== null) found.add(row.id);
  }
  return fips.filter(({ id }) => found.has(id));
}

const isAhead = (time: string | null | undefined): time is string =>
  Boolean(time) && new Date(time ?? "").getTime() > Date.now();

// As it was: it leads again to where it led, and ends when it was to end.
async function restore(was: FloatingIp): Promise<void> {
  await takeBack(was.id);
  const goal = goalOf(was);
  const attributes = { ...(goal && toBody(goal)), ...(isAhead(was.expires_at) && { expires_at: was.expires_at }) };
  if (Object.keys(attributes).length > 0) await updateOne("floatingip", was.id, attributes);
}

// Undoes the release of these, and says how that went.
export function useUndoRelease(): (was: readonly FloatingIp[]) => Promise<void> {
  const { t } = useTranslation("life");
  const tell = useNotice();
  const client = useQueryClient();
  return async (was) => {
    const address = was.map(({ floating_ip_address }) => floating_ip_address).join(", ");
    try {
      await each(was, restore);
      if (was.some(forwards)) tell(t("undo.withoutForwardings", { address }), null, "warning");
      else tell(t("undo.done", { address }));
    } catch (error) {
      tell(t("undo.failed", { why: wordsOf(error, t("common:error.title")) }), null, "danger");
    }
    await client.invalidateQueries();
  };
}
