/* Facts in words, for `buoyd plan`, error texts and tests.
 * Reads a fact, writes one line. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "plan/fact.h"

const char *fact_kind_name(enum fact_kind kind)
{
	switch (kind) {
	case FACT_NETNS:
		return "netns";
	case FACT_SYSCTL:
		return "sysctl";
	case FACT_LINK:
		return "link";
	case FACT_FDB:
		return "fdb";
	case FACT_PLUG:
		return "plug";
	case FACT_TABLE:
		return "table";
	case FACT_GATEWAY:
		return "gateway";
	case FACT_SCOPE:
		return "scope";
	case FACT_METADATA:
		return "metadata";
	case FACT_LIMIT:
		return "limit";
	case FACT_WAY:
		return "way";
	case FACT_FORWARD:
		return "forward";
	case FACT_NAT:
		return "nat";
	case FACT_PATH:
		return "path";
	case FACT_EXPRESS:
		return "express";
	case FACT_HOOK:
		return "hook";
	case FACT_ADDRESS:
		return "address";
	case FACT_ROUTE:
		return "route";
	case FACT_SPREAD:
		return "spread";
	case FACT_RULE:
		return "rule";
	case FACT_GUARD:
		return "guard";
	case FACT_SERVE:
		return "serve";
	case FACT_KINDS:
		break;
	}
	return "unknown";
}

static const char *sysctl_name(uint16_t which)
{
	switch ((enum fact_sysctl)which) {
	case SYSCTL_IP_FORWARD:
		return "net.ipv4.ip_forward";
	case SYSCTL_RP_FILTER_ALL:
		return "net.ipv4.conf.all.rp_filter";
	case SYSCTL_RP_FILTER_DEFAULT:
		return "net.ipv4.conf.default.rp_filter";
	case SYSCTL_ARP_IGNORE_ALL:
		return "net.ipv4.conf.all.arp_ignore";
	case SYSCTL_ARP_ANNOUNCE_ALL:
		return "net.ipv4.conf.all.arp_announce";
	case SYSCTL_SEND_REDIRECTS_ALL:
		return "net.ipv4.conf.all.send_redirects";
	case SYSCTL_SEND_REDIRECTS_DEFAULT:
		return "net.ipv4.conf.default.send_redirects";
	case SYSCTL_CONNTRACK_CHECKSUM:
		return "net.netfilter.nf_conntrack_checksum";
	case SYSCTL_CONNTRACK_TCP_BE_LIBERAL:
		return "net.netfilter.nf_conntrack_tcp_be_liberal";
	case SYSCTL_FWMARK_REFLECT:
		return "net.ipv4.fwmark_reflect";
	case SYSCTL_MULTIPATH_HASH:
		return "net.ipv4.fib_multipath_hash_policy";
	case SYSCTL_IP6_FORWARD:
		return "net.ipv6.conf.all.forwarding";
	case SYSCTL_KINDS:
		break;
	}
	return "unknown";
}

struct printer {
	const struct symtab *syms;
	struct buf *out;
};

/* " word name", or nothing when there is no name. */
static void put_sym(struct printer *p, const char *word, sym name)
{
	if (name)
		buf_printf(p->out, " %s %s", word, symtab_text(p->syms, name));
}

static void put_ip(struct printer *p, const char *word, const struct ip *ip)
{
	char text[IP_TEXT];

	buf_printf(p->out, "%s%s", word, ip_print(ip, text));
}

static void put_prefix(struct printer *p, const struct fact *f)
{
	put_ip(p, " ", &f->addr);
	buf_printf(p->out, "/%u", f->plen);
}

static void put_way(struct printer *p, const char *word, uint32_t way)
{
	if (way)
		buf_printf(p->out, " %s %u", word, way);
}

static const char *link_type_name(enum link_type type)
{
	switch (type) {
	case LINK_BRIDGE:
		return "bridge";
	case LINK_VETH:
		return "veth";
	case LINK_MACVLAN:
		return "macvlan";
	case LINK_VXLAN:
		return "vxlan";
	}
	return "unknown";
}

