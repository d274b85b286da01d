/* Fills a database with ports and floating IPs, faster than requests would.
 *
 *   populate DATABASE NETWORK EXTERNAL ROUTER ASSOCIATED FREE [PORT FIRST]
 *
 * The networks and the router (ids) are there already, made through the API. Makes ASSOCIATED + FREE ports
 * and as many floating IPs, and associates the first ASSOCIATED. With PORT makes no ports: all belong to that
 * one, to the addresses from FIRST on, which it must be allowed to have. Prints "FLOATINGIP ADDRESS PORT" for
 * each. No daemon may run on the database. Used by bench/run: the model and the store are the daemon's own.
 */
#include "store/ledger.h"

#include <err.h>
#include <stdio.h>
#include <talloc.h>

#define PER_WRITE 500 /* rows that a transaction changes are searched one by one */

struct world {
	struct uuid network, external, router;
	struct uuid subnet, external_subnet;
	const char *project_id;
	const struct port *shared;  /* all floating IPs are this port's; NULL: each has one of its own */
	struct ip fixed;            /* the next one of `shared` */
	size_t associate, make, at; /* the first `associate` of `make`; `at` are made */
};

static void parse_id(const char *text, struct uuid *ret)
{
	if (uuid_parse(text, ret) < 0)
		errx(2, "not an id: %s", text);
}

/* Defaults and all, as a request would have made it. */
static int decode(struct txn *t, enum kind kind, json_t *json, void *draft, struct err *err)
{
	uint64_t given;
	int r = decode_given(shape_of(kind), json, DECODE_POST, true, t->region, draft, &given, err);

	json_decref(json);
	return r;
}

static int make_port(struct txn *t, const struct world *w, const struct port **ret, struct err *err)
{
	struct port *p = txn_new(t, KIND_PORT);
	struct fixed_ip *fixed = talloc_zero(t->region, struct fixed_ip);
	char network[UUID_TEXT];
	int r = decode(t, KIND_PORT,
		       json_pack("{s:s, s:s, s:s}", "network_id", uuid_print(&w->network, network),
				 "project_id", w->project_id, "device_owner", "compute:bench"),
		       p, err);

	if (r < 0)
		return r;
	fixed->subnet_id = w->subnet;
	r = snap_free_address(t->work, &w->subnet, &fixed->ip_address);
	if (r < 0)
		return err_set(err, r, "the network is full");
	p->fixed_ips = (struct list){fixed, 1};
	p->mac_address = (struct mac){
		{0xfa, 0x16, 0x3e, (uint8_t)(w->at >> 16), (uint8_t)(w->at >> 8), (uint8_t)w->at}};
	*ret = p;
	return txn_put(t, p, err);
}

/* The address that the next floating IP leads to. */
static struct ip next_fixed(struct world *w, const struct port *p)
{
	struct ip ip = w->fixed;

	if (!w->shared)
		return ((const struct fixed_ip *)p->fixed_ips.items)->ip_address;
	w->fixed = ip_add(&ip, 1);
	return ip;
}

static int make_floatingip(struct txn *t, struct world *w, const struct port *p, struct err *err)
{
	struct floatingip *f = txn_new(t, KIND_FLOATINGIP);
	char id[UUID_TEXT], address[IP_TEXT], port[UUID_TEXT];
	int r = decode(t, KIND_FLOATINGIP,
		       json_pack("{s:s, s:s}", "floating_network_id", uuid_print(&w->external, id),
				 "project_id", w->project_id),
		       f, err);

	if (r < 0)
		return r;
	f->subnet_id = w->external_subnet;
	r = snap_free_address(t->work, &f->subnet_id, &f->floating_ip_address);
	if (r < 0)
		return err_set(err, r, "the external network is full");
	if (w->at < w->associate) {
		f->port_id = p->row.id;
		f->fixed_ip_address = next_fixed(w, p);
		f->router_id = w->router;
	}
	printf("%s %s %s\n", uuid_print(&f->row.id, id), ip_print(&f->floating_ip_address, address),
	       uuid_print(&p->row.id, port));
	return txn_put(t, f, err);
}

static int make_some(struct txn *t, void *arg, struct err *err)
{
	struct world *w = arg;
	const struct port *p = w->shared;
	int r = 0;

	for (int i = 0; r == 0 && i < PER_WRITE && w->at < w->make; i++) {
		if (!w->shared)
			r = make_port(t, w, &p, err);
		if (r == 0)
			r = make_floatingip(t, w, p, err);
		w->at++;
	}
	return r;
}

static struct uuid subnet_of(const struct snap *s, const struct uuid *network)
{
	const struct subnet *sub = snap_find(s, IX_SUBNET_NETWORK, network);

	if (!sub)
		errx(1, "the network has no subnet");
	return sub->row.id;
}

static void share_port(struct world *w, const struct snap *s, char **argv)
{
	struct uuid id;

	parse_id(argv[0], &id);
	w->shared = snap_get(s, KIND_PORT, &id);
	if (!w->shared || ip_parse(argv[1], &w->fixed) < 0)
		errx(1, "no such port, or not an address");
}

int main(int argc, char **argv)
{
	struct world w = {0};
	struct ledger *ledger;
	struct store *st;
	struct err err = {0};
	const struct snap *s;
	const struct router *router;

	if (argc != 7 && argc != 9)
		errx(2, "usage: populate DATABASE NETWORK EXTERNAL ROUTER ASSOCIATED FREE [PORT FIRST]");
	parse_id(argv[2], &w.network);
	parse_id(argv[3], &w.external);
	parse_id(argv[4], &w.router);
	w.associate = strtoul(argv[5], NULL, 10);
	w.make = w.associate + strtoul(argv[6], NULL, 10);
	if (store_sqlite_open(argv[1], false, &st, &err) < 0 || ledger_new(st, NULL, NULL, &ledger, &err) < 0)
		errx(1, "%s", err.message);
	s = ledger_snap(ledger);
	router = snap_get(s, KIND_ROUTER, &w.router);
	if (!router)
		errx(1, "there is no such router");
	w.project_id = router->project_id;
	if (argc == 9)
		share_port(&w, s, argv + 7);
	w.subnet = subnet_of(s, &w.network);
	w.external_subnet = subnet_of(s, &w.external);
	while (w.at < w.make) {
		void *region = talloc_new(NULL);
		struct actor actor = {.user_id = "",
				      .user_name = "bench",
				      .project_id = w.project_id,
				      .project_name = "",
				      .request_id = "",
				      .admin = true};

		if (ledger_write_sync(ledger, region, &actor, "bench", make_some, &w, &err) < 0)
			errx(1, "%s", err.message);
		talloc_free(region);
	}
	snap_drop(s);
	ledger_free(ledger);
	return 0;
}
