/* Change sets: floating IPs associated, moved, swapped and released in one transaction; all or none.
 * A route beside the generic verbs; each item is a PUT of its floating IP.
 *
 * What counts is the state at the end: everything that the set names is released first, inside the
 * transaction, so that the order of the items means nothing, and no rotation is in its own way. Each item is
 * then checked as a PUT of the row as it was. A row that ends as it began is not written at all (txn.h), and
 * nobody ever sees a row released in between. */
#include "api/frame.h"
#include "api/net.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* As many as the kernel's rules take in one transaction (kernel/nft.c). */
#define ITEMS_MAX 10000

/* --- an item --- */

struct association {
	struct uuid floatingip_id;
	struct ip floating_ip_address;
	struct uuid port_id;
	struct ip fixed_ip_address;
	int64_t revision_number;
};

#define ATTR(member, type_, flags_, ...)                                                                     \
	{                                                                                                    \
		.name = #member, .type = ATTR_##type_, .flags = (flags_),                                    \
		.offset = offsetof(struct association, member), __VA_ARGS__                                  \
	}

#define ANY_REVISION -1

static const struct attr attrs[] = {
	ATTR(floatingip_id, UUID, A_RW, .doc = "The floating IP, by its id"),
	ATTR(floating_ip_address, IP, A_RW, .doc = "The floating IP, by its address"),
	ATTR(port_id, UUID, A_RW | A_REQ | A_NULL, .doc = "Port to associate it with; null: none"),
	ATTR(fixed_ip_address, IP, A_RW | A_NULL, .doc = "Which address of the port"),
	ATTR(revision_number, INT, A_RW, .max = INT64_MAX, .doc = "The revision that it must have now"),
};
static const struct shape shape_association = {
	.name = "association",
	.size = sizeof(struct association),
	.count = ARRAY_SIZE(attrs),
	.attrs = attrs,
	.type = "",
};

struct item {
	struct association a;
	json_t *change;               /* what a PUT of the floating IP would have; the body's */
	const struct floatingip *was; /* before the transaction; during it */
};

struct change_set {
	size_t count;
	struct item *items;
};

/* --- decoding, before the transaction --- */

/* What is left of the item's JSON is the change alone. */
static int decode_item(struct call *c, json_t *json, struct item *item, struct err *err)
{
	int r;

	item->a.revision_number = ANY_REVISION;
	r = decode_given(&shape_association, json, DECODE_PUT, c->caller.admin, c->req->region, &item->a,
			 NULL, err);
	if (r < 0)
		return r;
	if (uuid_is_null(&item->a.floatingip_id) && ip_is_null(&item->a.floating_ip_address))
		return err_api(err, 400, "HTTPBadRequest",
			       "Which floating IP? Give its floatingip_id or its floating_ip_address.");
	json_object_del(json, "floatingip_id");
	json_object_del(json, "floating_ip_address");
	json_object_del(json, "revision_number");
	item->change = json;
	return 0;
}

/* The error says which item it is about. */
static int blame(const struct change_set *set, const struct item *item, struct err *err)
{
	return err_prefix(err, "associations[%zu]", (size_t)(item - set->items));
}

static int decode_list(struct call *c, struct change_set *set, const json_t *list, struct err *err)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list))
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for change_set. Reason: associations is not a list.");
	if (count == 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for change_set. Reason: associations is empty.");
	if (count > ITEMS_MAX)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for change_set. Reason: %zu associations are more than the %d "
			       "that one change set can have.",
			       count, ITEMS_MAX);
	set->count = count;
	set->items = talloc_zero_array(c->req->region, struct item, (unsigned)count);
	for (size_t i = 0; i < count; i++)
		if (decode_item(c, json_array_get(list, i), &set->items[i], err) < 0)
			return blame(set, &set->items[i], err);
	return 0;
}

static int decode_set(struct call *c, struct change_set *set, struct err *err)
{
	json_t *body, *inner, *value;
	const char *key;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	inner = json_object_get(body, "change_set");
	if (!json_is_object(inner))
		return err_api(err, 400, "HTTPBadRequest", "Unable to find 'change_set' in request body");
	json_object_foreach(inner, key, value)
	{
		if (strcmp(key, "associations") != 0)
			return err_api(err, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%.100s'", key);
	}
	return decode_list(c, set, json_object_get(inner, "associations"), err);
}

/* --- inside the transaction --- */

/* External networks may number alike: an address names a floating IP where the caller sees one only. */
static int find_address(struct verb *v, const struct ip *ip, const struct floatingip **ret, struct err *err)
{
	const struct floatingip *f, *found = NULL;
	struct scan scan;
	char text[IP_TEXT];

	ip_print(ip, text);
	for (f = scan_index(&scan, net_snap(v), IX_FLOATINGIP_ADDRESS, ip, NULL); f; f = scan_next(&scan)) {
		if (!call_sees(v->c, net_snap(v), &f->row))
			continue;
		if (found)
			return err_api(err, 409, "FloatingIPAddressNotUnique",
				       "Several floating IPs have the address %s. Name the one by its id.",
				       text);
		found = f;
	}
	if (!found)
		return call_not_found(KIND_FLOATINGIP, text, err);
	*ret = found;
	return 0;
}

static int find_item(struct verb *v, struct item *item, struct err *err)
{
	const struct floatingip *f = NULL;
	const struct row *row;
	char id[UUID_TEXT];
	int r = 0;

	if (uuid_is_null(&item->a.floatingip_id))
		r = find_address(v, &item->a.floating_ip_address, &f, err);
	if (r < 0)
		return r;
	if (f)
		item->a.floatingip_id = f->row.id;
	r = verb_find(v, KIND_FLOATINGIP, uuid_print(&item->a.floatingip_id, id), &row, err);
	if (r < 0)
		return r;
	item->was = f = (const struct floatingip *)row;
	if (!ip_is_null(&item->a.floating_ip_address) &&
	    !ip_eq(&item->a.floating_ip_address, &f->floating_ip_address))
		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: floatingip_id and floating_ip_address are not those "
			       "of one floating IP.");
	return item->a.revision_number == ANY_REVISION
		       ? 0
		       : verb_check_revision(row, item->a.revision_number, err);
}

