/* The constant nftables rules of a router's namespace.
 * Loaded by src/kernel/nft_table.c; no name and no address stands in a rule. */
#include "plan/rules.h"

/* How a packet goes through, chain by chain in the order of the hooks:
 *
 * arrive: before DNAT the destination is still the floating IP. Here it is counted, also when its connection
 * is known and the nat chains are not asked any more.
 *
 * prerouting: from anywhere, since instances of this router reach each other's floating IPs too.
 *
 * forward: what came in by an external leg and would leave by one was for an address that nobody has. Dropped
 * here it leaves no conntrack entry that would keep a later association from working.
 *
 * postrouting: what came in by an external leg keeps its source. What leaves by one gets the source's
 * floating IP, or the leg's gateway address. What was DNATed and stays inside gets a source that makes the
 * answer come back through here, where the translation is undone: the floating IP, the gateway address, or,
 * where SNAT is off, the address of the leg that it leaves by. The map `hairpin` has one element; its key is
 * a constant, since new connections only come by here in the original direction.
 *
 * leave: after SNAT the source is the floating IP, and is counted. What else is forwarded out of a leg whose
 * SNAT is off is dropped, connections from the time before included. */
const char rules_nft[] = "table ip buoy {\n"
			 "	map to_fixed { type ipv4_addr : ipv4_addr; }\n"
			 "	map to_floating { type ipv4_addr : ipv4_addr; }\n"
			 "	map gateways { type ifname : ipv4_addr; }\n"
			 "	map hairpin { type ct_dir : ipv4_addr; }\n"
			 "	set external { type ifname; }\n"
			 "	set closed { type ifname; }\n"
			 "	set traffic_in { type ipv4_addr; counter; }\n"
			 "	set traffic_out { type ipv4_addr; counter; }\n"
			 "	chain arrive { type filter hook prerouting priority -101;\n"
			 "		ip daddr @traffic_in accept\n"
			 "	}\n"
			 "	chain prerouting { type nat hook prerouting priority -100;\n"
			 "		dnat to ip daddr map @to_fixed\n"
			 "	}\n"
			 "	chain output { type nat hook output priority -100;\n"
			 "		dnat to ip daddr map @to_fixed\n"
			 "	}\n"
			 "	chain forward { type filter hook forward priority 0;\n"
			 "		iifname @external oifname @external drop\n"
			 "	}\n"
			 "	chain postrouting { type nat hook postrouting priority 100;\n"
			 "		iifname @external accept\n"
			 "		oifname @external snat to ip saddr map @to_floating\n"
			 "		snat to oifname map @gateways\n"
			 "		ct status dnat snat to ip saddr map @to_floating\n"
			 "		ct status dnat snat to ct direction map @hairpin\n"
			 "		ct status dnat masquerade\n"
			 "	}\n"
			 "	chain leave { type filter hook postrouting priority 101;\n"
			 "		ip saddr @traffic_out accept\n"
			 "		oifname @closed meta iif != 0 drop\n"
			 "	}\n"
			 "}\n";

uint32_t rules_nft_hash(void)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *p = rules_nft; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619U;
	return hash > 1 ? hash : 2;
}
