/* A registered server's metadata: names and values that mean nothing to Buoy.
 * Route functions of the compute API, below /servers/<id>/metadata. */
#include "api/compute.h"

#include <string.h>
#include <talloc.h>

/* POST adds to what is there, PUT replaces it; with a key in the path, that one only. */
struct change {
	json_t *json;    /* the body's; NULL: the key goes */
	const char *key; /* NULL: all of them */
};

static int not_there(const char *key, struct err *err)
{
	return err_api(err, 404, "HTTPNotFound", "Metadata item was not found: %.100s", key);
}

static json_t *stored(const struct instance *s)
{
	json_t *json = s->row ? json_loads(s->row->metadata, 0, NULL) : NULL;

	return json ? json : json_object();
}

int compute_metadata(struct call *c, struct err *err)
{
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"metadata\":");
	buf_puts(&c->resp->body, s.row ? s.row->metadata : "{}");
	buf_putc(&c->resp->body, '}');
	return 0;
}

int compute_metadata_item(struct call *c, struct err *err)
{
	struct instance s;
	const char *value;
	json_t *json;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0)
		return r;
	json = stored(&s);
	value = json_string_value(json_object_get(json, c->arg[1]));
	if (value) {
		buf_puts(&c->resp->body, "{\"meta\":{");
		buf_json_member(&c->resp->body, c->arg[1], value);
		buf_puts(&c->resp->body, "}}");
	}
	json_decref(json);
	return value ? 0 : not_there(c->arg[1], err);
}

/* --- writing --- */

static int store(struct verb *v, const struct server *row, const json_t *json, struct err *err)
{
	struct server *draft = txn_edit(v->t, row);
	int r = compute_read_metadata(v->c, json, &draft->metadata, err);

	return r < 0 ? r : txn_put(v->t, draft, err);
}

static int change(struct verb *v, void *arg, struct err *err)
{
	const struct change *ch = arg;
	bool replace = !ch->key && v->c->req->method == HTTP_PUT;
	struct instance s;
	json_t *json;
	int r = compute_find_registered(v, &s, err);

	if (r < 0)
		return r;
	json = replace ? json_object() : stored(&s);
	if (ch->json)
		json_object_update(json, ch->json);
	else if (json_object_del(json, ch->key) < 0)
		r = not_there(ch->key, err);
	if (r == 0)
		r = store(v, s.row, json, err);
	json_decref(json);
	return r;
}

static int reply_all(struct call *c, struct err *err)
{
	return compute_metadata(c, err);
}

int compute_metadata_write(struct call *c, struct err *err)
{
	struct change *ch = talloc_zero(c->req->region, struct change);
	int r = compute_object(c, "metadata", &ch->json, err);

	return r < 0 ? r : call_write(c, change, ch, reply_all, err);
}

static int reply_item(struct call *c, struct err *err)
{
	if (c->req->method != HTTP_DELETE)
		return compute_metadata_item(c, err);
	call_status(c, 204);
	return 0;
}

int compute_metadata_item_write(struct call *c, struct err *err)
{
	struct change *ch = talloc_zero(c->req->region, struct change);
	int r = 0;

	ch->key = c->arg[1];
	if (c->req->method != HTTP_DELETE)
		r = compute_object(c, "meta", &ch->json, err);
	if (r == 0 && ch->json && (json_object_size(ch->json) != 1 || !json_object_get(ch->json, ch->key)))
		r = err_api(err, 400, "HTTPBadRequest", "Request body and URI mismatch");
	return r < 0 ? r : call_write(c, change, ch, reply_item, err);
}
