/* os-floating-ips-bulk: what `nova-manage floating create`, `list` and `delete` ask for.
 * Administrators' route functions. A range is a subnet of the pool's network, or a part of one that is there
 * already; a pool that does not exist is a network to be made. */
#include "api/compute.h"
#include "api/net.h"

#include <string.h>
#include <talloc.h>

struct bulk {
	struct compute_range range;
	const char *text, *pool, *interface;
};

/* --- where a pool is --- */

static const char *default_physical(const struct api_config *config)
{
	const char *const *known = config->physical_networks;

	if (config->nova_physical_network)
		return config->nova_physical_network;
	return known ? known[0] : NULL;
}

static const char *interface_on(const struct api_config *config, const char *physical)
{
	const char *ours = default_physical(config);

	return physical && ours && strcmp(physical, ours) == 0 && config->nova_interface
		       ? config->nova_interface
		       : physical;
}

const char *compute_interface_of(const struct call *c, const struct network *n)
{
	return interface_on(&c->api->config, n->physical_network);
}

/* The physical network that an interface means, by its own name or by the interface's. */
static const char *physical_of(const struct api_config *config, const char *interface)
{
	for (const char *const *p = config->physical_networks; p && *p; p++)
		if (strcmp(*p, interface) == 0)
			return *p;
	if (config->nova_interface && strcmp(config->nova_interface, interface) == 0)
		return default_physical(config);
	return NULL;
}

static int make_pool(struct verb *v, const struct bulk *b, const struct network **ret, struct err *err)
{
	const struct api_config *config = &v->c->api->config;
	const char *physical = b->interface ? physical_of(config, b->interface) : default_physical(config);
	struct uuid id;
	json_t *json;
	int r;

	if (!physical)
		return err_api(err, 400, "InvalidInput",
			       "There is no pool %s, and none can be made on the interface %s: it is no "
			       "physical network of the configuration.",
			       b->pool, b->interface ? b->interface : "(none)");
	json = json_pack("{s:s, s:b, s:s, s:s}", "name", b->pool, "router:external", 1,
			 "provider:network_type", "flat", "provider:physical_network", physical);
	r = json ? verb_make(v, KIND_NETWORK, json, &id, err)
		 : err_api(err, 400, "InvalidInput", "The pool's name is no text.");
	json_decref(json);
	if (r == 0)
		*ret = txn_get(v->t, KIND_NETWORK, &id);
	return r;
}

/* The pool, which has to be on the interface when one is named. */
static int find_pool(struct verb *v, const struct bulk *b, const struct network **ret, struct err *err)
{
	struct err quiet = {0};
	const char *interface;
	int r = compute_pool(v->c, v->t->work, b->pool, ret, &quiet);

	if (r < 0 && quiet.status == 404)
		return make_pool(v, b, ret, err);
	if (r < 0) {
		*err = quiet;
		return r;
	}
	interface = compute_interface_of(v->c, *ret);
	if (!b->interface || (interface && strcmp(b->interface, interface) == 0) ||
	    ((*ret)->physical_network && strcmp(b->interface, (*ret)->physical_network) == 0))
		return 0;
	return err_api(err, 400, "InvalidInput", "The pool %s is on the interface %s, not on %s.", b->pool,
		       interface ? interface : "(none)", b->interface);
}

/* --- what is there already --- */

static bool is_external(const struct snap *s, const struct subnet *sub)
{
	const struct network *n = snap_get(s, KIND_NETWORK, &sub->network_id);

	return n && n->external;
}

/* The first subnet behind `after` of an external network that shares addresses with the range. Administrators
 * do this a few times in a machine's life: walking all subnets is cheap enough. */
static const struct subnet *next_overlap(struct scan *scan, const struct snap *s,
					 const struct compute_range *range, const struct subnet *sub)
{
	for (; sub; sub = scan_next(scan))
		if (sub->ip_version == 4 && cidr_overlaps(&sub->cidr, &range->cidr) && is_external(s, sub))
			return sub;
	return NULL;
}

static const struct floatingip *allocated_in(const struct snap *s, const struct subnet *sub,
					     const struct compute_range *range)
{
	const struct holding *h;
	struct bcursor cursor;

	for (h = snap_first_holding(s, &sub->row.id, &range->first, &cursor);
	     h && ip_cmp(&h->ip, &range->last) <= 0; h = snap_next_holding(&sub->row.id, &cursor))
		if (h->kind == KIND_FLOATINGIP)
			return snap_get(s, KIND_FLOATINGIP, &h->id);
	return NULL;
}

static struct ip later(const struct ip *a, const struct ip *b)
{
	return ip_cmp(a, b) < 0 ? *b : *a;
}

