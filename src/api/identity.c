/* Identity's start, who a request comes from, and the small things that its route functions share.
 * Second step of every request, after its route was found; the routes are in identity_routes.c. */
#include "api/console.h"
#include "api/identity_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define KEY_NAME "token-key"
#define VARIANT  sodium_base64_VARIANT_ORIGINAL

/* --- the key --- */

static int write_key(struct txn *t, void *arg, struct err *err)
{
	uint8_t key[TOKEN_KEY_BYTES];
	char text[sodium_base64_ENCODED_LEN(TOKEN_KEY_BYTES, VARIANT)];
	struct secret *draft;

	if (snap_find(t->work, IX_SECRET_NAME, KEY_NAME))
		return 0;
	t->random(key, sizeof(key));
	draft = txn_new(t, KIND_SECRET);
	draft->name = KEY_NAME;
	draft->value =
		talloc_strdup(t->region, sodium_bin2base64(text, sizeof(text), key, sizeof(key), VARIANT));
	return txn_put(t, draft, err);
}

static int read_key(struct ledger *ledger, uint8_t key[TOKEN_KEY_BYTES], struct err *err)
{
	AUTO_SNAP const struct snap *s = ledger_snap(ledger);
	const struct secret *row = snap_find(s, IX_SECRET_NAME, KEY_NAME);
	size_t len;

	if (!row)
		return -ENOENT;
	if (!row->value ||
	    sodium_base642bin(key, TOKEN_KEY_BYTES, row->value, strlen(row->value), NULL, &len, NULL,
			      VARIANT) != 0 ||
	    len != TOKEN_KEY_BYTES)
		return err_set(err, -EBADMSG, "the database's key for tokens is damaged");
	return 0;
}

static int find_key(struct identity *id, struct err *err)
{
	const struct actor actor = {.request_id = "start", .admin = true};
	void *region;
	int r = read_key(id->api->ledger, id->token_key, err);

	if (r != -ENOENT)
		return r;
	region = talloc_new(NULL);
	r = ledger_write_sync(id->api->ledger, region, &actor, "make the key for tokens", write_key, NULL,
			      err);
	talloc_free(region);
	return r < 0 ? r : read_key(id->api->ledger, id->token_key, err);
}

int identity_new(struct api *api, struct identity **ret, struct err *err)
{
	struct identity *id = xalloc(sizeof(*id));
	int r;

	id->api = api;
	if (sodium_init() < 0)
		r = err_set(err, -EIO, "libsodium does not start");
	else
		r = api->config.keystone ? keystone_new(api, &id->keystone, err) : find_key(id, err);
	if (r == 0)
		r = passwords_new(&id->passwords, err);
	if (r < 0) {
		identity_free(id);
		return r;
	}
	*ret = id;
	return 0;
}

void identity_free(struct identity *id)
{
	if (!id)
		return;
	keystone_free(id->keystone);
	passwords_free(id->passwords);
	sodium_memzero(id->token_key, sizeof(id->token_key));
	free(id);
}

/* --- the caller --- */

static const char *hex_text(void *region, const struct uuid *id)
{
	char text[HEXID_TEXT];

	return talloc_strdup(region, hexid_print(id, text));
}

/* Texts are copied: a write replaces the snapshot that the rows belong to before the request ends. */
static void fill_caller(struct call *c, const struct access *a)
{
	void *region = c->req->region;
	struct caller *who = &c->caller;

	who->actor = (struct actor){
		.user_id = hex_text(region, &a->user->row.id),
		.user_name = talloc_strdup(region, a->user->name),
		.request_id = c->req->id,
		.admin = a->admin,
	};
	if (a->project) {
		who->actor.project_id = hex_text(region, &a->project->row.id);
		who->actor.project_name = talloc_strdup(region, a->project->name);
	}
	who->domain_id = hex_text(region, a->domain ? &a->domain->row.id : &a->user_domain->row.id);
	who->admin = a->admin;
	who->member = a->member;
	who->authenticated = true;
	who->token = talloc_memdup(region, a, sizeof(*a));
}

