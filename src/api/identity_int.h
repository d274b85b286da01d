/* What the files of identity share: tokens, access, passwords, throttling, the external Keystone.
 *
 *   credentials -> (throttle, password job) -> login -> token sealed -> client
 *   X-Auth-Token -> token opened -> access (user, scope, roles, looked up in the snapshot) -> caller
 *
 * A token says who and where, never what for: roles, revocations, disabled users are looked up at each use,
 * so that taking something away works at once. Nothing outside identity*.c includes this but the tests. */
#pragma once
#include "api/identity.h"

#include <sodium.h>
#include <stdatomic.h>

#define TOKEN_KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES

struct passwords;
struct keystone;

struct identity {
	struct api *api;
	uint8_t token_key[TOKEN_KEY_BYTES];
	struct passwords *passwords;
	struct keystone *keystone; /* NULL: identity is built in */
	atomic_uint logins;        /* through the console, that wait for Keystone's answer */
};

/* --- identity_token.c: tokens as text --- */

enum token_method { METHOD_PASSWORD = 1, METHOD_TOKEN = 2, METHOD_APPCRED = 4 };
enum token_scope { SCOPE_NONE, SCOPE_PROJECT, SCOPE_DOMAIN };

struct token {
	uint8_t methods; /* mask of token_method */
	uint8_t scope;   /* enum token_scope */
	struct uuid user_id, scope_id, appcred_id, audit_id;
	int64_t issued_us, expires_us;
	int64_t generation; /* the user's tokens_after when it was issued: another value voids it */
};

#define TOKEN_TEXT  181 /* bytes with the NUL */
#define AUDIT_TEXT  23
#define MICROS_TEXT 32

/* Seals with a random nonce. */
void token_seal(const uint8_t key[TOKEN_KEY_BYTES], const struct token *token, char out[TOKEN_TEXT]);
/* -EACCES for anything that token_seal did not write with this key. Says nothing about its being valid still.
 */
int token_open(const uint8_t key[TOKEN_KEY_BYTES], const char *text, struct token *ret);
/* The audit id as Keystone spells it. */
char *token_audit(const struct token *token, char out[AUDIT_TEXT]);
/* "2026-11-22T04:17:39.000000Z" */
char *micros_print(int64_t us, char out[MICROS_TEXT]);

/* --- identity_access.c: what a token or a user may do, from one snapshot --- */

struct role_set {
	const struct role **list; /* borrowed from the snapshot */
	size_t count;
};

/* All pointers are borrowed from the snapshot. */
struct access {
	struct token token;
	const struct user *user;
	const struct domain *user_domain;
	const struct project *project; /* NULL: not scoped to one */
	const struct domain *domain;   /* of the project, or the scope itself; NULL: unscoped */
	const struct appcred *appcred;
	struct role_set roles;
	bool admin, member;
};

/* Everything that makes a token good now: time, revocation, user, scope, roles. -EACCES (401) otherwise. */
int access_load(const struct snap *s, void *region, const struct token *token, int64_t now_us,
		struct access *ret, struct err *err);
/* Opens the text and loads it. */
int access_open(const struct identity *id, const struct snap *s, void *region, const char *text,
		struct access *ret, struct err *err);
/* Roles of a user on a project or a domain (enum token_scope), with the implied ones. */
struct role_set roles_on(const struct snap *s, void *region, const struct uuid *user_id,
			 enum token_scope scope, const struct uuid *scope_id);
bool roles_have(const struct role_set *set, const char *name);
/* Adds what the roles of a set imply: admin implies member implies reader. */
void roles_imply(const struct snap *s, void *region, struct role_set *set);
void roles_add(void *region, struct role_set *set, const struct role *role);
/* One of the three that the policy goes by; they can be neither renamed nor deleted. */
bool role_is_builtin(const struct role *role);
const struct role *role_by_name(const struct snap *s, const char *name);
/* 409 unless somebody can still log in as an administrator: asked at the end of what could take that away. */
int identity_keep_admin(const struct snap *s, struct err *err);
const struct domain *domain_by_name(const struct snap *s, const char *name);
const struct project *project_by_name(const struct snap *s, const struct uuid *domain_id, const char *name);
const struct user *user_by_name(const struct snap *s, const struct uuid *domain_id, const char *name);
/* {"id": ..., "name": ...} and so on, as they stand inside tokens and assignments. */
void print_ref(struct buf *b, const struct uuid *id, const char *name, const struct domain *domain);

/* --- identity_password.c: hashes --- */

/* Argon2id; a verification takes about 50 ms and PASSWORD_MEMORY bytes, so both run on jobs only. */
#define PASSWORD_MEMORY (32U * 1024 * 1024)
#define PASSWORD_MAX    1024

int passwords_new(struct passwords **ret, struct err *err);
void passwords_free(struct passwords *p);
/* The text for password_hash, in the region; NULL when memory is out. */
const char *password_hash(void *region, const char *password);
/* `hash` NULL (nobody, or no password): takes as long and is false. */
bool password_verify(const struct passwords *p, const char *hash, const char *password);
/* Whether this password was verified within the last minute, so that a client that logs in for each command
 * does not cost a hash each time. A changed hash forgets it. */
bool password_recent(struct passwords *p, const struct uuid *user_id, const char *hash, const char *password);
void password_remember(struct passwords *p, const struct uuid *user_id, const char *hash,
		       const char *password);
/* A secret that we made ourselves is 256 random bits: a fast salted hash serves. */
#define SECRET_TEXT 44
void secret_make(char out[SECRET_TEXT]);
const char *secret_hash(void *region, const char *secret);
/* True for hashes by secret_hash. */
bool secret_is_fast(const char *hash);
bool secret_verify(const char *hash, const char *secret);

