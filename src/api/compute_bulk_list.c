/* The list of `nova-manage floating list`: every address that projects have or can have, by address.
 * Administrators' route functions. Pools are walked side by side, so that pages can be cut by address. */
#include "api/compute.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* A run of addresses of one subnet that is still to be listed. */
struct run {
	struct ip at, end;
	const struct subnet *subnet;
	const struct network *network;
};

struct runs {
	void *region;
	struct run *list;
	size_t count, room;
	struct ip after; /* null: from the first address on */
};

/* --- which addresses --- */

static void add_run(struct runs *runs, const struct network *n, const struct subnet *sub, struct ip start,
		    struct ip end)
{
	struct ip next = ip_add(&runs->after, 1);

	if (!ip_is_null(&runs->after) && ip_cmp(&start, &next) < 0)
		start = next;
	if (ip_cmp(&end, &start) < 0)
		return;
	if (runs->count == runs->room) {
		runs->room = MAX(runs->room * 2, (size_t)64);
		runs->list = talloc_realloc(runs->region, runs->list, struct run, runs->room);
	}
	runs->list[runs->count++] = (struct run){start, end, sub, n};
}

static bool in_pools(const struct subnet *sub, const struct ip *ip)
{
	const struct pool *p = sub->allocation_pools.items;

	for (uint32_t i = 0; i < sub->allocation_pools.count; i++)
		if (ip_cmp(&p[i].start, ip) <= 0 && ip_cmp(ip, &p[i].end) <= 0)
			return true;
	return false;
}

static void add_pools(struct runs *runs, const struct snap *s, const struct network *n)
{
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, s, IX_SUBNET_NETWORK, &n->row.id, NULL); sub; sub = scan_next(&scan)) {
		const struct pool *p = sub->allocation_pools.items;

		for (uint32_t i = 0; sub->ip_version == 4 && i < sub->allocation_pools.count; i++)
			add_run(runs, n, sub, p[i].start, p[i].end);
	}
}

/* An administrator may give any address of a subnet to a project. */
static void add_strays(struct runs *runs, const struct snap *s, const struct network *n)
{
	const struct floatingip *f;
	struct scan scan;

	for (f = scan_index(&scan, s, IX_FLOATINGIP_NETWORK, &n->row.id, NULL); f; f = scan_next(&scan)) {
		const struct subnet *sub = snap_get(s, KIND_SUBNET, &f->subnet_id);

		if (sub && !in_pools(sub, &f->floating_ip_address))
			add_run(runs, n, sub, f->floating_ip_address, f->floating_ip_address);
	}
}

static int cmp_run(const void *a, const void *b)
{
	const struct run *x = a, *y = b;
	int r = ip_cmp(&x->at, &y->at);

	return r ? r : uuid_cmp(&x->subnet->row.id, &y->subnet->row.id);
}

static struct runs all_runs(struct call *c, const struct ip *after)
{
	struct runs runs = {.region = c->req->region, .after = *after};
	const struct network *n;
	struct scan scan;
	bool external = true;

	for (n = scan_index(&scan, c->snap, IX_NETWORK_EXTERNAL, &external, NULL); n; n = scan_next(&scan)) {
		add_pools(&runs, c->snap, n);
		add_strays(&runs, c->snap, n);
	}
	if (runs.count > 1)
		qsort(runs.list, runs.count, sizeof(*runs.list), cmp_run);
	return runs;
}

/* The run with the lowest address; NULL when all are done. Runs are sorted by where they began, so that only
 * those that have begun need looking at: *first is the first that is not done. */
static struct run *lowest(struct runs *runs, size_t *first)
{
	struct run *best = NULL;

	while (*first < runs->count && ip_cmp(&runs->list[*first].end, &runs->list[*first].at) < 0)
		++*first;
	for (size_t i = *first; i < runs->count; i++) {
		struct run *run = &runs->list[i];

		if (ip_cmp(&run->end, &run->at) < 0)
			continue;
		if (best && ip_cmp(&best->at, &run->at) <= 0) {
			/* Runs that nobody has taken from stand at their beginnings, in order. */
			if (ip_cmp(&run->at, &best->at) > 0)
				break;
			continue;
		}
		best = run;
	}
	return best;
}

/* --- one line --- */

