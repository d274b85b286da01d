/* Address scopes: what subnet pools belong to, so that their networks are routed as they are among each
 * other. Hooks of the generic verbs. What a scope does to packets is the planner's (plan_scope.c). */
#include "api/net.h"
#include "api/rbac.h"

#include <inttypes.h>

static int scope_create(struct verb *v, void *draft, struct err *err)
{
	const struct address_scope *scope = draft;

	if (scope->ip_version != 4 && scope->ip_version != 6)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for ip_version. Reason: '%" PRId64 "' is not in [4, 6].",
			       scope->ip_version);
	return rbac_follow(v, NULL, draft, err);
}

static int scope_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct address_scope *was = old, *is = draft;
	char id[UUID_TEXT];

	if (was->shared && !is->shared)
		return err_api(err, 400, "AddressScopeUpdateError",
			       "Unable to update address scope %s : Shared address scope can't be unshared.",
			       uuid_print(&was->row.id, id));
	return rbac_follow(v, old, draft, err);
}

static int scope_remove(struct verb *v, const void *row, struct err *err)
{
	const struct uuid *id = &((const struct row *)row)->id;
	char text[UUID_TEXT];

	if (snap_find(net_snap(v), IX_SUBNETPOOL_SCOPE, id))
		return err_api(err, 409, "AddressScopeInUse",
			       "Unable to complete operation on address scope %s. There are one or more "
			       "subnet pools in "
			       "use on the address scope.",
			       uuid_print(id, text));
	return rbac_forget(v, id, err);
}

static bool scope_visible(const struct snap *s, const struct caller *who, const struct row *row)
{
	const struct address_scope *scope = (const struct address_scope *)row;

	return scope->shared || net_owns(who, scope->project_id) ||
	       rbac_sees(s, &row->id, who->actor.project_id);
}

/* The only one that is shown otherwise than it is stored: "shared". */
static void scope_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	rbac_show_shared(arg, row, out);
}

const struct resource address_scope_resource = {
	.kind = KIND_ADDRESS_SCOPE,
	.visible = scope_visible,
	.create = scope_create,
	.update = scope_update,
	.remove = scope_remove,
	.show = scope_show,
};
