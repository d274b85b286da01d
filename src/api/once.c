/* Idempotency-Key: a POST that is sent again, because its answer was lost, is not done again.
 * Around a write, inside its transaction, so that two at once are one after the other as everything else. In
 * the manner of draft-ietf-httpapi-idempotency-key-header; docs/addresses.md says what clients can go by. */
#include "api/frame.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#define KEY_MAX 255
#define DAY_S   86400
#define FORGETS 2 /* rows that each write of one forgets, so that there are never many too old */

/* NULL: none, or not for this request. With or without the quotes of a structured header. */
static const char *key_of(const struct call *c, size_t *ret_len)
{
	const char *key =
		c->made.count && c->req->method == HTTP_POST ? http_header(c->req, "Idempotency-Key") : NULL;
	size_t len = key ? strlen(key) : 0;

	if (len >= 2 && key[0] == '"' && key[len - 1] == '"') {
		key++;
		len -= 2;
	}
	*ret_len = len;
	return key;
}

static int check_key(const char *key, size_t len, struct err *err)
{
	bool good = len > 0 && len <= KEY_MAX;

	for (size_t i = 0; i < len && good; i++)
		good = key[i] >= 0x20 && key[i] < 0x7f;
	return good ? 0
		    : err_api(err, 400, "HTTPBadRequest",
			      "The Idempotency-Key header must have 1 to %d printable characters.", KEY_MAX);
}

/* One user's keys for one path in one project are nobody else's. */
static struct uuid row_id(const struct call *c, const char *key, size_t len)
{
	const char *parts[] = {c->caller.actor.user_id, c->caller.actor.project_id, c->req->path};
	crypto_generichash_state state;
	uint8_t hash[16];

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t p = 0; p < ARRAY_SIZE(parts); p++)
		crypto_generichash_update(&state, (const uint8_t *)(parts[p] ? parts[p] : ""),
					  strlen(parts[p] ? parts[p] : "") + 1);
	crypto_generichash_update(&state, (const uint8_t *)key, len);
	crypto_generichash_final(&state, hash, sizeof(hash));
	return uuid_from_random(hash);
}

static struct uuid body_hash(const struct call *c)
{
	uint8_t hash[16];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)c->req->body, c->req->body_len, NULL, 0);
	return uuid_from_random(hash);
}

static struct uuid *id_at(const struct call *c, size_t i)
{
	return (struct uuid *)(void *)((char *)c->made.ids + i * c->made.stride);
}

static int gone(enum kind kind, const struct uuid *id, struct err *err)
{
	char text[UUID_TEXT];

	return err_api(
		err, 410, "IdempotentResultGone",
		"This request was done before under its Idempotency-Key. The %s %s that it made is gone "
		"since.",
		shape_of(kind)->name, uuid_print(id, text));
}

static int repeat(struct verb *v, const struct once *once, struct err *err)
{
	const struct hexref_item *made = once->made.items;
	struct call *c = v->c;
	struct uuid body = body_hash(c);

	if (!uuid_eq(&body, &once->body) || once->made.count != c->made.count)
		return err_api(
			err, 422, "IdempotencyKeyReused",
			"This Idempotency-Key was used for another request body. A new request needs a new "
			"key.");
	for (size_t i = 0; i < c->made.count; i++) {
		const struct row *row = snap_get(v->t->work, c->made.kind, &made[i].id);

		/* Or another project's by now. */
		if (!row || !call_sees(c, v->t->work, row))
			return gone(c->made.kind, &made[i].id, err);
		*id_at(c, i) = made[i].id;
	}
	c->made.status = (int)once->status;
	/* The answer tells what the kernel has, as the first did. */
	v->touches_kernel = c->made.kind == KIND_FLOATINGIP;
	return 1;
}

int once_begin(struct verb *v, struct err *err)
{
	size_t len;
	const char *key = key_of(v->c, &len);
	const struct once *once;
	struct uuid id;
	int r;

	if (!key)
		return 0;
	if ((r = check_key(key, len, err)) < 0)
		return r;
	id = row_id(v->c, key, len);
	once = txn_get(v->t, KIND_ONCE, &id);
	return once && once->expires_at > v->t->now_us / 1000000 ? repeat(v, once, err) : 0;
}

static int forget_some(struct verb *v, struct err *err)
{
	const struct once *once;
	struct scan scan;
	int r = 0;

	for (int i = 0; i < FORGETS && r == 0; i++) {
		once = scan_order(&scan, v->t->work, IX_ONCE_EXPIRES);
		if (!once || once->expires_at > v->t->now_us / 1000000)
			break;
		r = txn_del(v->t, KIND_ONCE, &once->row.id, err);
	}
	return r;
}

int once_end(struct verb *v, struct err *err)
{
	size_t len;
	const char *key = key_of(v->c, &len);
	int64_t lasts = v->c->api->config.once_s ? v->c->api->config.once_s : DAY_S;
	struct hexref_item *made;
	struct once *draft;
	int r;

	if (!key)
		return 0;
	if ((r = forget_some(v, err)) < 0)
		return r;
	made = talloc_zero_array(v->t->region, struct hexref_item, (unsigned)v->c->made.count);
	for (size_t i = 0; i < v->c->made.count; i++)
		made[i].id = *id_at(v->c, i);
	draft = txn_new(v->t, KIND_ONCE);
	draft->row.id = row_id(v->c, key, len);
	draft->body = body_hash(v->c);
	draft->made = (struct list){made, (uint32_t)v->c->made.count};
	draft->status = v->c->made.status;
	draft->expires_at = v->t->now_us / 1000000 + lasts;
	return txn_put(v->t, draft, err);
}
