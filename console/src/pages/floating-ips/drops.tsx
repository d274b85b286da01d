// Packets of a floating IP that were dropped, by the reasons that the data path names, and what each means.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { Facts } from "../../resource/page";
import { Section } from "../../resource/table";

const known = ["rate_in", "rate_out", "ttl", "too_big", "malformed"] as const;
type Reason = (typeof known)[number];
const isKnown = (reason: string): reason is Reason => (known as readonly string[]).includes(reason);

// A newer server may know more reasons: they go by the word that it has for them.
export function useReasonName(): (reason: string) => string {
  const { t } = useTranslation("floatingips");
  return (reason) => (isKnown(reason) ? t(`drop.name.${reason}`) : reason);
}

export function Drops({ dropped }: { dropped: Readonly<Record<string, number>> }) {
  const { t, i18n } = useTranslation("floatingips");
  const nameOf = useReasonName();
  const happened = Object.entries(dropped).filter(([, count]) => count > 0);
  if (happened.length === 0) return null; // which is no promise: not every data path counts them
  return (
    <Section title={t("drop.title")}>
      <Facts
        facts={happened.map(([reason, count]) => ({
          label: nameOf(reason),
          value: (
            <>
              {t("drop.count", { count, packets: new Intl.NumberFormat(i18n.language).format(count) })}
              {isKnown(reason) && <p className="buoy-fine">{t(`drop.why.${reason}`)}</p>}
            </>
          ),
        }))}
      />
      <Link to="?part=explain">{t("parts.explain")}</Link>
    </Section>
  );
}