/* The first address of the range that the subnet gives, or has given. */
static bool first_existing(const struct snap *s, const struct subnet *sub, const struct compute_range *range,
			   struct ip *ret)
{
	const struct pool *p = sub->allocation_pools.items;
	const struct floatingip *f = allocated_in(s, sub, range);

	for (uint32_t i = 0; i < sub->allocation_pools.count; i++)
		if (ip_cmp(&p[i].start, &range->last) <= 0 && ip_cmp(&range->first, &p[i].end) <= 0) {
			*ret = later(&p[i].start, &range->first);
			return true;
		}
	if (f)
		*ret = f->floating_ip_address;
	return f != NULL;
}

static int check_new(const struct snap *s, const struct compute_range *range, struct err *err)
{
	const struct subnet *sub;
	struct scan scan;
	struct ip ip;
	char text[IP_TEXT];

	sub = next_overlap(&scan, s, range, scan_kind(&scan, s, KIND_SUBNET, NULL));
	for (; sub; sub = next_overlap(&scan, s, range, scan_next(&scan)))
		if (first_existing(s, sub, range, &ip))
			return err_api(err, 409, "FloatingIpExists", "Floating IP %s already exists.",
				       ip_print(&ip, text));
	return 0;
}

/* --- pools as JSON, for the subnet's own hooks --- */

static json_t *pool_json(const struct ip *start, const struct ip *end)
{
	char a[IP_TEXT], b[IP_TEXT];

	return json_pack("{s:s, s:s}", "start", ip_print(start, a), "end", ip_print(end, b));
}

/* --- create --- */

/* Puts the range among the subnet's pools; neighbours become one. */
static int extend(struct verb *v, const struct subnet *sub, const struct compute_range *range,
		  struct err *err)
{
	const struct pool *p = sub->allocation_pools.items;
	struct ip first = range->first, last = range->last;
	json_t *pools = json_array(), *json;
	int r;

	for (uint32_t i = 0; i < sub->allocation_pools.count; i++) {
		struct ip after = ip_add(&p[i].end, 1), before = ip_add(&p[i].start, -1);

		if (ip_eq(&after, &first))
			first = p[i].start;
		else if (ip_eq(&before, &last))
			last = p[i].end;
		else
			json_array_append_new(pools, pool_json(&p[i].start, &p[i].end));
	}
	json_array_append_new(pools, pool_json(&first, &last));
	json = json_pack("{s:o}", "allocation_pools", pools);
	r = verb_change(v, &sub->row, json, err);
	json_decref(json);
	return r;
}

static int make_subnet(struct verb *v, const struct network *n, const struct compute_range *range,
		       struct err *err)
{
	char cidr[CIDR_TEXT], network[UUID_TEXT];
	struct uuid id;
	json_t *json = json_pack(
		"{s:s, s:s, s:i, s:s, s:n, s:b, s:[o]}", "name", cidr_print(&range->cidr, cidr), "network_id",
		uuid_print(&n->row.id, network), "ip_version", 4, "cidr", cidr, "gateway_ip", "enable_dhcp",
		0, "allocation_pools", pool_json(&range->first, &range->last));
	int r;

	v->no_quota = true;
	r = verb_make(v, KIND_SUBNET, json, &id, err);
	json_decref(json);
	return r;
}

static const struct subnet *subnet_around(const struct snap *s, const struct network *n,
					  const struct compute_range *range)
{
	const struct subnet *sub = net_subnet_with(s, &n->row.id, &range->first);

	return sub && cidr_has(&sub->cidr, &range->last) ? sub : NULL;
}

static int create(struct verb *v, void *arg, struct err *err)
{
	struct bulk *b = arg;
	const struct network *n;
	const struct subnet *sub;
	int r;

	if ((r = find_pool(v, b, &n, err)) < 0 || (r = check_new(v->t->work, &b->range, err)) < 0)
		return r;
	b->pool = talloc_strdup(v->c->req->region, n->name);
	b->interface = compute_interface_of(v->c, n);
	b->interface = b->interface ? talloc_strdup(v->c->req->region, b->interface) : NULL;
	sub = subnet_around(v->t->work, n, &b->range);
	return sub ? extend(v, sub, &b->range, err) : make_subnet(v, n, &b->range, err);
}

int compute_bulk_make(struct verb *v, const char *range, const char *pool, struct err *err)
{
	struct bulk b = {.text = range, .pool = pool};
	int r = compute_range_parse(range, &b.range, err);

	return r < 0 ? r : create(v, &b, err);
}

static int reply_created(struct call *c, struct err *err)
{
	const struct bulk *b = c->state;
	struct buf *out = &c->resp->body;

	buf_puts(out, "{\"floating_ips_bulk_create\":{");
	buf_json_member(out, "ip_range", b->text);
	buf_json_member(out, "pool", b->pool);
	buf_json_member(out, "interface", b->interface);
	buf_puts(out, "}}");
	return 0;
}

