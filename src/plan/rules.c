/* The constant nftables rules of routers.
 * Loaded by src/kernel/nft_table.c; no name and no address stands in a rule. */
#include "plan/rules.h"

#define STRAY_MARK                                                                                           \
	"0xb00f1c00" /* translated without a connection here; bpf/express.h has 0xb00f1b00 and more */

/* Address scopes. What came in by a leg of a router that knows of scopes carries its scope as a mark, and
 * leaves by legs of that scope only, or translated: by an external leg, or to a floating IP, and what answers
 * that. `level` is what goes to the outside of its own scope, which needs no other source; what is in none
 * (1, see plan_scope.c) has the outside in common with nobody. In a router without scopes the map is empty,
 * and nothing is marked. What came in by an external leg gets the mark of its way back, once it is through:
 * an error of the router's own, that nobody answers inside, goes by that. */
#define SCOPE_SETS                                                                                           \
	"	map scopes { type ifname : mark; }\n"                                                              \
	"	set scoped { type ifname . mark; }\n"
#define SCOPE_CHAINS                                                                                         \
	"	chain scope_through {\n"                                                                           \
	"		iifname \"qg-*\" meta mark set ct mark\n"                                                         \
	"	}\n"                                                                                               \
	"	chain scope_apart {\n"                                                                             \
	"		oifname . meta mark @scoped goto scope_through\n"                                                 \
	"		oifname \"qg-*\" accept\n"                                                                        \
	"		ct status dnat goto scope_through\n"                                                              \
	"		ct direction reply goto scope_through\n"                                                          \
	"		drop\n"                                                                                           \
	"	}\n"                                                                                               \
	"	chain scopes { type filter hook forward priority 0;\n"                                             \
	"		meta mark & 0xfffff000 == 0xb00f1000 accept\n"                                                    \
	"		meta mark set iifname map @scopes\n"                                                              \
	"		meta mark and 0xffff0000 == 0x5c0e0000 goto scope_apart\n"                                        \
	"	}\n"
#define SCOPE_LEVEL "oifname . meta mark @scoped meta mark != 0x5c0e0001 accept\n"

/* The nat chains are not asked about what conntrack calls invalid: segments with odd flags, resets of
 * nothing, ICMP of an unknown kind. A router does not judge, and untranslated they would carry a private
 * address out, or be answered by the router itself, with a reset. So they are translated without a
 * connection, one to one, or dropped: who has no floating IP can not be translated so, nor who comes from
 * inside; what ICMP errors quote can not be either, no more than what the router's own answer to an ended TTL
 * would quote. */
#define ICMP_ERRORS "icmp type { 3, 4, 5, 11, 12 }"
#define STRAY_IN                                                                                             \
	"		" ICMP_ERRORS " drop\n"                                                              \
	"		ip ttl < 2 drop\n"                                                                                \
	"		ip daddr set ip daddr map @to_fixed meta mark set " STRAY_MARK " accept\n"           \
	"		drop\n"

/* Port forwardings: an address and port to an address and port; a range of ports to an address, each to its
 * own number; a range to one port. That the protocol is one with ports is said for nft's sake: the keys have
 * it. The port numbers of what is neither are never looked at: no key has its protocol. */
#define PORT_KEY "type ipv4_addr . inet_proto . inet_service"
#define PORT_MATCH                                                                                           \
	"		meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport map "
#define PORT_MAPS                                                                                            \
	"	map ports { " PORT_KEY " : ipv4_addr . inet_service; }\n"                                    \
	"	map ports_kept { " PORT_KEY " : ipv4_addr; flags interval; }\n"                              \
	"	map ports_to_one { " PORT_KEY " : ipv4_addr . inet_service; flags interval; }\n"
#define PORT_RULES PORT_MATCH "@ports\n" PORT_MATCH "@ports_kept\n" PORT_MATCH "@ports_to_one\n"
/* Whoever has no element does not come to stray_left, not even with a floating IP as the source. */
#define STRAY_OUT(level)                                                                                     \
	"	chain stray_left {\n"                                                                              \
	"		ip saddr @limit_out drop\n"                                                                       \
	"		ip saddr @traffic_out accept\n"                                                                   \
	"	}\n"                                                                                               \
	"	chain stray_out {\n"                                                                               \
	"		" ICMP_ERRORS " drop\n"                                                              \
	"		ip saddr set ip saddr map @to_floating goto stray_left\n" level                      \
	"		drop\n"                                                                                           \
	"	}\n"

