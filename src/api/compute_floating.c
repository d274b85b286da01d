/* os-floating-ips and os-floating-ip-pools: nova-network's floating IPs, which are the network API's.
 * Route functions of the compute API up to 2.35; whatever changes goes through the hooks of
 * /v2.0/floatingips. */
#include "api/compute.h"
#include "api/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define LAST_MINOR 35

/* --- pools --- */

const char *compute_default_pool(const struct call *c)
{
	return c->api->config.nova_pool ? c->api->config.nova_pool : "nova";
}

static int no_pool(struct err *err)
{
	return err_api(err, 404, "FloatingIpPoolNotFound", "Floating IP pool not found.");
}

int compute_pool(const struct call *c, const struct snap *s, const char *name, const struct network **ret,
		 struct err *err)
{
	const char *wanted = name ? name : compute_default_pool(c);
	const struct network *n, *found = NULL, *only = NULL;
	size_t count = 0, matches = 0;
	struct scan scan;
	bool external = true;
	struct uuid id;
	bool is_id = uuid_parse(wanted, &id) == 0;

	for (n = scan_index(&scan, s, IX_NETWORK_EXTERNAL, &external, NULL); n; n = scan_next(&scan)) {
		if (!net_sees_network(s, &c->caller, &n->row))
			continue;
		count++;
		only = n;
		if (strcmp(n->name, wanted) != 0 && !(is_id && uuid_eq(&id, &n->row.id)))
			continue;
		matches++;
		found = n;
	}
	/* Where there is one pool, whoever names none means that. */
	if (!found && !name && count == 1)
		found = only;
	if (matches > 1)
		return err_api(
			err, 409, "NoUniqueMatch",
			"Multiple floating IP pools matches found for name '%.100s', use an ID to be more "
			"specific.",
			wanted);
	if (!found)
		return no_pool(err);
	*ret = found;
	return 0;
}

static int cmp_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int compute_pools(struct call *c, struct err *err)
{
	const char **names = NULL;
	const struct network *n;
	struct scan scan;
	bool external = true;
	size_t count = 0;
	int r = compute_until(c, LAST_MINOR, err);

	if (r < 0)
		return r;
	for (n = scan_index(&scan, c->snap, IX_NETWORK_EXTERNAL, &external, NULL); n; n = scan_next(&scan)) {
		if (!net_sees_network(c->snap, &c->caller, &n->row))
			continue;
		names = talloc_realloc(c->req->region, names, const char *, count + 1);
		names[count++] = n->name;
	}
	if (count > 1)
		qsort(names, count, sizeof(*names), cmp_name);
	buf_puts(&c->resp->body, "{\"floating_ip_pools\":[");
	for (size_t i = 0; i < count; i++) {
		buf_json_next(&c->resp->body);
		buf_putc(&c->resp->body, '{');
		buf_json_member(&c->resp->body, "name", names[i]);
		buf_putc(&c->resp->body, '}');
	}
	buf_puts(&c->resp->body, "]}");
	return 0;
}

/* --- printing --- */

static void put_ip(struct buf *b, const char *key, const struct ip *ip)
{
	char text[IP_TEXT];

	buf_json_member(b, key, ip_is_null(ip) ? NULL : ip_print(ip, text));
}

static void print_floating(struct call *c, const struct floatingip *f)
{
	const struct network *n = snap_get(c->snap, KIND_NETWORK, &f->floating_network_id);
	const struct port *p = uuid_is_null(&f->port_id) ? NULL : snap_get(c->snap, KIND_PORT, &f->port_id);
	struct buf *b = &c->resp->body;
	char id[UUID_TEXT];

	buf_putc(b, '{');
	buf_json_member(b, "id", uuid_print(&f->row.id, id));
	put_ip(b, "ip", &f->floating_ip_address);
	put_ip(b, "fixed_ip", &f->fixed_ip_address);
	buf_json_member(b, "instance_id", p ? compute_server_of(p) : NULL);
	buf_json_member(b, "pool", n ? n->name : NULL);
	buf_putc(b, '}');
}

static void reply_floating(struct call *c, const struct floatingip *f)
{
	buf_puts(&c->resp->body, "{\"floating_ip\":");
	print_floating(c, f);
	buf_putc(&c->resp->body, '}');
}

/* --- reading --- */

static int cmp_address(const void *a, const void *b)
{
	const struct floatingip *x = *(const struct floatingip *const *)a,
				*y = *(const struct floatingip *const *)b;

	return ip_cmp(&x->floating_ip_address, &y->floating_ip_address);
}

