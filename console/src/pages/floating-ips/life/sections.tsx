// What there is about floating IPs besides the list itself: pages beside each other, as far as the server offers them.
import "@patternfly/react-styles/css/components/Tabs/tabs.css";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { useOffered, type Extension } from "../../../api/extensions";
import { Frame, type FrameProps } from "../../../ui/page";

const sections: readonly { key: string; path: string; needs?: Extension }[] = [
  { key: "list", path: "/floating-ips" },
  { key: "resting", path: "/floating-ips/resting", needs: "buoy-quarantine" },
  { key: "transfers", path: "/floating-ips/transfers", needs: "buoy-transfer" },
  { key: "unused", path: "/floating-ips/unused", needs: "buoy-leases" },
];

// They look like PatternFly's tabs, but are links: each leads to a page.
function SectionLinks({ at }: { at: string }) {
  const { t } = useTranslation("life");
  const offered = useOffered();
  const shown = sections.filter(({ needs }) => !needs || offered(needs));
  if (shown.length < 2) return null;
  return (
    <nav aria-label={t("section.label")} className="pf-v6-c-tabs buoy-section">
      <ul className="pf-v6-c-tabs__list">
        {shown.map(({ key, path }) => (
          <li key={key} className={`pf-v6-c-tabs__item ${key === at ? "pf-m-current" : ""}`}>
            <Link to={path} className="pf-v6-c-tabs__link" {...(key === at && { "aria-current": "page" as const })}>
              <span className="pf-v6-c-tabs__item-text">{t(`section.${key}`)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

// `at`: which of them the page is.
export function SectionFrame({ at, children, ...frame }: FrameProps & { at: string }) {
  return (
    <Frame {...frame}>
      <SectionLinks at={at} />
      {children}
    </Frame>
  );
}
