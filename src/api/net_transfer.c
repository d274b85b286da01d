/* Transfers: a project offers a floating IP, whoever has the key accepts it for another.
 * Hooks of the generic verbs for /v2.0/buoy/transfers, and the route that accepts. The offer is seen by who
 * made it alone: to everybody else an offer with another key, an old one and none are the same. */
#include "api/frame.h"
#include "api/identity.h"
#include "api/live.h"
#include "api/net.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

#define LASTS_S   86400
#define KEY_BYTES 32
#define VARIANT   sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define KEY_TEXT  sodium_base64_ENCODED_LEN(KEY_BYTES, VARIANT)

/* --- the key --- */

/* It is random enough to need no salt. */
static void hash_key(const char *key, char ret[KEY_TEXT])
{
	uint8_t hash[KEY_BYTES];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)key, strlen(key), NULL, 0);
	sodium_bin2base64(ret, KEY_TEXT, hash, sizeof(hash), VARIANT);
}

static bool fits(const struct transfer *t, const char *key)
{
	char hash[KEY_TEXT];

	hash_key(key, hash);
	return strlen(t->key_hash) == strlen(hash) && sodium_memcmp(t->key_hash, hash, strlen(hash)) == 0;
}

static void make_key(struct verb *v, struct transfer *t)
{
	struct shown_key *shown = talloc_zero(v->c->req->region, struct shown_key);
	char *text = talloc_zero_size(shown, KEY_TEXT), *hash = talloc_zero_size(v->t->region, KEY_TEXT);
	uint8_t key[KEY_BYTES];

	v->t->random(key, sizeof(key));
	shown->id = t->row.id;
	shown->text = sodium_bin2base64(text, KEY_TEXT, key, sizeof(key), VARIANT);
	shown->next = v->c->shown;
	v->c->shown = shown;
	hash_key(text, hash);
	t->key_hash = hash;
	sodium_memzero(key, sizeof(key));
}

/* --- offering --- */

static int in_use(const struct floatingip *f, struct err *err)
{
	char id[UUID_TEXT];

	return err_api(
		err, 409, "FloatingIPInUse",
		"Floating IP %s is associated, or forwards ports; only one that is free can go to another "
		"project.",
		uuid_print(&f->row.id, id));
}

static bool is_over(const struct verb *v, const struct transfer *t)
{
	return t->expires_at && t->expires_at <= v->t->now_us / 1000000;
}

static int set_end(const struct verb *v, struct transfer *t, struct err *err)
{
	if (!verb_given(v, KIND_TRANSFER, "expires_at"))
		t->expires_at = v->t->now_us / 1000000 + LASTS_S;
	return is_over(v, t) ? err_api(err, 400, "BadRequest", "expires_at has passed already.") : 0;
}

static int transfer_create(struct verb *v, void *draft, struct err *err)
{
	struct transfer *t = draft;
	const struct transfer *other = snap_find(net_snap(v), IX_TRANSFER_FLOATINGIP, &t->floatingip_id);
	const struct floatingip *f;
	const void *row;
	char id[UUID_TEXT];
	int r;

	if ((r = verb_ref(v, KIND_FLOATINGIP, &t->floatingip_id, &row, err)) < 0)
		return r;
	f = row;
	if (!call_may_write(v->c, net_snap(v), &f->row))
		return call_denied("create", "transfer", err);
	if (!uuid_is_null(&f->router_id)) /* by itself, or by its port forwardings */
		return in_use(f, err);
	if (other && !is_over(v, other))
		return err_api(err, 409, "TransferExists", "Floating IP %s is offered already.",
			       uuid_print(&f->row.id, id));
	if ((r = set_end(v, t, err)) < 0 || (r = net_transfer_end(v, &f->row.id, err)) < 0)
		return r;
	t->project_id = f->project_id;
	t->floating_ip_address = f->floating_ip_address;
	make_key(v, t);
	return 0;
}

int net_transfer_end(struct verb *v, const struct uuid *floatingip_id, struct err *err)
{
	const struct transfer *t = snap_find(net_snap(v), IX_TRANSFER_FLOATINGIP, floatingip_id);

	return t ? txn_del(v->t, KIND_TRANSFER, &t->row.id, err) : 0;
}

/* The only computed attribute: the key, in the answer to who made it. */
static void transfer_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	const struct call *c = arg;
	const struct shown_key *shown = c->shown;

	while (shown && !uuid_eq(&shown->id, &row->id))
		shown = shown->next;
	buf_json_str(out, shown ? shown->text : NULL);
}