/* How a packet goes through, chain by chain in the order of the hooks:
 *
 * External legs are told by their names, which begin with "qg-": comparing three bytes costs a tenth of a
 * look-up in the set `external`, which says the same to who reads the table.
 *
 * express (only there): what the express data path's programs at the legs translate has no connection, and is
 * not put together from fragments (that is at -400). It keeps its mark on the way through.
 *
 * arrive: before DNAT the destination is still the floating IP. Here it is counted, also when its connection
 * is known and the nat chains are not asked any more. What is more than its limit is dropped before: an
 * element of `limit_in` is found, but matches only while its own rate, not the set's, is exceeded. The set's
 * says of which kind those are.
 *
 * A router of several gateways keeps to ways (plan_ways.c): what comes by an external leg makes its
 * connection one of this leg, and so does, in `leave`, what leaves by one first. What a fixed IP with a
 * floating one sends has the way of that, but to the metadata service. Elsewhere `ways` and `marks` are
 * empty, and marks 0.
 *
 * prerouting: from anywhere, since instances of this router reach each other's floating IPs too. What
 * instances send to the metadata service's address goes to where that is. A floating IP with port forwardings
 * is the router's own address for the rest: it answers pings and refuses other ports.
 *
 * postrouting: what came in by an external leg keeps its source. What is for the metadata service gets the
 * leg's own address, since what is sent to a floating IP has no connection that would lead it back. What
 * leaves by one gets the source's floating IP, or the leg's gateway address. What was DNATed and stays inside
 * gets a source that makes the answer come back through here, where the translation is undone: the floating
 * IP, the gateway address, or, where SNAT is off, the address of the leg that it leaves by. The map `hairpin`
 * has one element; its key is a constant, since new connections only come by here in the original direction.
 *
 * scopes (the hook `forward`): see above.
 *
 * leave: what came in by an external leg and would leave by one was for an address that nobody has. Dropped
 * before it is confirmed it leaves no conntrack entry that would keep a later association from working. What
 * else came in by one is through. After SNAT the source is the floating IP, and is limited and counted. What
 * else is forwarded out of a leg whose SNAT is off is dropped, connections from the time before included. */
