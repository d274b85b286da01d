// The menu, drawn from its table.
import { Nav, NavExpandable, NavGroup, NavItem, PageSidebar, PageSidebarBody } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router-dom";

import { useOffered, type Extension } from "../api/extensions";
import { useSession } from "../api/session";
import { menu, type MenuItem } from "./menu";

const isAt = (item: MenuItem, path: string): boolean =>
  (item.path !== undefined && (path === item.path || path.startsWith(`${item.path}/`))) ||
  (item.children ?? []).some((child) => isAt(child, path));

// Of a page that only some servers have.
function OfferedEntry({ alias, ...entry }: { item: MenuItem; path: string; alias: Extension }) {
  return useOffered()(alias) ? <PlainEntry {...entry} /> : null;
}

function Entry({ item, path }: { item: MenuItem; path: string }) {
  if (item.extension) return <OfferedEntry item={item} path={path} alias={item.extension} />;
  return <PlainEntry item={item} path={path} />;
}

function PlainEntry({ item, path }: { item: MenuItem; path: string }) {
  const { t } = useTranslation();
  const text = t(`menu.${item.text}`);
  const active = isAt(item, path);
  if (item.children)
    return (
      <NavExpandable title={text} isActive={active} isExpanded>
        {item.children.map((child) => (
          <Entry key={child.text} item={child} path={path} />
        ))}
      </NavExpandable>
    );
  return (
    <NavItem itemId={item.path ?? item.text} isActive={active}>
      <NavLink to={item.path ?? "/"}>{text}</NavLink>
    </NavItem>
  );
}

export function Sidebar() {
  const { t } = useTranslation();
  const { admin } = useSession();
  const { pathname } = useLocation();
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={t("menu.label")}>
          {menu
            .filter((group) => admin || !group.admin)
            .map((group) => (
              <NavGroup key={group.text} title={t(`menu.${group.text}`)}>
                {(group.children ?? []).map((item) => (
                  <Entry key={item.text} item={item} path={pathname} />
                ))}
              </NavGroup>
            ))}
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