const struct resource transfer_resource = {
	.kind = KIND_TRANSFER,
	.create = transfer_create,
	.show = transfer_show,
};

/* --- accepting --- */

struct acceptance {
	const char *key;
	struct uuid id; /* of the floating IP */
};

static int find_offer(struct verb *v, const struct acceptance *a, const struct transfer **ret,
		      const struct floatingip **ret_fip, struct err *err)
{
	const struct transfer *t = NULL;
	struct uuid id;

	if (uuid_parse(v->c->arg[0], &id) == 0)
		t = snap_get(net_snap(v), KIND_TRANSFER, &id);
	*ret_fip = t ? snap_get(net_snap(v), KIND_FLOATINGIP, &t->floatingip_id) : NULL;
	if (!*ret_fip || is_over(v, t) || !fits(t, a->key))
		return call_not_found(KIND_TRANSFER, v->c->arg[0], err);
	*ret = t;
	return 0;
}

static int check_taker(struct verb *v, const struct floatingip *f, const char *project_id, struct err *err)
{
	int r;

	if (!project_id)
		return err_api(err, 403, "PolicyNotAuthorized", "The token belongs to no project.");
	if (strcmp(f->project_id, project_id) == 0)
		return err_api(err, 409, "TransferToSameProject",
			       "The floating IP is this project's already.");
	if (!uuid_is_null(&f->router_id)) /* by itself, or by its port forwardings */
		return in_use(f, err);
	/* An external network that is there for others only is not opened by a key. */
	if ((r = verb_ref(v, KIND_NETWORK, &f->floating_network_id, NULL, err)) < 0 ||
	    (r = identity_check_owner(v, project_id, err)) < 0)
		return r;
	return verb_quota(v, KIND_FLOATINGIP, project_id, 1, err);
}

static int accept_offer(struct verb *v, void *arg, struct err *err)
{
	struct acceptance *a = arg;
	const char *project_id = v->c->caller.actor.project_id;
	const struct floatingip *f = NULL;
	const struct transfer *t = NULL;
	const struct row *policy;
	struct floatingip *draft;
	int r;

	if ((r = find_offer(v, a, &t, &f, err)) < 0 || (r = check_taker(v, f, project_id, err)) < 0)
		return r;
	a->id = f->row.id;
	draft = txn_edit(v->t, f);
	draft->project_id = project_id;
	policy = snap_get(net_snap(v), KIND_QOS_POLICY, &f->qos_policy_id);
	if (policy && !call_sees(v->c, net_snap(v), policy))
		draft->qos_policy_id = (struct uuid){0};
	if ((r = txn_del(v->t, KIND_SIGHTING, &a->id, err)) < 0 ||
	    (r = txn_del(v->t, KIND_TRANSFER, &t->row.id, err)) < 0)
		return r;
	return txn_put(v->t, draft, err);
}

static int reply_accepted(struct call *c, struct err *err)
{
	const struct acceptance *a = c->state;

	traffic_forget(live_traffic(c->api->live), &a->id);
	call_print_row(c, "floatingip", snap_get(c->snap, KIND_FLOATINGIP, &a->id));
	return 0;
}

static int post_accept(struct call *c, struct err *err)
{
	struct acceptance *a = talloc_zero(c->req->region, struct acceptance);
	json_t *body;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	a->key = json_string_value(json_object_get(json_object_get(body, "accept"), "auth_key"));
	if (!a->key || json_object_size(body) != 1 || json_object_size(json_object_get(body, "accept")) != 1)
		return err_api(err, 400, "HTTPBadRequest",
			       "The body is {\"accept\": {\"auth_key\": \"...\"}}.");
	c->state = a;
	call_makes(c, KIND_FLOATINGIP, &a->id);
	return call_write(c, accept_offer, a, reply_accepted, err);
}

const struct route transfer_routes[] = {
	{HTTP_POST, "/v2.0/buoy/transfers/{}/accept", post_accept, ROUTE_WRITE, FAMILY_NETWORK, "transfers",
	 KIND_TRANSFER, "Accepts a floating IP that another project offers",
	 "{\"type\":\"object\",\"required\":[\"accept\"],\"properties\":{\"accept\":{\"type\":\"object\","
	 "\"required\":[\"auth_key\"],\"properties\":{\"auth_key\":{\"type\":\"string\"}}}}}"},
	{0},
};
