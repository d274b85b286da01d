// Who has which roles where: role assignments put together by user and project, and changed. Used by the pages of
// projects and of users.
import { queryString, request } from "../../api/client";
import { useGet } from "../../api/resources";
import type { Named, RoleAssignment } from "../../api/types";

export interface Grant {
  user: Named;
  project: Named;
  roles: Named[];
}

// The grants of one project, or of one user.
export type GrantsOf = { project: Named } | { user: Named };

export function groupGrants(assignments: readonly RoleAssignment[]): Grant[] {
  const grants = new Map<string, Grant>();
  for (const { user, role, scope } of assignments) {
    if (!scope.project) continue; // roles on a domain belong to no project
    const key = `${user.id} ${scope.project.id}`;
    const grant = grants.get(key) ?? { user, project: scope.project, roles: [] };
    grant.roles.push(role);
    grants.set(key, grant);
  }
  return [...grants.values()];
}

export function useAssignments(of: GrantsOf) {
  const filter = "project" in of ? { "scope.project.id": of.project.id } : { "user.id": of.user.id };
  const query = queryString({ ...filter, include_names: true });
  return useGet<{ role_assignments: RoleAssignment[] }>(`/identity/v3/role_assignments${query}`);
}

function grantPath(userId: string, projectId: string, roleId: string): string {
  return `/identity/v3/projects/${projectId}/users/${userId}/roles/${roleId}`;
}

// First what is new, so that nobody is without a role in between.
export async function changeRoles(
  userId: string,
  projectId: string,
  was: readonly string[],
  is: readonly string[],
): Promise<void> {
  for (const id of is) if (!was.includes(id)) await request("PUT", grantPath(userId, projectId, id));
  for (const id of was) if (!is.includes(id)) await request("DELETE", grantPath(userId, projectId, id));
}
