/* Identity: who a token belongs to, and the first administrator.
 * Either built in (Identity v3 over the schema's rows, tokens sealed by libsodium), or an existing Keystone
 * that tokens are validated at. identity.c and its routes; used by api.c. */
#pragma once
#include "api/api.h"

/* Reads or makes the token key (a row of KIND_SECRET). */
int identity_new(struct api *api, struct identity **ret, struct err *err);
void identity_free(struct identity *id);

/* Fills c->caller from X-Auth-Token, or from the console's cookie where that counts (console.h). 401 when it
 * is missing, wrong, expired or revoked. CALL_WAIT while an external Keystone is asked. Roles are looked up
 * at each use, so that taking one away works at once. */
int identity_authenticate(struct call *c, struct err *err);

/* What a token allows now, for what outlives its request. 0; -EACCES when it is worth nothing (any more);
 * -EAGAIN while Keystone is asked, or does not answer: ask again. Does not block. Any thread. */
struct token_state {
	bool admin;
	int64_t expires_us; /* wall clock */
};
int identity_recheck(struct identity *id, const struct snap *s, const char *token, struct token_state *ret);

/* Whether the project that a new object is to belong to is there: it may have been deleted since the request
 * was authenticated, and its objects would belong to nobody. 401 for the caller's own, else 404. An existing
 * Keystone keeps its projects to itself: 0. Writer's thread. */
int identity_check_owner(const struct verb *v, const char *project_id, struct err *err);

/* What `buoyd bootstrap` does, in one transaction: domain default, roles admin, member and reader, project,
 * user with that role. -EEXIST when there is a user already. `password` NULL: makes one. *ret_password is
 * talloc'd. */
struct bootstrap {
	const char *user, *project, *password;
};
int identity_bootstrap(struct ledger *ledger, void *region, const struct bootstrap *b,
		       const char **ret_password, struct err *err);
