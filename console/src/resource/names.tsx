// How things are called where they stand in tables, pages and choices.
import { useMemo } from "react";
import { Link } from "react-router-dom";

import { useList } from "../api/resources";
import { useSession } from "../api/session";
import type { Option } from "../ui/form-dialog";

export interface Nameable {
  id: string;
  name: string;
}

// As Horizon has it: what has no name goes by the beginning of its id.
export function nameOf({ id, name }: Nameable): string {
  return name || `(${id.slice(0, 13)})`;
}

export function optionsOf(rows: readonly Nameable[] | undefined): Option[] {
  return (rows ?? []).map((row) => ({ value: row.id, label: nameOf(row) }));
}

export function NameLink({ to, row }: { to: string; row: Nameable }) {
  return <Link to={`${to}/${encodeURIComponent(row.id)}`}>{nameOf(row)}</Link>;
}

// The name that belongs to an id, for administrators; others see ids of strange projects as they are. Stable.
export function useProjectName(): (id: string) => string {
  const { admin, identity, projects } = useSession();
  const all = useList("project", {}, { enabled: admin && identity === "builtin" });
  const rows = all.data?.rows ?? projects;
  return useMemo(() => {
    const names = new Map(rows.map((project) => [project.id, project.name]));
    return (id: string) => names.get(id) ?? id;
  }, [rows]);
}
