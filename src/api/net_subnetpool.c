/* Subnet pools: their prefixes, the bounds of what is taken from them, their address scope.
 * Hooks of the generic verbs, and the routes that add and remove prefixes. Taking a subnet's prefix is
 * net_subnet_pool.c's.
 */
#include "api/frame.h"
#include "api/net.h"
#include "api/rbac.h"

#include "model/prefix.h"

#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#define MAX_PREFIXES 1000

/* --- prefixes --- */

static int illegal_update(struct err *err, const char *why)
{
	return err_api(err, 400, "IllegalSubnetPoolPrefixUpdate", "Illegal update to prefixes: %s.", why);
}

/* IPv4 addresses are written there, as IPv6 knows them; no subnet is. */
static int check_not_mapped(const struct cidr *c, struct err *err)
{
	struct cidr mapped;
	char text[CIDR_TEXT];

	cidr_parse("::/80", &mapped);
	if (!cidr_overlaps(c, &mapped))
		return 0;
	return err_api(err, 400, "InvalidInput",
		       "Invalid input for operation: '%s' can not be a prefix of a pool.",
		       cidr_print(c, text));
}

/* Checked and compact, in the transaction's region. */
static int tidy(struct verb *v, struct list *prefixes, struct err *err)
{
	struct prefix *p = talloc_memdup(v->t->region, prefixes->items, prefixes->count * sizeof(*p));
	int r;

	if (prefixes->count == 0)
		return err_api(err, 400, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.");
	for (uint32_t i = 0; i < prefixes->count; i++) {
		/* An address with a length means its network, as in Neutron. */
		p[i].cidr = net_prefix(&p[i].cidr);
		if ((r = check_not_mapped(&p[i].cidr, err)) < 0)
			return r;
		if (ip_is_v4(&p[i].cidr.addr) != ip_is_v4(&p[0].cidr.addr))
			return err_api(err, 400, "PrefixVersionMismatch",
				       "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
	}
	*prefixes = (struct list){p, prefixes_compact(p, prefixes->count)};
	return 0;
}

/* --- bounds --- */

static int illegal_bounds(struct err *err, const char *name, int64_t len, const char *base, int64_t base_len)
{
	return err_api(err, 400, "IllegalSubnetPoolPrefixBounds",
		       "Illegal prefix bounds: %s=%" PRId64 ", %s=%" PRId64 ".", name, len, base, base_len);
}

static int check_bounds(const struct subnetpool *p, struct err *err)
{
	int64_t most = p->ip_version == 4 ? 32 : 128;

	if (p->min_prefixlen > p->max_prefixlen)
		return illegal_bounds(err, "min_prefixlen", p->min_prefixlen, "max_prefixlen",
				      p->max_prefixlen);
	if (p->max_prefixlen > most)
		return illegal_bounds(err, "max_prefixlen", p->max_prefixlen, "ip_version_max", most);
	if (p->default_prefixlen < p->min_prefixlen)
		return illegal_bounds(err, "default_prefixlen", p->default_prefixlen, "min_prefixlen",
				      p->min_prefixlen);
	if (p->default_prefixlen > p->max_prefixlen)
		return illegal_bounds(err, "default_prefixlen", p->default_prefixlen, "max_prefixlen",
				      p->max_prefixlen);
	return 0;
}

static void fill_bounds(const struct verb *v, struct subnetpool *p)
{
	if (!verb_given(v, KIND_SUBNETPOOL, "min_prefixlen"))
		p->min_prefixlen = p->ip_version == 4 ? 8 : 64;
	if (!verb_given(v, KIND_SUBNETPOOL, "max_prefixlen"))
		p->max_prefixlen = p->ip_version == 4 ? 32 : 128;
	if (!verb_given(v, KIND_SUBNETPOOL, "default_prefixlen"))
		p->default_prefixlen = p->min_prefixlen;
}

/* --- the default --- */

const struct subnetpool *net_default_subnetpool(const struct verb *v, int64_t ip_version)
{
	static const bool yes = true;
	const struct subnetpool *p;
	struct scan scan;

	/* One for each version. */
	for (p = scan_index(&scan, net_snap(v), IX_SUBNETPOOL_DEFAULT, &yes, NULL); p; p = scan_next(&scan))
		if (p->ip_version == ip_version)
			return p;
	return NULL;
}

static int check_default(const struct verb *v, const struct subnetpool *p, struct err *err)
{
	const struct subnetpool *other = p->is_default ? net_default_subnetpool(v, p->ip_version) : NULL;

	if (!other || uuid_eq(&other->row.id, &p->row.id))
		return 0;
	return err_api(
		err, 400, "InvalidInput",
		"Invalid input for operation: A default subnetpool for this IP family has already been set. "
		"Only one default may exist per IP family.");
}

/* --- address scope --- */

/* All subnets of one family on a network are in one scope: those that move must be all of them. */
static int check_networks(const struct snap *s, const struct subnetpool *p, struct err *err)
{
	const struct subnet *sub, *other;
	struct scan scan, inner;

	for (sub = scan_index(&scan, s, IX_SUBNET_POOL, &p->row.id, NULL); sub; sub = scan_next(&scan)) {
		other = scan_index(&inner, s, IX_SUBNET_NETWORK, &sub->network_id, NULL);
		for (; other; other = scan_next(&inner))
			if (other->ip_version == p->ip_version && !uuid_eq(&other->subnetpool_id, &p->row.id))
				return net_scope_affinity(err);
	}
	return 0;
}

static int check_scope(struct verb *v, const struct subnetpool *p, struct err *err)
{
	const struct address_scope *scope;
	const struct subnetpool *other;
	char pool[UUID_TEXT], id[UUID_TEXT];
	struct scan scan;
	const void *row;
	int r;

	if (uuid_is_null(&p->address_scope_id))
		return 0;
	if ((r = verb_ref(v, KIND_ADDRESS_SCOPE, &p->address_scope_id, &row, err)) < 0)
		return r;
	scope = row;
	if (scope->ip_version != p->ip_version)
		return err_api(err, 400, "IllegalSubnetPoolIpVersionAssociationToAddressScope",
			       "Illegal subnetpool association: subnetpool %s cannot associate with address "
			       "scope %s "
			       "because subnetpool ip_version is not %" PRId64 ".",
			       uuid_print(&p->row.id, pool), uuid_print(&scope->row.id, id),
			       scope->ip_version);
	if ((r = check_networks(net_snap(v), p, err)) < 0)
		return r;
	other = scan_index(&scan, net_snap(v), IX_SUBNETPOOL_SCOPE, &p->address_scope_id, NULL);
	for (; other; other = scan_next(&scan))
		if (!uuid_eq(&other->row.id, &p->row.id) && prefixes_overlap(&other->prefixes, &p->prefixes))
			return err_api(
				err, 409, "AddressScopePrefixConflict",
				"Failed to associate address scope: subnetpools within an address scope must "
				"have unique prefixes.");
	return 0;
}

/* What belongs to somebody else's scope stays as it is. */
static int check_own_scope(struct verb *v, const struct subnetpool *was, struct err *err)
{
	const struct address_scope *scope =
		uuid_is_null(&was->address_scope_id)
			? NULL
			: snap_get(net_snap(v), KIND_ADDRESS_SCOPE, &was->address_scope_id);
	char pool[UUID_TEXT], id[UUID_TEXT];

	if (!scope || net_owns(net_who(v), scope->project_id))
		return 0;
	return err_api(err, 400, "IllegalSubnetPoolUpdate",
		       "Illegal subnetpool update : subnetpool %s cannot be updated when associated with "
		       "shared address "
		       "scope %s.",
		       uuid_print(&was->row.id, pool), uuid_print(&scope->row.id, id));
}

/* --- verbs --- */

static int pool_create(struct verb *v, void *draft, struct err *err)
{
	struct subnetpool *p = draft;
	const struct prefix *first;
	int r;

	if ((r = tidy(v, &p->prefixes, err)) < 0)
		return r;
	first = p->prefixes.items;
	p->ip_version = ip_is_v4(&first->cidr.addr) ? 4 : 6;
	fill_bounds(v, p);
	if ((r = check_bounds(p, err)) < 0 || (r = check_default(v, p, err)) < 0 ||
	    (r = check_scope(v, p, err)) < 0)
		return r;
	return rbac_follow(v, NULL, p, err);
}

static int change_pool(struct verb *v, const struct subnetpool *was, struct subnetpool *p, struct err *err)
{
	const struct prefix *first = p->prefixes.items;
	int r;

	if ((r = check_own_scope(v, was, err)) < 0)
		return r;
	if (p->prefixes.count && ip_is_v4(&first->cidr.addr) != (p->ip_version == 4))
		return err_api(err, 400, "PrefixVersionMismatch",
			       "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
	if ((r = check_bounds(p, err)) < 0 || (r = check_default(v, p, err)) < 0 ||
	    (r = check_scope(v, p, err)) < 0)
		return r;
	v->touches_kernel |= !uuid_eq(&was->address_scope_id, &p->address_scope_id);
	return 0;
}

static int pool_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct subnetpool *was = old;
	struct subnetpool *p = draft;
	int r;

	if (verb_given(v, KIND_SUBNETPOOL, "prefixes")) {
		if ((r = tidy(v, &p->prefixes, err)) < 0)
			return r;
		if (!prefixes_cover_all(&p->prefixes, &was->prefixes))
			return illegal_update(err, "Existing prefixes must be a subset of the new prefixes");
	}
	return change_pool(v, was, p, err);
}

static int pool_remove(struct verb *v, const void *row, struct err *err)
{
	const struct uuid *id = &((const struct row *)row)->id;

	if (snap_find(net_snap(v), IX_SUBNET_POOL, id))
		return err_api(err, 400, "SubnetPoolDeleteError",
			       "Unable to delete subnet pool: Subnet pool has existing allocations.");
	return rbac_forget(v, id, err);
}

static bool pool_visible(const struct snap *s, const struct caller *who, const struct row *row)
{
	const struct subnetpool *p = (const struct subnetpool *)row;

	return p->shared || net_owns(who, p->project_id) || rbac_sees(s, &row->id, who->actor.project_id);
}

/* "shared", and the lengths, which Neutron gives as text. */
static void pool_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	if (attr->type == ATTR_BOOL)
		rbac_show_shared(arg, row, out);
	else
		buf_printf(out, "\"%" PRId64 "\"", *(const int64_t *)attr_at(attr, row));
}

const struct resource subnetpool_resource = {
	.kind = KIND_SUBNETPOOL,
	.quota = KIND_SUBNETPOOL,
	.visible = pool_visible,
	.create = pool_create,
	.update = pool_update,
	.remove = pool_remove,
	.show = pool_show,
};

/* --- PUT subnetpools/ID/add_prefixes, remove_prefixes --- */

struct action {
	json_t *body;
	struct uuid id;
};

static int read_prefixes(struct verb *v, struct action *a, struct list *ret, struct err *err)
{
	struct subnetpool body = {.row = {.kind = KIND_SUBNETPOOL}};
	const json_t *list = json_object_get(a->body, "prefixes");
	json_t *only;
	uint64_t given;
	int r;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return err_api(err, 400, "HTTPBadRequest", "Request body contains invalid data");
	only = json_pack("{s:O}", "prefixes", list);
	r = decode_given(shape_of(KIND_SUBNETPOOL), only, DECODE_PUT, true, v->t->region, &body, &given, err);
	json_decref(only);
	if (r < 0 || (r = tidy(v, &body.prefixes, err)) < 0)
		return r;
	*ret = body.prefixes;
	return 0;
}

static bool is_taken(const struct snap *s, const struct uuid *pool_id, const struct list *prefixes)
{
	const struct prefix *p = prefixes->items;
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, s, IX_SUBNET_POOL, pool_id, NULL); sub; sub = scan_next(&scan))
		for (uint32_t i = 0; i < prefixes->count; i++)
			if (cidr_overlaps(&p[i].cidr, &sub->cidr))
				return true;
	return false;
}