int identity_authenticate(struct call *c, struct err *err)
{
	struct identity *id = c->api->identity;
	const char *text = console_token(c);
	struct access access;
	int r;

	if (id->keystone && c->route->family == FAMILY_IDENTITY)
		return err_api(err, 404, "HTTPNotFound", "Identity is served by %s",
			       c->api->config.keystone_url);
	if (!text || !*text)
		return unauthorized(err);
	if (id->keystone) {
		r = keystone_authenticate(id->keystone, c, text, err);
	} else {
		r = access_open(id, c->snap, c->req->region, text, &access, err);
		if (r == 0)
			fill_caller(c, &access);
	}
	if (r == 0 && c->route->family == FAMILY_NETWORK && !c->caller.actor.project_id)
		return err_api(err, 403, "PolicyNotAuthorized",
			       "This needs a token that is scoped to a project; this one is not");
	return r;
}

int identity_recheck(struct identity *id, const struct snap *s, const char *token, struct token_state *ret)
{
	struct access access;
	void *region;
	int r;

	if (id->keystone)
		return keystone_recheck(id->keystone, token, ret);
	region = talloc_new(NULL);
	r = access_open(id, s, region, token, &access, NULL);
	if (r == 0)
		*ret = (struct token_state){access.admin, access.token.expires_us};
	talloc_free(region);
	return r;
}

const struct access *call_access(const struct call *c)
{
	return c->caller.token;
}

/* Compared as text too: a project is found by the one spelling of its id. */
static bool project_is_there(const struct verb *v, const char *id)
{
	char text[HEXID_TEXT];
	struct uuid u;

	return hexid_parse(id, &u) == 0 && strcmp(hexid_print(&u, text), id) == 0 &&
	       txn_get(v->t, KIND_PROJECT, &u);
}

int identity_check_owner(const struct verb *v, const char *project_id, struct err *err)
{
	const struct access *a = call_access(v->c);
	const char *own = v->c->caller.actor.project_id;

	if (!a || project_is_there(v, project_id))
		return 0;
	if (own && strcmp(project_id, own) == 0)
		return unauthorized(err);
	return call_not_found(KIND_PROJECT, project_id, err);
}

/* --- errors --- */

int unauthorized(struct err *err)
{
	return err_api(err, 401, "Unauthorized", "The request you have made requires authentication.");
}

int forbidden(struct err *err, const char *action)
{
	return err_api(err, 403, "Forbidden",
		       "You are not authorized to perform the requested action: identity:%s.", action);
}

int bad_request(struct err *err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_api(err, 400, "HTTPBadRequest", "%s", text);
}

int require_self(const struct call *c, const struct uuid *user_id, const char *action, struct err *err)
{
	if (c->caller.admin || uuid_eq(user_id, &call_access(c)->user->row.id))
		return 0;
	return forbidden(err, action);
}

int row_by_id(const struct snap *s, enum kind kind, const char *id, const void **ret, struct err *err)
{
	const void *row = NULL;
	struct uuid u;

	if (hexid_parse(id, &u) == 0)
		row = snap_get(s, kind, &u);
	if (!row)
		return call_not_found(kind, id, err);
	*ret = row;
	return 0;
}

int body_object(struct call *c, const char *name, json_t **ret, struct err *err)
{
	json_t *body, *object;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	object = json_object_get(body, name);
	if (!json_is_object(object))
		return bad_request(err, "Expecting to find %s in the request body, an object.", name);
	*ret = object;
	return 0;
}

/* --- replies --- */

const char *identity_url(const struct call *c, const char *path)
{
	return talloc_asprintf(c->req->region, "%s/identity/v3%s", c->api->config.public_url, path);
}

void list_begin(struct call *c, const char *name, bool *first)
{
	buf_printf(&c->resp->body, "{\"%s\":[", name);
	*first = true;
}

void list_next(struct call *c, bool *first)
{
	if (!*first)
		buf_putc(&c->resp->body, ',');
	*first = false;
}

void list_end(struct call *c)
{
	struct buf *b = &c->resp->body;

	buf_puts(b, "],\"links\":{\"self\":");
	buf_json_str(b, talloc_asprintf(c->req->region, "%s%s", c->api->config.public_url, c->req->path));
	buf_puts(b, ",\"previous\":null,\"next\":null}}");
}

void print_ref(struct buf *b, const struct uuid *id, const char *name, const struct domain *domain)
{
	char text[HEXID_TEXT];

	buf_printf(b, "{\"id\":\"%s\"", hexid_print(id, text));
	if (name) {
		buf_puts(b, ",\"name\":");
		buf_json_str(b, name);
	}
	if (domain) {
		buf_puts(b, ",\"domain\":");
		print_ref(b, &domain->row.id, domain->name, NULL);
	}
	buf_putc(b, '}');
}
