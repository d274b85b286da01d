// What surrounds every page.
import { Bullseye, EmptyState, EmptyStateBody, Page, SkipToContent, Spinner } from "@patternfly/react-core";
import { Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router-dom";

import { LiveProvider } from "../api/live";
import { useSession } from "../api/session";
import { Boundary } from "../ui/boundary";
import { NoticeProvider } from "../ui/notices";
import { Masthead } from "./masthead";
import { Sidebar } from "./sidebar";

const mainId = "main";

// A new page begins at its heading for those who hear it.
function useFocusOnPage(pathname: string): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else document.getElementById("page-title")?.focus();
  }, [pathname]);
}

export function Waiting() {
  const { t } = useTranslation();
  return (
    <Bullseye>
      <Spinner aria-label={t("loading")} />
    </Bullseye>
  );
}

export function Layout() {
  const { t } = useTranslation();
  const { project } = useSession();
  const { pathname } = useLocation();
  useFocusOnPage(pathname);
  return (
    <LiveProvider>
      <NoticeProvider>
        <Page
          masthead={<Masthead />}
          sidebar={<Sidebar />}
          isManagedSidebar
          mainContainerId={mainId}
          mainAriaLabel={t("shell.main")}
          skipToContent={<SkipToContent href={`#${mainId}`}>{t("shell.skip")}</SkipToContent>}
        >
          {project ? (
            // Another project, another page: nothing of what was chosen or asked in the last one stays.
            <Boundary key={project.id} at={pathname}>
              <Suspense fallback={<Waiting />}>
                <Outlet />
              </Suspense>
            </Boundary>
          ) : (
            <EmptyState titleText={t("shell.noProject")} headingLevel="h1">
              <EmptyStateBody>{t("shell.noProjectHelp")}</EmptyStateBody>
            </EmptyState>
          )}
        </Page>
      </NoticeProvider>
    </LiveProvider>
  );
}