static int add_to(struct verb *v, struct subnetpool *draft, const struct list *more, struct err *err)
{
	uint32_t old = draft->prefixes.count, n = old + more->count;
	struct prefix *all = talloc_array(v->t->region, struct prefix, n);

	memcpy(all, draft->prefixes.items, old * sizeof(*all));
	memcpy(all + old, more->items, more->count * sizeof(*all));
	draft->prefixes = (struct list){all, n};
	return tidy(v, &draft->prefixes, err);
}

static int remove_from(struct verb *v, struct subnetpool *draft, const struct list *less, struct err *err)
{
	if (is_taken(net_snap(v), &draft->row.id, less))
		return illegal_update(err, "One or more the prefixes to be removed is in use by a subnet");
	if (prefixes_without(v->t->region, &draft->prefixes, less, MAX_PREFIXES, &draft->prefixes) < 0)
		return illegal_update(err, "What is left has more than 1000 prefixes");
	return 0;
}

static int change_prefixes(struct verb *v, struct action *a, bool add, struct err *err)
{
	const struct row *row;
	struct subnetpool *draft;
	struct list given;
	int r;

	if ((r = verb_find(v, KIND_SUBNETPOOL, v->c->arg[0], &row, err)) < 0 ||
	    (r = verb_if_match(v, row, err)) < 0 || (r = read_prefixes(v, a, &given, err)) < 0)
		return r;
	a->id = row->id;
	draft = txn_edit(v->t, row);
	r = add ? add_to(v, draft, &given, err) : remove_from(v, draft, &given, err);
	if (r == 0 && draft->prefixes.count > MAX_PREFIXES)
		r = illegal_update(err, "There would be more than 1000 prefixes");
	if (r < 0 || (r = change_pool(v, (const struct subnetpool *)row, draft, err)) < 0)
		return r;
	return txn_put(v->t, draft, err);
}

