// Whose things a list shows: the project's, or, for administrators who want it, everybody's.
import { Checkbox, ToolbarItem } from "@patternfly/react-core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Params } from "../api/client";
import { useProjectId, useSession } from "../api/session";

export interface Scope {
  all: boolean;
  projectId: string;
  params: Params; // for lists of the network API
  toolbar: ReactNode;
}

export function useScope(): Scope {
  const { t } = useTranslation("resource");
  const { admin } = useSession();
  const projectId = useProjectId();
  const [all, setAll] = useState(false);
  const wanted = admin && all;
  return {
    all: wanted,
    projectId,
    params: wanted ? {} : { project_id: projectId },
    toolbar: admin && (
      <ToolbarItem alignSelf="center">
        <Checkbox id="all-projects" label={t("all")} isChecked={all} onChange={(_event, on) => setAll(on)} />
      </ToolbarItem>
    ),
  };
}
