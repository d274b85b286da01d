/* Port forwardings: ports of a floating IP that lead to ports of instances' addresses.
 * Hooks of the generic verbs, for rows that are nested in a floating IP; what a forwarding does is the
 * planner's (plan_forward.c). A floating IP either is associated or has forwardings, and with these is its
 * router's. */
#include "api/net.h"
#include "model/port_range.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* A range that is not moved, or goes to one port, is one rule in the kernel, whatever its size. One that is
 * moved is one for each of its ports. */
#define MOVED_MAX 4096

#define bad(err, ...) err_api(err, 400, "BadRequest", "Bad port_forwarding request: " __VA_ARGS__)

/* --- ports and ranges --- */

struct ends {
	struct port_range inside, outside;
};

static void read_ends(const struct port_forwarding *pf, struct ends *ret)
{
	*ret = (struct ends){0};
	port_range_parse(pf->internal_port_range ? pf->internal_port_range : "", &ret->inside);
	port_range_parse(pf->external_port_range ? pf->external_port_range : "", &ret->outside);
}

/* One end of a forwarding: a port, a range, or one of each that say the same. */
struct end {
	const char *port_name, *range_name;
	int64_t *port;
	const char **range;
};

static int read_range(const struct end *e, struct port_range *ret, struct err *err)
{
	if (port_range_parse(*e->range, ret) == 0)
		return 0;
	return err_api(
		err, 400, "HTTPBadRequest",
		"Invalid input for %s. Reason: '%.20s' is not FIRST:LAST, two ports between 1 and 65535.",
		e->range_name, *e->range);
}

/* Gives both forms the value of the one that the body has; of neither: they stay as they are. */
static int settle_end(struct verb *v, const struct end *e, struct err *err)
{
	bool port = verb_given(v, KIND_PORT_FORWARDING, e->port_name) && *e->port;
	bool range = verb_given(v, KIND_PORT_FORWARDING, e->range_name) && *e->range;
	struct port_range r;
	char text[PORT_RANGE_TEXT];

	if (!*e->port && !*e->range)
		return bad(err, "%s or %s is needed.", e->port_name, e->range_name);
	if (range || (!port && *e->range)) {
		if (read_range(e, &r, err) < 0)
			return -EINVAL;
		if (port && (r.first != *e->port || r.last != *e->port))
			return bad(err, "%s and %s do not say the same.", e->port_name, e->range_name);
	} else {
		r.first = r.last = (uint16_t)*e->port;
	}
	*e->port = r.first == r.last ? r.first : 0;
	*e->range = talloc_strdup(v->t->region, port_range_print(&r, text));
	return 0;
}

static int settle_ports(struct verb *v, struct port_forwarding *pf, struct err *err)
{
	const struct end inside = {"internal_port", "internal_port_range", &pf->internal_port,
				   &pf->internal_port_range};
	const struct end outside = {"external_port", "external_port_range", &pf->external_port,
				    &pf->external_port_range};
	struct ends ends;
	unsigned count;
	int r;

	if ((r = settle_end(v, &inside, err)) < 0 || (r = settle_end(v, &outside, err)) < 0)
		return r;
	read_ends(pf, &ends);
	count = port_range_count(&ends.inside);
	if (count > 1 && count != port_range_count(&ends.outside))
		return bad(err,
			   "Invalid ranges of internal and/or external ports. The relation between internal "
			   "and external ports must be N-N or 1-N.");
	if (count > MOVED_MAX && ends.inside.first != ends.outside.first)
		return bad(
			err,
			"A range that has other numbers inside than outside can have %d ports at the most.",
			MOVED_MAX);
	return 0;
}

/* --- collisions --- */

static int collision(const char *what, const struct port_range *a, const struct port_range *b,
		     struct err *err)
{
	char x[PORT_RANGE_TEXT], y[PORT_RANGE_TEXT];

	return bad(err, "There is a port collision with the %s. The following ranges collides: %s and %s.",
		   what, port_range_print(a, x), port_range_print(b, y));
}

/* A row's keys are the whole of what its ports are of, and the last of them. No two ranges of one whole
 * overlap, so they come in the order of their ports, and of those that could be in the way of a new one only
 * the first that does not end before it is. */
static const char *make_key(struct verb *v, const struct uuid *id, const char *whole, const char *protocol,
			    uint16_t last)
{
	char text[UUID_TEXT];

	return talloc_asprintf(v->t->region, "%s/%s/%s/%05u", uuid_print(id, text), whole, protocol, last);
}

static bool is_same_whole(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && strncmp(a, b, n - strlen("00000")) == 0;
}