static int write_added(struct verb *v, void *arg, struct err *err)
{
	return change_prefixes(v, arg, true, err);
}

static int write_removed(struct verb *v, void *arg, struct err *err)
{
	return change_prefixes(v, arg, false, err);
}

static int reply_prefixes(struct call *c, struct err *err)
{
	const struct action *a = c->state;

	buf_puts(&c->resp->body, "{\"prefixes\":");
	print_attr(shape_attr(shape_of(KIND_SUBNETPOOL), "prefixes"),
		   snap_get(c->snap, KIND_SUBNETPOOL, &a->id), &c->resp->body);
	buf_putc(&c->resp->body, '}');
	return 0;
}

static int run_action(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err), struct err *err)
{
	struct action *a = talloc_zero(c->req->region, struct action);
	int r = call_body(c, &a->body, err);

	c->state = a;
	return r < 0 ? r : call_write(c, fn, a, reply_prefixes, err);
}

static int add_prefixes(struct call *c, struct err *err)
{
	return run_action(c, write_added, err);
}

static int remove_prefixes(struct call *c, struct err *err)
{
	return run_action(c, write_removed, err);
}

#define PREFIXES_                                                                                            \
	"{\"type\": \"object\", \"required\": [\"prefixes\"], \"properties\": {\"prefixes\": "               \
	"{\"type\": \"array\", \"items\": {\"type\": \"string\"}}}}"
#define POOL_ACTION(name, about)                                                                             \
	{                                                                                                    \
		HTTP_PUT, "/v2.0/subnetpools/{}/" #name, name, ROUTE_WRITE, FAMILY_NETWORK, "subnetpools",   \
			KIND_SUBNETPOOL, about, PREFIXES_, PREFIXES_                                         \
	}

const struct route subnetpool_routes[] = {
	POOL_ACTION(add_prefixes, "Adds prefixes"),
	POOL_ACTION(remove_prefixes, "Takes prefixes away"),
	{0},
};