int compute_floating_ips(struct call *c, struct err *err)
{
	const char *project = c->caller.actor.project_id ? c->caller.actor.project_id : "";
	size_t room = (size_t)snap_usage(c->snap, KIND_FLOATINGIP, project), count = 0;
	const struct floatingip **list = talloc_array(c->req->region, const struct floatingip *, room + 1),
				*f;
	struct scan scan;
	int r = compute_until(c, LAST_MINOR, err);

	if (r < 0)
		return r;
	f = scan_index(&scan, c->snap, IX_FLOATINGIP_PROJECT, project, NULL);
	for (; f && count < room; f = scan_next(&scan))
		list[count++] = f;
	if (count > 1)
		qsort(list, count, sizeof(*list), cmp_address);
	buf_puts(&c->resp->body, "{\"floating_ips\":[");
	for (size_t i = 0; i < count; i++) {
		buf_json_next(&c->resp->body);
		print_floating(c, list[i]);
	}
	buf_puts(&c->resp->body, "]}");
	return 0;
}

static int not_found(const char *id, struct err *err)
{
	return err_api(err, 404, "FloatingIpNotFound", "Floating IP not found for ID %.100s", id);
}

int compute_floating_ip(struct call *c, struct err *err)
{
	const struct row *row;
	int r = compute_until(c, LAST_MINOR, err);

	if (r < 0)
		return r;
	if (call_find(c, KIND_FLOATINGIP, c->arg[0], &row, NULL) < 0)
		return not_found(c->arg[0], err);
	reply_floating(c, (const struct floatingip *)row);
	return 0;
}

int compute_floating_by_address(const struct call *c, const struct snap *s, const char *address,
				const struct floatingip **ret, struct err *err)
{
	const char *own = c->caller.actor.project_id;
	const struct floatingip *f, *found = NULL;
	struct scan scan;
	struct ip ip;

	if (ip_parse(address, &ip) == 0)
		for (f = scan_index(&scan, s, IX_FLOATINGIP_ADDRESS, &ip, NULL); f; f = scan_next(&scan))
			if (call_sees(c, s, &f->row) && (!found || (own && strcmp(f->project_id, own) == 0)))
				found = f;
	if (!found)
		return err_api(err, 404, "FloatingIpNotFoundForAddress", "floating IP not found");
	*ret = found;
	return 0;
}

/* --- allocating --- */

struct allocation {
	const char *pool; /* as the body says it; NULL: it does not */
	struct uuid id;
};

/* The network API's refusals in Nova's words. */
static int refusal(const struct allocation *a, const struct network *pool, struct err *err)
{
	bool quota = strcmp(err->type, "OverQuota") == 0;
	bool empty = strcmp(err->type, "ExternalIpAddressExhausted") == 0 ||
		     strstr(err->message, "no IPv4 subnet");

	if (quota && a->pool)
		return err_api(err, 403, "Forbidden", "IP allocation over quota in pool %.255s.", pool->name);
	if (quota)
		return err_api(err, 403, "Forbidden", "IP allocation over quota.");
	if (empty && a->pool)
		return err_api(err, 404, "NoMoreFloatingIps", "No more floating IPs in pool %.255s.",
			       pool->name);
	if (empty)
		return err_api(err, 404, "NoMoreFloatingIps", "No more floating IPs available.");
	return err->errnum;
}

static int allocate(struct verb *v, void *arg, struct err *err)
{
	struct allocation *a = arg;
	const struct network *pool;
	char id[UUID_TEXT];
	json_t *json;
	int r = compute_pool(v->c, v->t->work, a->pool, &pool, err);

	if (r < 0)
		return r;
	json = json_pack("{s:s}", "floating_network_id", uuid_print(&pool->row.id, id));
	r = verb_make(v, KIND_FLOATINGIP, json, &a->id, err);
	json_decref(json);
	return r < 0 ? refusal(a, pool, err) : 0;
}

static int reply_allocated(struct call *c, struct err *err)
{
	const struct allocation *a = c->state;

	reply_floating(c, snap_get(c->snap, KIND_FLOATINGIP, &a->id));
	return 0;
}

int compute_floating_create(struct call *c, struct err *err)
{
	struct allocation *a = talloc_zero(c->req->region, struct allocation);
	json_t *body;
	int r = compute_until(c, LAST_MINOR, err);

	if (r < 0)
		return r;
	if (c->req->body_len &&
	    ((r = call_body(c, &body, err)) < 0 || (r = compute_text(body, "pool", &a->pool, err)) < 0))
		return r;
	c->state = a;
	call_makes(c, KIND_FLOATINGIP, &a->id);
	return call_write(c, allocate, a, reply_allocated, err);
}

/* --- releasing --- */

static int release(struct verb *v, void *arg, struct err *err)
{
	const struct row *row;
	int r = verb_find(v, KIND_FLOATINGIP, v->c->arg[0], &row, err);

	if (r == -ENOENT)
		return not_found(v->c->arg[0], err);
	return r < 0 ? r : verb_drop(v, row, err);
}

int compute_floating_delete(struct call *c, struct err *err)
{
	int r = compute_until(c, LAST_MINOR, err);

	return r < 0 ? r : call_write(c, release, NULL, compute_accepted, err);
}
