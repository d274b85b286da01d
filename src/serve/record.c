/* Records of floating IPs: from rows to names. Under the publisher (daemon/publish.c). */
#include "serve/record.h"

#include <stdio.h>
#include <string.h>

static bool is_given(const char *text)
{
	return text && text[0];
}

static bool make(const char *name, const char *domain, const struct ip *address, struct record *ret)
{
	size_t n = is_given(name) ? strlen(name) : 0;

	if (!n || !is_given(domain) || !ip_is_v4(address))
		return false;
	*ret = (struct record){.address = *address};
	snprintf(ret->zone, sizeof(ret->zone), "%.255s", domain);
	if (name[n - 1] == '.')
		snprintf(ret->name, sizeof(ret->name), "%.255s", name);
	else
		snprintf(ret->name, sizeof(ret->name), "%.200s.%.255s", name, domain);
	return true;
}

/* A project may make a network of its own external for another one and number it as it likes: nothing of that
 * is outside. What is on a physical network is an administrator's. */
static bool is_outside(const struct snap *s, const struct uuid *network_id)
{
	const struct network *n = snap_get(s, KIND_NETWORK, network_id);

	return n && is_given(n->physical_network);
}

bool record_of(const struct snap *s, const struct floatingip *f, struct record *ret)
{
	const struct port *p = uuid_is_null(&f->port_id) ? NULL : snap_get(s, KIND_PORT, &f->port_id);
	const struct network *n = p ? snap_get(s, KIND_NETWORK, &p->network_id) : NULL;

	if (!is_outside(s, &f->floating_network_id))
		return false;
	if (make(f->dns_name, f->dns_domain, &f->floating_ip_address, ret))
		return true;
	return n && make(p->dns_name, is_given(p->dns_domain) ? p->dns_domain : n->dns_domain,
			 &f->floating_ip_address, ret);
}

bool record_of_rest(const struct snap *s, const struct rest *r, struct record *ret)
{
	return is_outside(s, &r->floating_network_id) &&
	       make(r->dns_name, r->dns_domain, &r->floating_ip_address, ret);
}

bool record_eq(const struct record *a, const struct record *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->zone, b->zone) == 0 &&
	       ip_eq(&a->address, &b->address);
}

bool record_is_wanted(const struct snap *s, const struct record *r)
{
	const struct floatingip *f;
	struct record other;
	struct scan scan;

	for (f = scan_index(&scan, s, IX_FLOATINGIP_ADDRESS, &r->address, NULL); f; f = scan_next(&scan))
		if (record_of(s, f, &other) && record_eq(&other, r))
			return true;
	return false;
}

struct touching {
	void (*fn)(void *arg, const struct uuid *floatingip);
	void *arg;
};

static void touch_port(const struct snap *s, const struct uuid *id, const struct touching *t)
{
	const struct floatingip *f;
	struct scan scan;

	for (f = scan_index(&scan, s, IX_FLOATINGIP_PORT, id, NULL); f; f = scan_next(&scan))
		t->fn(t->arg, &f->row.id);
}

/* A network's ports are many, and its domain seldom changes. */
static void touch_network(const struct snap *was, const struct snap *is, const struct uuid *id,
			  const struct touching *t)
{
	const struct network *a = snap_get(was, KIND_NETWORK, id), *b = snap_get(is, KIND_NETWORK, id);
	const struct port *p;
	struct scan scan;

	if (!a || !b || strcmp(a->dns_domain ? a->dns_domain : "", b->dns_domain ? b->dns_domain : "") == 0)
		return;
	for (p = scan_index(&scan, is, IX_PORT_NETWORK, id, NULL); p; p = scan_next(&scan))
		if (is_given(p->dns_name))
			touch_port(is, &p->row.id, t);
}

void record_touch(const struct snap *was, const struct snap *is, enum kind kind, const struct uuid *id,
		  void (*fn)(void *arg, const struct uuid *floatingip), void *arg)
{
	const struct touching t = {fn, arg};

	if (kind == KIND_FLOATINGIP)
		fn(arg, id);
	else if (kind == KIND_PORT)
		touch_port(is, id, &t);
	else if (kind == KIND_NETWORK)
		touch_network(was, is, id, &t);
}

void record_reverse(const struct record *r, char name[DNS_NAME_TEXT], char zone[DNS_NAME_TEXT])
{
	uint32_t a = ip_to_v4(&r->address);

	snprintf(zone, DNS_NAME_TEXT, "%u.%u.%u.in-addr.arpa.", a >> 8 & 255, a >> 16 & 255, a >> 24);
	snprintf(name, DNS_NAME_TEXT, "%u.%u.%u.%u.in-addr.arpa.", a & 255, a >> 8 & 255, a >> 16 & 255,
		 a >> 24);
}
