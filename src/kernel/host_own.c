/* What a host that routes itself must not lose: its own addresses, and the networks that it is connected to.
 * Asked before NAT and addresses are put in the host's namespace; only the kernel knows what the host has. */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "kernel/nft_elem.h"

struct host {
	struct netns *ns;
	struct foreign foreign, routes;
	int *inside; /* ifindexes of inside legs; owned */
	size_t inside_count;
};

static void add_inside(struct host *h, sym dev)
{
	int index = link_index(h->ns, dev, NULL);

	h->inside = xrealloc(h->inside, (h->inside_count + 1) * sizeof(int));
	if (index > 0)
		h->inside[h->inside_count++] = index;
}

static void take_inside(const struct nft_elem *e, void *arg)
{
	add_inside(arg, e->dev);
}

static bool is_inside(const struct host *h, int index)
{
	for (size_t i = 0; i < h->inside_count; i++)
		if (h->inside[i] == index)
			return true;
	return false;
}

static const char *device_name(const struct host *h, int index, struct link_row *row)
{
	return link_row_at(h->ns, index, row, NULL) == 0 ? row->info.name : "another interface";
}

/* Nobody takes the host away from its administrator. */
static void refuse_address(const struct host *h, struct change *c)
{
	char text[IP_TEXT];

	for (size_t i = 0; i < h->foreign.count; i++)
		if (ip_eq(&h->foreign.list[i].at.addr, &c->want->addr))
			change_fail(c, -EADDRINUSE,
				    "%s is an address of this host itself: it can not be a floating IP too",
				    ip_print(&c->want->addr, text));
}

/* The host answers for its addresses itself: for one that is not translated, on behalf of nobody. */
static void refuse_untranslated(const struct host *h, struct change *c)
{
	struct nft_elem nat = {.set = SET_FLOATING, .addr = ip_to_v4(&c->want->addr)};
	char text[IP_TEXT];

	if (nft_elem_get(h->ns, &nat, NULL) < 0)
		change_fail(c, -ENOENT, "%s is not translated", ip_print(&c->want->addr, text));
}

/* A floating IP leads to an instance, not to somebody in a network that the host is in. */
static void refuse_target(const struct host *h, struct change *c)
{
	char text[IP_TEXT], net[CIDR_TEXT];
	struct link_row row;

	for (size_t i = 0; i < h->foreign.count; i++) {
		const struct foreign_address *f = &h->foreign.list[i];

		if (f->at.len < 32 && cidr_has(&f->at, &c->want->value.ip) && !is_inside(h, f->index))
			change_fail(c, -EPERM, "%s is in %s, the network of %s of this host",
				    ip_print(&c->want->value.ip, text), cidr_print(&f->at, net),
				    device_name(h, f->index, &row));
	}
}

static void refuse_overlap(const struct host *h, struct change *c, const struct foreign *others)
{
	const struct cidr want = {c->want->addr, c->want->plen, true};
	char text[CIDR_TEXT], net[CIDR_TEXT];
	int own = link_index(h->ns, c->want->dev, NULL);
	struct link_row row;

	for (size_t i = 0; i < others->count && !c->result; i++) {
		const struct foreign_address *f = &others->list[i];

		if (f->index != own && cidr_overlaps(&want, &f->at))
			change_fail(c, -EEXIST, "%s overlaps with %s, the network of %s of this host",
				    cidr_print(&want, text), cidr_print(&f->at, net),
				    device_name(h, f->index, &row));
	}
}

/* A network of a project's does not come into the way of one of the host's, nor of one that it has a route
 * to. */
static void refuse_network(const struct host *h, struct change *c)
{
	refuse_overlap(h, c, &h->foreign);
	refuse_overlap(h, c, &h->routes);
}

static bool is_network(const struct fact *f)
{
	return f && f->kind == FACT_ADDRESS && !(f->value.num & ADDRESS_LINK) && ip_is_v4(&f->addr);
}

static void refuse(const struct host *h, struct change *c)
{
	if (c->want->kind == FACT_NAT) {
		refuse_address(h, c);
		if (!ip_is_null(&c->want->value.ip))
			refuse_target(h, c);
	} else if (c->want->kind == FACT_FORWARD) {
		refuse_target(h, c);
	} else if (c->want->kind == FACT_ADDRESS && c->want->value.num & ADDRESS_LINK) {
		refuse_address(h, c);
		if (c->want->value.num & ADDRESS_FLOATING)
			refuse_untranslated(h, c);
	} else if (is_network(c->want)) {
		refuse_network(h, c);
	}
}

void host_refuse(struct netns *ns, struct change **changes, size_t count)
{
	struct host h = {.ns = ns};
	bool asks = false, networks = false;

	for (size_t i = 0; i < count; i++) {
		asks |= changes[i]->want &&
			(changes[i]->want->kind == FACT_NAT || changes[i]->want->kind == FACT_FORWARD ||
			 changes[i]->want->kind == FACT_ADDRESS);
		networks |= is_network(changes[i]->want);
		if (changes[i]->want && changes[i]->want->kind == FACT_GATEWAY)
			add_inside(&h, changes[i]->want->dev);
	}
	if (asks && address_list_foreign(ns, &h.foreign, NULL) == 0)
		nft_elem_dump(ns, SET_INSIDE, take_inside, &h, NULL);
	if (networks)
		route_list_foreign(ns, &h.routes, NULL);
	for (size_t i = 0; asks && i < count; i++)
		if (changes[i]->want)
			refuse(&h, changes[i]);
	free(h.foreign.list);
	free(h.routes.list);
	free(h.inside);
}