/* The next row that is not `pf` itself. */
static const struct port_forwarding *next_other(struct scan *scan, const struct port_forwarding *at,
						const struct port_forwarding *pf)
{
	return at && uuid_eq(&at->row.id, &pf->row.id) ? scan_next(scan) : at;
}

/* Outside a port leads to one place; inside, what comes back from a port has one floating IP to be from. */
static int check_collisions(struct verb *v, struct port_forwarding *pf, struct err *err)
{
	const struct port_forwarding *other;
	struct ends mine, its = {0};
	struct scan scan;
	char ip[IP_TEXT];

	read_ends(pf, &mine);
	ip_print(&pf->internal_ip_address, ip);
	pf->inside_key = make_key(v, &pf->internal_port_id, ip, pf->protocol, mine.inside.last);
	pf->outside_key = make_key(v, &pf->floatingip_id, "", pf->protocol, mine.outside.last);
	other = next_other(&scan,
			   scan_from(&scan, net_snap(v), IX_FORWARDING_INSIDE,
				     make_key(v, &pf->internal_port_id, ip, pf->protocol, mine.inside.first)),
			   pf);
	if (other)
		read_ends(other, &its);
	if (other && is_same_whole(other->inside_key, pf->inside_key) &&
	    port_range_overlaps(&mine.inside, &its.inside))
		return collision("internal_port_range", &its.inside, &mine.inside, err);
	other = next_other(&scan,
			   scan_from(&scan, net_snap(v), IX_FORWARDING_OUTSIDE,
				     make_key(v, &pf->floatingip_id, "", pf->protocol, mine.outside.first)),
			   pf);
	if (other)
		read_ends(other, &its);
	if (other && is_same_whole(other->outside_key, pf->outside_key) &&
	    port_range_overlaps(&mine.outside, &its.outside))
		return collision("external_port_range", &its.outside, &mine.outside, err);
	return 0;
}

/* --- where it leads --- */

static const struct fixed_ip *first_v4(const struct port *p)
{
	const struct fixed_ip *f = p->fixed_ips.items;

	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (ip_is_v4(&f[i].ip_address))
			return &f[i];
	return NULL;
}

/* The port's own address that is meant; the first one when none is. */
static const struct fixed_ip *choose_internal(const struct port *p, struct port_forwarding *pf,
					      struct err *err)
{
	const struct fixed_ip *f = first_v4(p), *list = p->fixed_ips.items;
	char id[UUID_TEXT], ip[IP_TEXT];

	if (!f) {
		bad(err, "Requested internal port %s must allocate an IPv4 address at least.",
		    uuid_print(&p->row.id, id));
		return NULL;
	}
	if (ip_is_null(&pf->internal_ip_address))
		pf->internal_ip_address = f->ip_address;
	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (ip_is_v4(&list[i].ip_address) && ip_eq(&list[i].ip_address, &pf->internal_ip_address))
			return &list[i];
	bad(err,
	    "Requested internal IP address %s is not suitable for internal neutron port %s, as it is none of "
	    "its "
	    "fixed_ips.",
	    ip_print(&pf->internal_ip_address, ip), uuid_print(&p->row.id, id));
	return NULL;
}

/* What leaves from an address with a floating IP leaves with that one, whoever it is for. */
static int check_unassociated(const struct snap *s, const struct floatingip *fip,
			      const struct port_forwarding *pf, const struct uuid *router_id, struct err *err)
{
	const struct floatingip probe = {.row.id = fip->row.id,
					 .floating_network_id = fip->floating_network_id,
					 .router_id = *router_id,
					 .port_id = pf->internal_port_id,
					 .fixed_ip_address = pf->internal_ip_address};
	const struct floatingip *f = snap_find(s, IX_FLOATINGIP_PORT, &pf->internal_port_id);
	char address[IP_TEXT], id[UUID_TEXT], port[UUID_TEXT], fixed[IP_TEXT];

	if (!f)
		f = net_fixed_taken_by(s, &probe);
	if (!f)
		return 0;
	return err_api(
		err, 409, "PortHasBindingFloatingIP",
		"Cannot create port forwarding to floating IP %s (%s) with port %s using fixed IP %s, as "
		"that port already has a binding floating IP.",
		ip_print(&f->floating_ip_address, address), uuid_print(&f->row.id, id),
		uuid_print(&pf->internal_port_id, port), ip_print(&pf->internal_ip_address, fixed));
}

