/* The routes of Identity v3, one row each.
 * Read by the frame's routes.c; the functions are in the other files of identity. */
#include "api/identity_int.h"

#define V3 "/identity/v3"
#define ID FAMILY_IDENTITY

/* The four resources that are alike; users and projects can be seen by those whom they concern. */
#define CRUD(plural, label, kind)                                                                            \
	{HTTP_GET, V3 "/" plural, route_list, ROUTE_ADMIN, ID, label, kind},                                 \
		{HTTP_POST, V3 "/" plural, route_create, ROUTE_ADMIN, ID, label, kind},                      \
		{HTTP_GET, V3 "/" plural "/{}", route_show, 0, ID, label, kind},                             \
		{HTTP_PATCH, V3 "/" plural "/{}", route_update, ROUTE_ADMIN, ID, label, kind},               \
	{                                                                                                    \
		HTTP_DELETE, V3 "/" plural "/{}", route_delete, ROUTE_ADMIN, ID, label, kind                 \
	}

#define GRANTS(plural, kind)                                                                                  \
	{HTTP_GET, V3 "/" plural "/{}/users/{}/roles", route_grants, ROUTE_ADMIN, ID, "grants", kind},        \
		{HTTP_GET,                                                                                    \
		 V3 "/" plural "/{}/users/{}/roles/{}",                                                       \
		 route_grant_check,                                                                           \
		 ROUTE_ADMIN,                                                                                 \
		 ID,                                                                                          \
		 "grants",                                                                                    \
		 kind},                                                                                       \
		{HTTP_PUT, V3 "/" plural "/{}/users/{}/roles/{}", route_grant_put, ROUTE_ADMIN, ID, "grants", \
		 kind},                                                                                       \
	{                                                                                                     \
		HTTP_DELETE, V3 "/" plural "/{}/users/{}/roles/{}", route_grant_delete, ROUTE_ADMIN, ID,      \
			"grants", kind                                                                        \
	}

const struct route identity_routes[] = {
	{HTTP_GET, "/identity", route_versions, ROUTE_OPEN, ID, "versions", KIND_NONE},
	{HTTP_GET, V3, route_version, ROUTE_OPEN, ID, "versions", KIND_NONE},
	{HTTP_POST, V3 "/auth/tokens", route_login, ROUTE_OPEN, ID, "tokens", KIND_NONE},
	{HTTP_GET, V3 "/auth/tokens", route_token_get, 0, ID, "tokens", KIND_NONE},
	{HTTP_DELETE, V3 "/auth/tokens", route_token_delete, 0, ID, "tokens", KIND_NONE},
	{HTTP_GET, V3 "/auth/catalog", route_auth_catalog, 0, ID, "catalog", KIND_NONE},
	{HTTP_GET, V3 "/auth/projects", route_auth_projects, 0, ID, "projects", KIND_NONE},
	{HTTP_GET, V3 "/auth/domains", route_auth_domains, 0, ID, "domains", KIND_NONE},
	{HTTP_GET, V3 "/auth/system", route_auth_system, 0, ID, "system", KIND_NONE},
	CRUD("domains", "domains", KIND_DOMAIN),
	CRUD("projects", "projects", KIND_PROJECT),
	CRUD("users", "users", KIND_USER),
	CRUD("roles", "roles", KIND_ROLE),
	{HTTP_GET, V3 "/users/{}/projects", route_user_projects, 0, ID, "projects", KIND_NONE},
	{HTTP_GET, V3 "/users/{}/groups", route_user_groups, ROUTE_ADMIN, ID, "groups", KIND_NONE},
	{HTTP_POST, V3 "/users/{}/password", route_user_password, 0, ID, "users", KIND_NONE},
	{HTTP_GET, V3 "/users/{}/application_credentials", route_appcred_list, 0, ID, "credentials",
	 KIND_NONE},
	{HTTP_POST, V3 "/users/{}/application_credentials", route_appcred_create, 0, ID, "credentials",
	 KIND_NONE},
	{HTTP_GET, V3 "/users/{}/application_credentials/{}", route_appcred_show, 0, ID, "credentials",
	 KIND_NONE},
	{HTTP_DELETE, V3 "/users/{}/application_credentials/{}", route_appcred_delete, 0, ID, "credentials",
	 KIND_NONE},
	GRANTS("projects", KIND_PROJECT),
	GRANTS("domains", KIND_DOMAIN),
	{HTTP_GET, V3 "/role_assignments", route_assignments, ROUTE_ADMIN, ID, "role_assignments", KIND_NONE},
	{HTTP_GET, V3 "/services", route_services, ROUTE_ADMIN, ID, "services", KIND_NONE},
	{HTTP_GET, V3 "/services/{}", route_service, ROUTE_ADMIN, ID, "services", KIND_NONE},
	{HTTP_GET, V3 "/endpoints", route_endpoints, ROUTE_ADMIN, ID, "endpoints", KIND_NONE},
	{HTTP_GET, V3 "/endpoints/{}", route_endpoint, ROUTE_ADMIN, ID, "endpoints", KIND_NONE},
	{HTTP_GET, V3 "/regions", route_regions, 0, ID, "regions", KIND_NONE},
	{HTTP_GET, V3 "/regions/{}", route_region, 0, ID, "regions", KIND_NONE},
	{HTTP_GET, V3 "/groups", route_groups, ROUTE_ADMIN, ID, "groups", KIND_NONE},
	{0},
};