static void put_link(struct printer *p, const struct fact *f)
{
	const struct link_spec *spec = f->link;
	char mac[MAC_TEXT];

	buf_printf(p->out, " %s", symtab_text(p->syms, f->dev));
	if (!spec)
		return;
	buf_printf(p->out, " type %s", link_type_name(spec->type));
	if (spec->mtu)
		buf_printf(p->out, " mtu %u", spec->mtu);
	if (!mac_is_null(&spec->mac))
		buf_printf(p->out, " address %s", mac_print(&spec->mac, mac));
	put_sym(p, "master", spec->master);
	put_sym(p, "peer", spec->peer);
	put_sym(p, "peer-master", spec->peer_master);
	put_sym(p, "link", spec->parent);
	if (spec->type == LINK_VXLAN) {
		buf_printf(p->out, " id %u", spec->vni);
		put_ip(p, " local ", &spec->local);
		buf_printf(p->out, " dstport %u", spec->port);
	}
	if (spec->flaws & LINK_FLAW_DOWN)
		buf_puts(p->out, " (down)");
	if (spec->flaws & LINK_FLAW_ALIAS)
		buf_puts(p->out, " (peer lost its alias)");
	if (spec->flaws & LINK_FLAW_SETTINGS)
		buf_puts(p->out, " (settings changed)");
}

static void put_route(struct printer *p, const struct fact *f)
{
	put_prefix(p, f);
	if (!ip_is_null(&f->value.ip))
		put_ip(p, " via ", &f->value.ip);
	put_sym(p, "dev", f->value.dev);
	if (!f->value.dev)
		buf_puts(p->out, " unreachable");
	put_way(p, "table", f->which);
}

static void put_spread(struct printer *p, const struct fact *f)
{
	put_prefix(p, f);
	for (uint32_t i = 0; f->spread && i < f->spread->count; i++) {
		put_ip(p, " nexthop via ", &f->spread->hop[i].via);
		put_sym(p, "dev", f->spread->hop[i].dev);
	}
}

static void put_path(struct printer *p, const struct fact *f)
{
	put_prefix(p, f);
	if (!ip_is_null(&f->value.ip))
		put_ip(p, " via ", &f->value.ip);
	buf_puts(p->out, f->value.num ? " outside" : " inside");
	put_way(p, "way", f->which);
}

static void put_express(struct printer *p, const struct fact *f)
{
	const struct express_spec *e = f->express;

	put_ip(p, " ", &f->addr);
	put_sym(p, "dev", f->dev);
	if (!e)
		return;
	put_ip(p, " to ", &e->fixed);
	put_sym(p, "tap", e->tap);
	put_sym(p, "leg", e->leg);
	buf_printf(p->out, " mtu %u/%u", e->mtu_in, e->mtu_out);
	put_way(p, "way", e->way);
	put_sym(p, "router", e->ns);
}

static const char *hook_role_name(enum hook_role role)
{
	switch (role) {
	case HOOK_UPLINK:
		return "uplink";
	case HOOK_PORT:
		return "port";
	case HOOK_OUTER:
		return "outer leg";
	case HOOK_INNER:
		return "inner leg";
	}
	return "unknown";
}

static void put_hook(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, " %s", symtab_text(p->syms, f->dev));
	if (!f->hook)
		return;
	buf_printf(p->out, " %s", hook_role_name(f->hook->role));
	put_sym(p, "on", f->hook->device);
	put_way(p, "way", f->hook->way);
}

static void put_gateway(struct printer *p, const struct fact *f)
{
	if (f->value.dev)
		buf_printf(p->out, " iifname %s", symtab_text(p->syms, f->dev));
	buf_printf(p->out, " oifname %s", symtab_text(p->syms, f->value.dev ? f->value.dev : f->dev));
	if (ip_is_null(&f->value.ip))
		buf_puts(p->out, " snat off");
	else if (ip_to_v4(&f->value.ip) == 0)
		buf_puts(p->out, " masquerade");
	else
		put_ip(p, " snat to ", &f->value.ip);
	put_way(p, "way", f->value.num >> 8);
}

static void put_limit(struct printer *p, const struct fact *f)
{
	put_ip(p, f->which == LIMIT_IN ? " to " : " from ", &f->addr);
	buf_printf(p->out, " rate %u kbit/s burst %u kbit", f->limit.rate_kbps, f->limit.burst_kbit);
}