static int unreachable(const struct floatingip *fip, const struct port_forwarding *pf,
		       const struct uuid *subnet_id, struct err *err)
{
	char network[UUID_TEXT], subnet[UUID_TEXT], port[UUID_TEXT], id[UUID_TEXT];

	return bad(
		err,
		"External network %s is not reachable from subnet %s. Cannot set Port forwarding for port %s "
		"with Floating IP %s.",
		uuid_print(&fip->floating_network_id, network), uuid_print(subnet_id, subnet),
		uuid_print(&pf->internal_port_id, port), uuid_print(&fip->row.id, id));
}

static int other_router(const struct floatingip *fip, const struct port_forwarding *pf, struct err *err)
{
	char id[UUID_TEXT], router[UUID_TEXT], port[UUID_TEXT];

	return bad(err,
		   "The Floating IP %s had been set on router %s, the internal Neutron port %s can not reach "
		   "it.",
		   uuid_print(&fip->row.id, id), uuid_print(&fip->router_id, router),
		   uuid_print(&pf->internal_port_id, port));
}

/* Checks where the forwarding leads and says by which router. */
static int find_way(struct verb *v, const struct floatingip *fip, struct port_forwarding *pf,
		    struct uuid *ret_router, struct err *err)
{
	const struct port *p = txn_get(v->t, KIND_PORT, &pf->internal_port_id);
	const struct fixed_ip *f;
	const struct router *router;
	const struct subnet *sub;

	if (net_is_router_interface(p) || net_is_router_gateway(p))
		return bad(err, "The router's own port leads nowhere.");
	if (!(f = choose_internal(p, pf, err)))
		return -EINVAL;
	sub = txn_get(v->t, KIND_SUBNET, &f->subnet_id);
	router = sub ? net_find_router(net_snap(v), sub, &fip->floating_network_id) : NULL;
	if (!router)
		return unreachable(fip, pf, &f->subnet_id, err);
	if (!uuid_is_null(&fip->router_id) && !uuid_eq(&fip->router_id, &router->row.id))
		return other_router(fip, pf, err);
	*ret_router = router->row.id;
	return check_unassociated(net_snap(v), fip, pf, ret_router, err);
}

/* --- verbs --- */

static int associated(const struct floatingip *fip, const struct port_forwarding *pf, struct err *err)
{
	char address[IP_TEXT], id[UUID_TEXT], port[UUID_TEXT], fixed[IP_TEXT], network[UUID_TEXT];

	return err_api(
		err, 409, "FloatingIPPortAlreadyAssociated",
		"Cannot associate floating IP %s (%s) with port %s using fixed IP %s, as that fixed IP "
		"already has a floating IP on external network %s.",
		ip_print(&fip->floating_ip_address, address), uuid_print(&fip->row.id, id),
		uuid_print(&pf->internal_port_id, port), ip_print(&pf->internal_ip_address, fixed),
		uuid_print(&fip->floating_network_id, network));
}

static int set_router(struct verb *v, const struct floatingip *fip, const struct uuid *router_id,
		      struct err *err)
{
	struct floatingip *draft;

	if (uuid_eq(&fip->router_id, router_id))
		return 0;
	draft = txn_edit(v->t, fip);
	draft->router_id = *router_id;
	return txn_put(v->t, draft, err);
}

static int forwarding_create(struct verb *v, void *draft, struct err *err)
{
	struct port_forwarding *pf = draft;
	const struct floatingip *fip = txn_get(v->t, KIND_FLOATINGIP, &pf->floatingip_id);
	struct uuid router;
	int r;

	if (!uuid_is_null(&fip->port_id))
		return associated(fip, pf, err);
	v->touches_kernel = true;
	if ((r = settle_ports(v, pf, err)) < 0 || (r = find_way(v, fip, pf, &router, err)) < 0 ||
	    (r = check_collisions(v, pf, err)) < 0)
		return r;
	return set_router(v, fip, &router, err);
}

/* Another port without an address: its first. */
static int forwarding_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct port_forwarding *was = old;
	struct port_forwarding *pf = draft;
	const struct floatingip *fip = txn_get(v->t, KIND_FLOATINGIP, &pf->floatingip_id);
	struct uuid router;
	int r;

	if (!uuid_eq(&was->internal_port_id, &pf->internal_port_id) &&
	    !verb_given(v, KIND_PORT_FORWARDING, "internal_ip_address"))
		pf->internal_ip_address = (struct ip){0};
	v->touches_kernel = true;
	if ((r = settle_ports(v, pf, err)) < 0 || (r = find_way(v, fip, pf, &router, err)) < 0)
		return r;
	return check_collisions(v, pf, err);
}