static int release_item(struct verb *v, struct item *item, struct err *err)
{
	return uuid_is_null(&item->was->port_id) ? 0 : net_disassociate(v, item->was, err);
}

static int change_item(struct verb *v, struct item *item, struct err *err)
{
	return verb_change(v, &item->was->row, item->change, err);
}

static int each_item(struct verb *v, struct change_set *set,
		     int (*fn)(struct verb *v, struct item *item, struct err *err), struct err *err)
{
	for (size_t i = 0; i < set->count; i++)
		if (fn(v, &set->items[i], err) < 0)
			return blame(set, &set->items[i], err);
	return 0;
}

static int by_floatingip(const void *a, const void *b)
{
	const struct item *x = *(const struct item *const *)a, *y = *(const struct item *const *)b;
	int order = uuid_cmp(&x->a.floatingip_id, &y->a.floatingip_id);

	return order ? order : (x > y) - (x < y);
}

/* Which of two wishes would count? */
static int check_once(struct verb *v, const struct change_set *set, struct err *err)
{
	const struct item **sorted = talloc_array(v->t->region, const struct item *, (unsigned)set->count);
	char id[UUID_TEXT];

	for (size_t i = 0; i < set->count; i++)
		sorted[i] = &set->items[i];
	qsort(sorted, set->count, sizeof(*sorted), by_floatingip);
	for (size_t i = 1; i < set->count; i++) {
		if (!uuid_eq(&sorted[i]->a.floatingip_id, &sorted[i - 1]->a.floatingip_id))
			continue;
		err_api(err, 400, "BadRequest",
			"Bad floatingip request: Floating IP %s is in the change set already, as "
			"associations[%zu].",
			uuid_print(&sorted[i]->a.floatingip_id, id), (size_t)(sorted[i - 1] - set->items));
		return blame(set, sorted[i], err);
	}
	return 0;
}

static int write_set(struct verb *v, void *arg, struct err *err)
{
	struct change_set *set = arg;
	int r;

	if ((r = each_item(v, set, find_item, err)) < 0 || (r = check_once(v, set, err)) < 0 ||
	    (r = each_item(v, set, release_item, err)) < 0)
		return r;
	return each_item(v, set, change_item, err);
}

/* --- the answer --- */

/* In the form of a request: sent again, it asks for what is there. */
static void print_association(const struct floatingip *f, struct buf *b)
{
	const struct association a = {
		.floatingip_id = f->row.id,
		.floating_ip_address = f->floating_ip_address,
		.port_id = f->port_id,
		.fixed_ip_address = f->fixed_ip_address,
		.revision_number = f->row.revision_number,
	};

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		buf_printf(b, "%s\"%s\":", i ? "," : "{", attrs[i].name);
		print_attr(&attrs[i], &a, b);
	}
	buf_putc(b, '}');
}

static int reply_set(struct call *c, struct err *err)
{
	const struct change_set *set = c->state;
	struct print_view view = call_view(c, KIND_FLOATINGIP);
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"change_set\":{\"associations\":[");
	for (size_t i = 0; i < set->count; i++) {
		buf_puts(b, i ? "," : "");
		print_association(snap_get(c->snap, KIND_FLOATINGIP, &set->items[i].a.floatingip_id), b);
	}
	buf_puts(b, "],\"floatingips\":[");
	for (size_t i = 0; i < set->count; i++) {
		buf_puts(b, i ? "," : "");
		print_row(snap_get(c->snap, KIND_FLOATINGIP, &set->items[i].a.floatingip_id), &view, b);
	}
	buf_puts(b, "]}}");
	return 0;
}

static int put_change_set(struct call *c, struct err *err)
{
	struct change_set *set = talloc_zero(c->req->region, struct change_set);
	int r;

	/* A condition that would be passed over in silence is worse than none. */
	if (http_header(c->req, "If-Match"))
		return err_api(
			err, 400, "HTTPBadRequest",
			"If-Match is about one resource; give each association the revision_number that "
			"it depends on.");
	c->state = set;
	r = decode_set(c, set, err);
	return r < 0 ? r : call_write(c, write_set, set, reply_set, err);
}

const struct route change_set_routes[] = {
	{HTTP_PUT, "/v2.0/buoy/change-sets", put_change_set, ROUTE_WRITE, FAMILY_NETWORK, "change-sets",
	 KIND_FLOATINGIP, "Moves, swaps or releases any number of floating IPs in one transaction"},
	{0},
};