#define EXPRESS_MARKED "& 0xfffffff0 == 0xb00f1b00" /* bpf/express.h: with a way, or without */
#define NETNS_TEXT(express, way, marked)                                                                     \
	"table ip buoy {\n"                                                                                  \
	"	map to_fixed { type ipv4_addr : ipv4_addr; }\n"                                                    \
	"	map to_floating { type ipv4_addr : ipv4_addr; }\n"                                                 \
	"	map metadata { type ipv4_addr . inet_service : ipv4_addr . inet_service; }\n"                      \
	"	map gateways { type ifname : ipv4_addr; }\n"                                                       \
	"	map hairpin { type ct_dir : ipv4_addr; }\n" PORT_MAPS                                        \
	"	map ways { type ipv4_addr : mark; }\n"                                                             \
	"	map marks { type ifname : mark; }\n"                                                               \
	"	set external { type ifname; }\n"                                                                   \
	"	set closed { type ifname; }\n"                                                                     \
	"	set traffic_in { type ipv4_addr; counter; }\n"                                                     \
	"	set traffic_out { type ipv4_addr; counter; }\n"                                                    \
	"	set limit_in { type ipv4_addr; limit rate over 1 bytes/second burst 1 bytes; }\n"                  \
	"	set limit_out { type ipv4_addr; limit rate over 1 bytes/second burst 1 bytes; "                    \
	"}\n" SCOPE_SETS express "	chain stray_in {\n"                                                       \
	"		iifname != \"qg-*\" drop\n" STRAY_IN                                                 \
	"	}\n" STRAY_OUT("		" SCOPE_LEVEL) SCOPE_CHAINS                                  \
		"	chain arrive { type filter hook prerouting priority -101;\n"                               \
		"		ip daddr @limit_in drop\n"                                                                \
		"		ip daddr @traffic_in ct state invalid goto stray_in\n"                                    \
		"		iifname \"qg-*\" ct state new ct mark set iifname map @marks\n"                           \
		"		" way "meta mark set ct mark\n"                                              \
		"		iifname != \"qg-*\" ip daddr != 169.254.169.254 meta mark set ip saddr map "              \
		"@ways\n"                                                                                    \
		"	}\n"                                                                                       \
		"	chain prerouting { type nat hook prerouting priority -100;\n"                              \
		"		iifname != \"qg-*\" dnat ip to ip daddr . tcp dport map @metadata\n"                      \
		"		dnat to ip daddr map @to_fixed\n" PORT_RULES "	}\n"                          \
		"	chain output { type nat hook output priority -100;\n"                                      \
		"		dnat to ip daddr map @to_fixed\n" PORT_RULES "	}\n"                          \
		"	chain postrouting { type nat hook postrouting priority 100;\n"                             \
		"		iifname \"qg-*\" accept\n"                                                                \
		"		oifname \"qg-*\" ct original ip daddr 169.254.169.254 masquerade\n"                       \
		"		oifname \"qg-*\" snat to ip saddr map @to_floating\n"                                     \
		"		oifname \"qg-*\" " SCOPE_LEVEL                                               \
		"		snat to oifname map @gateways\n"                                                          \
		"		ct status dnat snat to ip saddr map @to_floating\n"                                       \
		"		ct status dnat snat to ct direction map @hairpin\n"                                       \
		"		ct status dnat masquerade\n"                                                              \
		"	}\n"                                                                                       \
		"	chain leave { type filter hook postrouting priority 101;\n"                                \
		"		" marked "iifname \"qg-*\" oifname \"qg-*\" drop\n"                          \
		"		iifname \"qg-*\" accept\n"                                                                \
		"		oifname \"qg-*\" ct state new ct mark set oifname map @marks\n"                           \
		"		oifname \"qg-*\" meta iif != 0 ct state invalid goto stray_out\n"                         \
		"		ip saddr @limit_out drop\n"                                                               \
		"		ip saddr @traffic_out accept\n"                                                           \
		"		oifname \"qg-*\" " SCOPE_LEVEL                                               \
		"		oifname @closed meta iif != 0 ct original ip daddr != 169.254.169.254 "                   \
		"drop\n"                                                                                     \
		"	}\n"                                                                                       \
		"}\n"

static const char netns_text[] = NETNS_TEXT("", "", "");
static const char express_text[] = NETNS_TEXT("	chain express { type filter hook prerouting priority -450;\n"
					      "		meta mark " EXPRESS_MARKED " notrack\n"
					      "	}\n",
					      "meta mark " EXPRESS_MARKED " accept\n		",
					      "meta mark " EXPRESS_MARKED " accept\n		");

/* The host's own table: nova-network's rules. The same way of a packet, but nothing here may meet a packet
 * that is not ours: other bridges, containers and firewalls live in the same namespace.
 *
 * Priorities: translation comes before everybody else's. A floating IP is an address of the host, so that a
 * port that a container publishes (at -100) would take it; and a MASQUERADE rule for the bridge (at 100)
 * would make a floating IP's connections leave with the host's address.
 *
 * nova-network-float-snat: `legs` are pairs of an inside leg and the way out of its router. What was sent to
 * a floating IP and stays inside gets a source that makes the answer come back through here; so does what
 * this host itself sent. Who came from elsewhere keeps his address. A kernel that shows bridged packets to
 * these rules (bridge-nf-call-iptables) leads what stays on one bridge past the routing, without an input
 * interface: hence no condition on it here, and `iif 0` below for more than what the host itself sent.
 *
 * nova-network-snat: without a floating IP out by the gateway's address, by the interface's (`open`), or not
 * at all (`shut`, below). Between inside legs nothing is translated, whatever somebody's MASQUERADE rule says
 * later: the source is translated to itself. A metadata service elsewhere sees the instance's own address,
 * too.
 *
 * enter: where single ports are forwarded, the others of the address are not the host's either. Answers to
 * what the host itself sent to one are for that address too, as the source that the kernel has chosen for it.
 *
 * leave: what was sent to a floating IP goes to an inside leg or nowhere: where the fixed IP's leg is refused
 * or switched off, the host's routes would lead it to a stranger with that address. Then as in a namespace.
 */