static void print_line(struct call *c, const struct network *n, const struct ip *ip,
		       const struct floatingip *f)
{
	const struct port *p =
		f && !uuid_is_null(&f->port_id) ? snap_get(c->snap, KIND_PORT, &f->port_id) : NULL;
	struct buf *b = &c->resp->body;
	char text[IP_TEXT];

	buf_json_next(b);
	buf_putc(b, '{');
	buf_json_member(b, "address", ip_print(ip, text));
	buf_json_member(b, "project_id", f ? f->project_id : NULL);
	buf_json_member(b, "instance_uuid", p ? compute_server_of(p) : NULL);
	buf_json_member(b, "fixed_ip", p ? ip_print(&f->fixed_ip_address, text) : NULL);
	buf_json_member(b, "pool", n->name);
	buf_json_member(b, "interface", compute_interface_of(c, n));
	buf_putc(b, '}');
}

/* What a port holds (a router's gateway, for one) is nobody's floating IP. False: it was that. */
static bool print_address(struct call *c, const struct run *run)
{
	const struct holding *h = snap_holding(c->snap, &run->subnet->row.id, &run->at);

	if (h && h->kind == KIND_PORT)
		return false;
	print_line(c, run->network, &run->at, h ? snap_get(c->snap, KIND_FLOATINGIP, &h->id) : NULL);
	return true;
}

/* --- the list --- */

static int read_page(const struct call *c, struct ip *ret_after, uint64_t *ret_limit, struct err *err)
{
	const char *limit = http_param(c->req, "limit"), *marker = http_param(c->req, "marker");

	if (marker && *marker && (ip_parse(marker, ret_after) < 0 || !ip_is_v4(ret_after)))
		return err_api(err, 400, "HTTPBadRequest", "The marker %.60s is no IPv4 address.", marker);
	if (!limit || !*limit)
		return 0;
	if (strlen(limit) > 9 || strspn(limit, "0123456789") != strlen(limit) || atoi(limit) < 1)
		return err_api(err, 400, "HTTPBadRequest", "The limit %.20s is no number above 0.", limit);
	*ret_limit = MIN((uint64_t)atoi(limit), (uint64_t)COMPUTE_BULK_PAGE);
	return 0;
}

static bool are_too_many(const struct runs *runs)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < runs->count && sum <= COMPUTE_BULK_MAX; i++)
		sum += ip_range_count(&runs->list[i].at, &runs->list[i].end);
	return sum > COMPUTE_BULK_MAX;
}

int compute_bulk_list(struct call *c, struct err *err)
{
	uint64_t limit = UINT64_MAX, printed = 0;
	struct ip after = {0}, last = {0};
	struct runs runs;
	struct run *run;
	size_t first = 0;
	int r = read_page(c, &after, &limit, err);

	if (r < 0)
		return r;
	runs = all_runs(c, &after);
	if (limit == UINT64_MAX && are_too_many(&runs))
		return err_api(err, 400, "HTTPBadRequest",
			       "There are more than %d addresses: ask for them with limit and marker.",
			       COMPUTE_BULK_MAX);
	buf_puts(&c->resp->body, "{\"floating_ip_info\":[");
	while ((run = lowest(&runs, &first))) {
		/* An address that two pools have is not torn apart by a page's end. */
		if (printed >= limit && !ip_eq(&last, &run->at))
			break;
		last = run->at;
		printed += print_address(c, run);
		run->at = ip_add(&run->at, 1);
	}
	buf_puts(&c->resp->body, "]}");
	return 0;
}

/* One node translates all of them. */
int compute_bulk_host(struct call *c, struct err *err)
{
	const struct floatingip *f = NULL;
	struct scan scan;
	bool any = false;

	buf_puts(&c->resp->body, "{\"floating_ip_info\":[");
	if (strcmp(c->arg[0], c->api->config.node_name) == 0)
		f = scan_order(&scan, c->snap, IX_FLOATINGIP_ADDRESS);
	for (; f; f = scan_next(&scan)) {
		const struct network *n = snap_get(c->snap, KIND_NETWORK, &f->floating_network_id);

		if (!n || uuid_is_null(&f->port_id))
			continue;
		print_line(c, n, &f->floating_ip_address, f);
		any = true;
	}
	buf_puts(&c->resp->body, "]}");
	if (any)
		return 0;
	return err_api(err, 404, "FloatingIpNotFoundForHost", "Floating IP not found for host %.100s.",
		       c->arg[0]);
}