/* With its last forwarding a floating IP leaves the router. */
static int leave_router(struct verb *v, const struct port_forwarding *pf, struct err *err)
{
	const struct floatingip *fip = txn_get(v->t, KIND_FLOATINGIP, &pf->floatingip_id);
	struct scan scan;
	const struct uuid none = {0};

	if (!scan_index(&scan, net_snap(v), IX_FORWARDING_FIP, &pf->floatingip_id, NULL) || scan_next(&scan))
		return 0;
	return fip ? set_router(v, fip, &none, err) : 0;
}

static int forwarding_remove(struct verb *v, const void *row, struct err *err)
{
	v->touches_kernel = true;
	return leave_router(v, row, err);
}

int net_drop_forwardings(struct verb *v, const struct uuid *port_id, const struct port *keeps,
			 struct err *err)
{
	const struct port_forwarding *pf;
	struct uuid after = {0};
	struct scan scan;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (pf = scan_index(&scan, net_snap(v), IX_FORWARDING_PORT, port_id,
					  uuid_is_null(&after) ? NULL : &after))) {
		after = pf->row.id;
		if (!keeps || !net_port_has(keeps, &pf->internal_ip_address))
			r = verb_drop(v, &pf->row, err);
	}
	return r;
}

bool net_has_forwardings(const struct floatingip *f)
{
	return uuid_is_null(&f->port_id) && !uuid_is_null(&f->router_id);
}

int net_check_forwardings(const struct snap *s, const struct port *p, const struct subnet *sub,
			  const struct ip *fixed, struct err *err)
{
	const struct holding *h = snap_holding(s, &sub->row.id, fixed);
	const struct port_forwarding *pf = snap_find(s, IX_FORWARDING_PORT, &p->row.id);
	struct scan scan;
	char id[UUID_TEXT];

	/* Another port's address, which this one may use as well. */
	if (!pf && h && h->kind == KIND_PORT && !uuid_eq(&h->id, &p->row.id)) {
		pf = scan_index(&scan, s, IX_FORWARDING_PORT, &h->id, NULL);
		while (pf && !ip_eq(&pf->internal_ip_address, fixed))
			pf = scan_next(&scan);
	}
	if (!pf)
		return 0;
	return err_api(
		err, 400, "PortHasPortForwarding",
		"Cannot associate floating IP to port %s because it already has a Port Forwarding binding.",
		uuid_print(&pf->internal_port_id, id));
}

bool net_forwards_into(const struct snap *s, const struct floatingip *f, const struct subnet *sub)
{
	const struct port_forwarding *pf;
	struct scan scan;

	if (!net_has_forwardings(f))
		return false;
	for (pf = scan_index(&scan, s, IX_FORWARDING_FIP, &f->row.id, NULL); pf; pf = scan_next(&scan))
		if (cidr_has(&sub->cidr, &pf->internal_ip_address))
			return true;
	return false;
}

/* --- showing --- */

static void print_ports(const struct port_forwarding *pf, struct buf *out)
{
	if (pf->internal_port)
		buf_printf(out, ",\"internal_port\":%d", (int)pf->internal_port);
	if (pf->external_port)
		buf_printf(out, ",\"external_port\":%d", (int)pf->external_port);
	if (!pf->internal_port || !pf->external_port)
		buf_printf(out, ",\"internal_port_range\":\"%s\",\"external_port_range\":\"%s\"",
			   pf->internal_port_range, pf->external_port_range);
}

void net_print_forwardings(const struct snap *s, const struct uuid *floatingip_id, struct buf *out)
{
	const struct port_forwarding *pf;
	const char *comma = "";
	char id[UUID_TEXT], port[UUID_TEXT], ip[IP_TEXT];
	struct scan scan;

	buf_putc(out, '[');
	for (pf = scan_index(&scan, s, IX_FORWARDING_FIP, floatingip_id, NULL); pf; pf = scan_next(&scan)) {
		buf_printf(out,
			   "%s{\"id\":\"%s\",\"protocol\":\"%s\",\"internal_port_id\":\"%s\","
			   "\"internal_ip_address\":\"%s\"",
			   comma, uuid_print(&pf->row.id, id), pf->protocol,
			   uuid_print(&pf->internal_port_id, port), ip_print(&pf->internal_ip_address, ip));
		print_ports(pf, out);
		buf_putc(out, '}');
		comma = ",";
	}
	buf_putc(out, ']');
}

const struct resource port_forwarding_resource = {
	.kind = KIND_PORT_FORWARDING,
	.create = forwarding_create,
	.update = forwarding_update,
	.remove = forwarding_remove,
};
