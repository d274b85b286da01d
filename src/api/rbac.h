/* Who else than its owner sees and uses an object: RBAC policies, as Neutron has them.
 *
 * A policy grants one action on one object to one project, or to all ("*"). The attributes `shared` (stored:
 * "is there a policy for all?") and `router:external` ("is there any policy of access_as_external?") follow
 * from the policies and the other way round, in the same transaction. Grants are found by object and target
 * in one look-up, whatever their number. Reads are pure; writes run inside a transaction. */
#pragma once
#include "api/api.h"

#define RBAC_SHARED   "access_as_shared"
#define RBAC_EXTERNAL "access_as_external"
#define RBAC_ALL      "*"

/* Whether a policy lets the project see the object, by whichever action. project_id NULL: nobody's. */
bool rbac_sees(const struct snap *s, const struct uuid *object_id, const char *project_id);
/* Whether one of access_as_shared does: it may use the object as if it were its own. */
bool rbac_shares(const struct snap *s, const struct uuid *object_id, const char *project_id);
/* The value of "shared" as a caller is shown it. */
void rbac_show_shared(const struct call *c, const struct row *row, struct buf *out);
/* The name of a kind in policies; NULL when it can not be shared. */
const char *rbac_type(enum kind kind);

/* For hooks of what can be shared: makes and takes away the policies for all that follow from "shared" and
 * "router:external". `old` is NULL at a creation. Whether taking away is in somebody's way is asked before,
 * by rbac_in_use. */
int rbac_follow(struct verb *v, const void *old, const void *draft, struct err *err);
/* Whether somebody uses the object only because it is shared with all. */
bool rbac_in_use(const struct snap *s, const struct row *object);
/* 409 RbacPolicyInUse. */
int rbac_is_in_use(const struct uuid *object_id, const char *details, struct err *err);
/* The object goes: its policies go along. */
int rbac_forget(struct verb *v, const struct uuid *object_id, struct err *err);
/* At the start: writes the policies of objects that were stored as shared or external before there were
 * policies.
 */
int rbac_complete(struct ledger *ledger, struct err *err);
