// Paths to pages. Each page is a chunk of its own, fetched when it is first looked at.
import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { lazy, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes } from "react-router-dom";

import { useSessionContext } from "./api/session";
import { Layout, Waiting } from "./shell/layout";
import { Login } from "./shell/login";
import { ErrorNote } from "./ui/error-note";

const Overview = lazy(() => import("./pages/overview"));
const loadFloatingIps = () => import("./pages/floating-ips");
const FloatingIps = lazy(loadFloatingIps);
const Routed = lazy(() => import("./pages/routes"));

// The page that most people come for is there before they click.
function usePrefetch(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => void loadFloatingIps().catch(() => undefined), prefetchMs);
    return () => clearTimeout(timer);
  }, [wanted]);
}
const prefetchMs = 500;

function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState titleText={t("notFound.title")} headingLevel="h1">
      <EmptyStateBody>{t("notFound.body")}</EmptyStateBody>
    </EmptyState>
  );
}

export function App() {
  const { session, problem, retry } = useSessionContext();
  usePrefetch(Boolean(session));
  if (problem) return <ErrorNote error={problem} retry={retry} />;
  if (session === undefined) return <Waiting />;
  if (session === null) return <Login />;
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<Navigate to="/overview" replace />} />
        <Route path="overview" element={<Overview />} />
        <Route path="floating-ips/*" element={<FloatingIps />} />
        <Route path="access-and-security/floating-ips/*" element={<FloatingIps />} />
        <Route path="*" element={<Routed notFound={<NotFound />} />} />
      </Route>
    </Routes>
  );
}