/* --- failed attempts: a bounded table --- */

/* Seconds to wait before `who` may try again from `peer`; 0: now. */
int throttle_wait(struct passwords *p, const char *who, const char *peer, int64_t now_us);
void throttle_note(struct passwords *p, const char *who, const char *peer, bool ok, int64_t now_us);
/* Hashes that a user has cost by what it may do: so many at once, then one a second. Seconds until the next.
 */
int hashes_wait(struct passwords *p, const char *user, int64_t now_us);
void hashes_note(struct passwords *p, const char *user, int64_t now_us);

/* --- identity_keystone.c: an existing Keystone --- */

int keystone_new(struct api *api, struct keystone **ret, struct err *err);
void keystone_free(struct keystone *k);
int keystone_authenticate(struct keystone *k, struct call *c, const char *token, struct err *err);
/* identity_recheck. */
int keystone_recheck(struct keystone *k, const char *token, struct token_state *ret);

/* --- small things that the route functions share --- */

/* 401 in Keystone's words: says nothing about what was wrong. */
int unauthorized(struct err *err);
int forbidden(struct err *err, const char *action);
int bad_request(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The access of the caller of a call. */
const struct access *call_access(const struct call *c);
/* Administrators, and the user itself. */
int require_self(const struct call *c, const struct uuid *user_id, const char *action, struct err *err);
/* Row of a hex id from the path: 404 otherwise. */
int row_by_id(const struct snap *s, enum kind kind, const char *id, const void **ret, struct err *err);
/* The object under `name` in the body. */
int body_object(struct call *c, const char *name, json_t **ret, struct err *err);
/* What comes after the elements of a list. */
void list_begin(struct call *c, const char *name, bool *first);
void list_next(struct call *c, bool *first);
void list_end(struct call *c);
/* "<public_url>/identity/v3<path>" in the region. */
const char *identity_url(const struct call *c, const char *path);
/* One row as the identity API shows it, with its links. */
void identity_print(const struct call *c, const struct row *row, struct buf *b);
/* Whether a row passes the filters of the query. */
bool identity_filter(const struct call *c, const struct row *row);

/* A secret that is being checked, and maybe a new one hashed, on a job. c->state points to it, so it comes
 * first in what a route function keeps there. */
struct check {
	const char *who;    /* for the throttle */
	const char *payer;  /* the user whose hashes are counted; NULL: nobody's */
	struct uuid id;     /* of the user or credential that `hash` belongs to */
	const char *hash;   /* NULL: nobody */
	const char *secret; /* NULL: nothing to check */
	const char *wanted; /* to be hashed; NULL: nothing */
	bool good;
	const char *hashed;
	int (*next)(struct call *c, struct err *err);
};
/* Runs the check on a job, throttled; then next(c). 401, 429 or 503 otherwise. A wrong secret is 401. */
int check_run(struct call *c, struct check *check, struct err *err);

/* --- route functions --- */

int route_versions(struct call *c, struct err *err);
int route_version(struct call *c, struct err *err);
int route_login(struct call *c, struct err *err);
int route_token_get(struct call *c, struct err *err);
int route_token_delete(struct call *c, struct err *err);
int route_auth_catalog(struct call *c, struct err *err);
int route_auth_projects(struct call *c, struct err *err);
int route_auth_domains(struct call *c, struct err *err);
int route_auth_system(struct call *c, struct err *err);
int route_services(struct call *c, struct err *err);
int route_service(struct call *c, struct err *err);
int route_endpoints(struct call *c, struct err *err);
int route_endpoint(struct call *c, struct err *err);
int route_regions(struct call *c, struct err *err);
int route_region(struct call *c, struct err *err);
int route_groups(struct call *c, struct err *err);
int route_list(struct call *c, struct err *err);
int route_show(struct call *c, struct err *err);
int route_create(struct call *c, struct err *err);
int route_update(struct call *c, struct err *err);
int route_delete(struct call *c, struct err *err);
int route_user_projects(struct call *c, struct err *err);
int route_user_groups(struct call *c, struct err *err);
int route_user_password(struct call *c, struct err *err);
int route_grants(struct call *c, struct err *err);
int route_grant_check(struct call *c, struct err *err);
int route_grant_put(struct call *c, struct err *err);
int route_grant_delete(struct call *c, struct err *err);
int route_assignments(struct call *c, struct err *err);
int route_appcred_list(struct call *c, struct err *err);
int route_appcred_show(struct call *c, struct err *err);
int route_appcred_create(struct call *c, struct err *err);
int route_appcred_delete(struct call *c, struct err *err);

/* What a log-in ends with, once everything was right: `access` is what the new token, not sealed yet, allows.
 */
typedef int (*login_reply)(struct call *c, const struct access *access, struct err *err);
/* Logs in as POST /v3/auth/tokens does, throttled and taking as long for whoever is not there. `spec`:
 * {"user": {"name", "domain": {"name"}, "password"}}; `scope`: as in auth.scope, NULL: the user's default.
 * Both live as long as the call. */
int login_by_password(struct call *c, const json_t *spec, const json_t *scope, login_reply reply,
		      struct err *err);
/* The projects that a user has a role on, `usable` of them: the enabled ones. In the region. */
const struct project **projects_of(const struct snap *s, void *region, const struct user *user, bool usable,
				   size_t *ret_count);
/* A write for call_write (arg: a struct token): the token and all that share its audit id are worth nothing
 * any more. */
int token_revoke(struct verb *v, void *arg, struct err *err);
/* The token's body and its header; `text` is the token. */
void reply_token(struct call *c, const struct access *access, const char *text, int status);
/* The catalogue as a JSON array. */
void print_catalog(const struct call *c, struct buf *b);