static void put_nat(struct printer *p, const struct fact *f)
{
	put_ip(p, " ", &f->addr);
	if (ip_is_null(&f->value.ip))
		buf_puts(p->out, " by port");
	else
		put_ip(p, " to ", &f->value.ip);
	if (f->value.num)
		buf_puts(p->out, " (damaged)");
}

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return "protocol";
	}
}

static void put_forward(struct printer *p, const struct fact *f)
{
	uint16_t last = forward_last(f->value.num), to = forward_to(f->value.num);

	put_ip(p, " ", &f->addr);
	buf_printf(p->out, " %s %u", protocol_name(f->plen), f->which);
	if (last != f->which)
		buf_printf(p->out, "-%u", last);
	put_ip(p, " to ", &f->value.ip);
	if (to)
		buf_printf(p->out, ":%u", to);
}

static void put_at(struct printer *p, const char *word, const struct fact *f)
{
	put_ip(p, word, &f->addr);
	put_sym(p, "dev", f->dev);
}

static void put_network(struct printer *p, const struct fact *f)
{
	struct uuid id;
	char text[UUID_TEXT];

	memcpy(id.b, f->addr.b, sizeof(id.b));
	buf_printf(p->out, " network %s", uuid_print(&id, text));
	put_sym(p, "dev", f->dev);
}

static void put_plug(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, " %s", symtab_text(p->syms, f->dev));
	put_sym(p, "master", f->value.dev);
}

static void put_table(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, " %s buoy version %08x", f->which == FACT_IPV6 ? "ip6" : "ip", f->value.num);
}

static void put_scope(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, "%s %s number %u", f->which == FACT_IPV6 ? " ip6" : "",
		   symtab_text(p->syms, f->dev), f->value.num);
}

static void put_metadata(struct printer *p, const struct fact *f)
{
	put_ip(p, " 169.254.169.254:80 to ", &f->value.ip);
	buf_printf(p->out, ":%u", f->value.num);
}

static void put_netns(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, " %s", symtab_text(p->syms, f->ns));
}

static void put_sysctl(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, " %s = %u", sysctl_name(f->which), f->value.num);
}

static void put_fdb(struct printer *p, const struct fact *f)
{
	put_at(p, " 00:00:00:00:00:00 dst ", f);
}

static void put_fixed_way(struct printer *p, const struct fact *f)
{
	put_ip(p, " ", &f->addr);
	put_way(p, "by", f->value.num);
}

static void put_address(struct printer *p, const struct fact *f)
{
	put_prefix(p, f);
	put_sym(p, "dev", f->dev);
}

static void put_rule(struct printer *p, const struct fact *f)
{
	buf_printf(p->out, " fwmark %u/0xff lookup %u", f->which, f->which);
}

static void put_guard(struct printer *p, const struct fact *f)
{
	put_at(p, " ", f);
}

/* What stands behind the kind's name. */
static void (*const bodies[FACT_KINDS])(struct printer *p, const struct fact *f) = {
	[FACT_NETNS] = put_netns,     [FACT_SYSCTL] = put_sysctl,     [FACT_LINK] = put_link,
	[FACT_FDB] = put_fdb,         [FACT_PLUG] = put_plug,         [FACT_PATH] = put_path,
	[FACT_EXPRESS] = put_express, [FACT_TABLE] = put_table,       [FACT_GATEWAY] = put_gateway,
	[FACT_SCOPE] = put_scope,     [FACT_METADATA] = put_metadata, [FACT_LIMIT] = put_limit,
	[FACT_FORWARD] = put_forward, [FACT_WAY] = put_fixed_way,     [FACT_NAT] = put_nat,
	[FACT_HOOK] = put_hook,       [FACT_ADDRESS] = put_address,   [FACT_ROUTE] = put_route,
	[FACT_SPREAD] = put_spread,   [FACT_RULE] = put_rule,         [FACT_GUARD] = put_guard,
	[FACT_SERVE] = put_network,
};

void fact_print(const struct fact *f, const struct symtab *syms, struct buf *out)
{
	struct printer p = {.syms = syms, .out = out};

	buf_puts(out, fact_kind_name(f->kind));
	bodies[f->kind](&p, f);
	if (f->kind != FACT_NETNS)
		put_sym(&p, "netns", f->ns);
}
