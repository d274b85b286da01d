// Pages for administrators, and those that an external Keystone has instead of Buoy.
import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/session";
import { Frame } from "../ui/page";

export function AdminOnly({ title, builtin, children }: { title: string; builtin?: boolean; children: ReactNode }) {
  const { t } = useTranslation("resource");
  const { admin, identity } = useSession();
  const elsewhere = builtin && identity === "keystone";
  if (admin && !elsewhere) return children;
  return (
    <Frame title={title}>
      <EmptyState headingLevel="h2" titleText={elsewhere ? t("admin:keystone.title") : t("adminOnly.title")}>
        <EmptyStateBody>{elsewhere ? t("admin:keystone.body") : t("adminOnly.body")}</EmptyStateBody>
      </EmptyState>
    </Frame>
  );
}