static int read_range(const json_t *object, struct bulk *b, struct err *err)
{
	int r = compute_text(object, "ip_range", &b->text, err);

	if (r < 0)
		return r;
	if (!b->text)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for field/attribute ip_range. It is a required property.");
	return compute_range_parse(b->text, &b->range, err);
}

int compute_bulk_create(struct call *c, struct err *err)
{
	struct bulk *b = talloc_zero(c->req->region, struct bulk);
	json_t *object;
	int r;

	if ((r = compute_object(c, "floating_ips_bulk_create", &object, err)) < 0 ||
	    (r = read_range(object, b, err)) < 0 || (r = compute_text(object, "pool", &b->pool, err)) < 0 ||
	    (r = compute_text(object, "interface", &b->interface, err)) < 0)
		return r;
	if (!b->pool || !*b->pool)
		b->pool = compute_default_pool(c);
	if (b->interface && !*b->interface)
		b->interface = NULL;
	c->state = b;
	return call_write(c, create, b, reply_created, err);
}

/* --- delete --- */

/* An address that somebody has is not pulled away from under them, as nova-network did. */
static int check_free(const struct snap *s, const struct subnet *sub, const struct compute_range *range,
		      struct err *err)
{
	const struct floatingip *f = allocated_in(s, sub, range);
	char ip[IP_TEXT];

	if (!f)
		return 0;
	return err_api(
		err, 409, "FloatingIpInUse",
		"Floating IP %s is in use by project %s; it has to be released before it can be deleted.",
		ip_print(&f->floating_ip_address, ip), f->project_id);
}

/* The pools without the range; *ret_cut: something was there. */
static json_t *cut_pools(const struct subnet *sub, const struct compute_range *range, bool *ret_cut)
{
	const struct pool *p = sub->allocation_pools.items;
	json_t *pools = json_array();
	struct ip before = ip_add(&range->first, -1), after = ip_add(&range->last, 1);

	for (uint32_t i = 0; i < sub->allocation_pools.count; i++) {
		if (ip_cmp(&p[i].end, &range->first) < 0 || ip_cmp(&range->last, &p[i].start) < 0) {
			json_array_append_new(pools, pool_json(&p[i].start, &p[i].end));
			continue;
		}
		*ret_cut = true;
		if (ip_cmp(&p[i].start, &before) <= 0)
			json_array_append_new(pools, pool_json(&p[i].start, &before));
		if (ip_cmp(&after, &p[i].end) <= 0)
			json_array_append_new(pools, pool_json(&after, &p[i].end));
	}
	return pools;
}

/* A subnet that gives nothing any more goes, unless somebody (a router's gateway) has an address there. */
static int cut(struct verb *v, const struct subnet *sub, const struct compute_range *range, bool *ret_cut,
	       struct err *err)
{
	struct bcursor cursor;
	json_t *json;
	int r = check_free(v->t->work, sub, range, err);

	if (r < 0)
		return r;
	if ((r = net_rest_end_range(v, &sub->row.id, &range->first, &range->last, err)) < 0)
		return r;
	json = json_pack("{s:o}", "allocation_pools", cut_pools(sub, range, ret_cut));
	if (!*ret_cut)
		r = 0;
	else if (!json_array_size(json_object_get(json, "allocation_pools")) &&
		 !snap_first_holding(v->t->work, &sub->row.id, NULL, &cursor))
		r = verb_drop(v, &sub->row, err);
	else
		r = verb_change(v, &sub->row, json, err);
	json_decref(json);
	return r;
}

static int delete (struct verb *v, void *arg, struct err *err)
{
	const struct bulk *b = arg;
	const struct snap *before = v->t->base;
	const struct subnet *sub;
	struct scan scan;
	int r = 0;

	/* The scan is of what was there before: one of the copy would not survive its changes. */
	sub = next_overlap(&scan, before, &b->range, scan_kind(&scan, before, KIND_SUBNET, NULL));
	for (; sub && r == 0; sub = next_overlap(&scan, before, &b->range, scan_next(&scan))) {
		bool done = false;

		r = cut(v, sub, &b->range, &done, err);
	}
	return r;
}

static int reply_deleted(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{");
	buf_json_member(&c->resp->body, "floating_ips_bulk_delete", ((const struct bulk *)c->state)->text);
	buf_puts(&c->resp->body, "}");
	return 0;
}

int compute_bulk_delete(struct call *c, struct err *err)
{
	struct bulk *b = talloc_zero(c->req->region, struct bulk);
	json_t *body;
	int r;

	if ((r = call_body(c, &body, err)) < 0 || (r = read_range(body, b, err)) < 0)
		return r;
	c->state = b;
	return call_write(c, delete, b, reply_deleted, err);
}
