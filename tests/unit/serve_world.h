/* One network with one subnet and one port, for tests of what the responder answers. */
#pragma once
#include "model/txn.h"
#include "serve/serve.h"

#include <string.h>
#include <talloc.h>

#define SERVER 0xa9fea9fdu

struct world {
	void *region;
	const struct snap *snap;
	struct serve_settings settings;
	struct serve_at at;
	struct mac mac;
	struct uuid port;
};

static void no_random(void *buf, size_t len)
{
	static uint8_t n;

	memset(buf, ++n, len);
}

static const char *text(const char *t)
{
	return t;
}

static void put(struct txn *t, const void *row)
{
	if (txn_put(t, row, NULL) < 0)
		abort();
}

/* One network with one subnet and one port, as `tweak` would have them. */
static void build(struct world *w, void (*tweak)(struct network *n, struct subnet *s, struct port *p))
{
	struct snap *base = snap_new();
	struct network *n;
	struct subnet *s;
	struct port *p;
	struct fixed_ip *f;
	struct txn t;

	*w = (struct world){.region = talloc_new(NULL), .settings = {SERVER, 3600, "cloud.example"}};
	txn_begin(&t, base, w->region, 1, no_random);
	n = txn_new(&t, KIND_NETWORK);
	n->dns_domain = text("");
	n->name = n->description = n->project_id = text("x");
	n->admin_state_up = true;
	n->mtu = 1400;
	s = txn_new(&t, KIND_SUBNET);
	s->name = s->description = s->project_id = text("x");
	s->network_id = n->row.id;
	s->ip_version = 4;
	s->enable_dhcp = true;
	cidr_parse("10.0.0.0/24", &s->cidr);
	ip_parse("10.0.0.1", &s->gateway_ip);
	p = txn_new(&t, KIND_PORT);
	p->dns_name = p->dns_domain = p->name = p->description = p->project_id = p->device_id =
		p->device_owner = p->host_id = text("");
	p->vnic_type = "normal";
	p->binding_profile = "{}";
	p->network_id = n->row.id;
	p->admin_state_up = true;
	mac_parse("fa:16:3e:00:00:05", &p->mac_address);
	f = talloc_zero(w->region, struct fixed_ip);
	f->subnet_id = s->row.id;
	ip_parse("10.0.0.5", &f->ip_address);
	p->fixed_ips = (struct list){f, 1};
	if (tweak)
		tweak(n, s, p);
	put(&t, n);
	put(&t, s);
	put(&t, p);
	w->snap = txn_finish(&t);
	w->mac = p->mac_address;
	w->port = p->row.id;
	w->at = (struct serve_at){.snap = w->snap, .settings = &w->settings, .network = n->row.id};
	mac_parse("02:62:75:00:00:01", &w->at.mac);
	txn_abort(&t);
	snap_drop(base);
}

static inline void done(struct world *w)
{
	snap_drop(w->snap);
	talloc_free(w->region);
}