static const char host_text[] =
	"table ip buoy {\n"
	"	map to_fixed { type ipv4_addr : ipv4_addr; }\n"
	"	map to_floating { type ipv4_addr : ipv4_addr; }\n"
	"	map sources { type ifname . ifname : ipv4_addr; }\n"
	"	map metadata { type ipv4_addr . inet_service : ipv4_addr . inet_service; }\n" PORT_MAPS
	"	set floating { type ipv4_addr; }\n"
	"	set inside { type ifname; }\n"
	"	set legs { type ifname . ifname; }\n"
	"	set open { type ifname . ifname; }\n"
	"	set shut { type ifname . ifname; }\n"
	"	set traffic_in { type ipv4_addr; counter; }\n"
	"	set traffic_out { type ipv4_addr; counter; }\n"
	"	set limit_in { type ipv4_addr; limit rate over 1 bytes/second burst 1 bytes; }\n"
	"	set limit_out { type ipv4_addr; limit rate over 1 bytes/second burst 1 bytes; }\n"
	"	chain stray_in {\n"
	"		iifname @inside drop\n" STRAY_IN "	}\n" STRAY_OUT(
		"") "	chain arrive { type filter hook prerouting priority -101;\n"
		    "		ip daddr @limit_in drop\n"
		    "		ip daddr @traffic_in ct state invalid goto stray_in\n"
		    "	}\n"
		    "	chain nova-network-PREROUTING { type nat hook prerouting priority -110;\n"
		    "		iifname @inside dnat ip to ip daddr . tcp dport map @metadata\n"
		    "		dnat to ip daddr map @to_fixed\n" PORT_RULES "	}\n"
		    "	chain nova-network-OUTPUT { type nat hook output priority -110;\n"
		    "		dnat to ip daddr map @to_fixed\n" PORT_RULES "	}\n"
		    "	chain enter { type filter hook input priority -101;\n"
		    "		ip daddr @floating ct status dnat accept\n"
		    "		ip daddr @floating drop\n"
		    "	}\n"
		    "	chain nova-network-float-snat {\n"
		    "		iifname . oifname @legs snat to ip saddr map @to_floating\n"
		    "		ct original ip daddr @floating snat to ip saddr map @to_floating\n"
		    "	}\n"
		    "	chain nova-network-snat {\n"
		    "		snat to iifname . oifname map @sources\n"
		    "		iifname . oifname @open masquerade\n"
		    "		iifname @inside ct original ip daddr @floating masquerade\n"
		    "		meta iif 0 ct original ip daddr @floating masquerade\n"
		    "		iifname @inside oifname @inside snat to ip saddr\n"
		    "	}\n"
		    "	chain nova-network-POSTROUTING { type nat hook postrouting priority 90;\n"
		    "		iifname @inside ct original ip daddr 169.254.169.254 snat to ip saddr\n"
		    "		jump nova-network-float-snat\n"
		    "		jump nova-network-snat\n"
		    "	}\n"
		    "	chain leave { type filter hook postrouting priority 101;\n"
		    "		ct status dnat ct direction original ct original ip daddr @floating oifname "
		    "!= "
		    "@inside drop\n"
		    "		iifname . oifname @legs ct state invalid goto stray_out\n"
		    "		ip saddr @limit_out drop\n"
		    "		ip saddr @traffic_out accept\n"
		    "		iifname . oifname @shut ct original ip daddr != 169.254.169.254 drop\n"
		    "	}\n"
		    "}\n";

/* IPv6 is not translated: what is apart stays apart, outside or inside. */
static const char scopes6_text[] = "table ip6 buoy {\n" SCOPE_SETS "	chain scope_apart {\n"
				   "		oifname . meta mark @scoped accept\n"
				   "		drop\n"
				   "	}\n"
				   "	chain scopes { type filter hook forward priority 0;\n"
				   "		meta mark set iifname map @scopes\n"
				   "		meta mark and 0xffff0000 == 0x5c0e0000 goto scope_apart\n"
				   "	}\n"
				   "}\n";

const struct rules rules_netns = {netns_text, 50};
const struct rules rules_express = {express_text, 53};
const struct rules rules_scopes6 = {scopes6_text, 4};
const struct rules rules_host = {host_text, 38};

uint32_t rules_hash(const struct rules *rules)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *p = rules->text; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619U;
	return hash > 1 ? hash : 2;
}
