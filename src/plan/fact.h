/* Facts: the one language in which desired and observed kernel state are written.
 *
 * A fact is {kind, key, value, id of the row it comes from}. plan() makes the desired facts from a
 * snapshot, src/kernel dumps the observed ones, and both are sorted arrays; walking the two side by
 * side gives the puts and the deletions. Deletion is always derived from that difference and never
 * remembered. A kind is one row of the kernel's table: dump, put, del.
 *
 * Keys are plain bytes, ordered by fact_key_cmp: kind, namespace, device, address, prefix length,
 * which. Strings in them are symbols of one symtab that both sides share, ordered by number.
 * Pure; one thread at a time per struct facts. */
#pragma once
#include "base/symtab.h"
#include "model/value.h"

/* The order is the order of puts; deletions run in the reverse order, after the puts: what a packet
 * needs is there before the packet can come, and goes after it can no longer come. */
enum fact_kind {
	FACT_NETNS,  /* ns: "qrouter-<id>". value: none. Its loopback carries our alias and is up. */
	FACT_SYSCTL, /* ns, which: enum fact_sysctl. value.num. Put only: never deleted. */
	FACT_LINK,   /* ns, dev. value.link. Carries the alias "buoy". */
	FACT_FDB,    /* ns (host), dev: a vxlan link, addr: flood to this peer. value: none. */
	FACT_PLUG,   /* ns (host), dev: a tap that somebody else made, found by name or by alternative name.
			value.dev: the bridge that it belongs to. Deleting takes it off that bridge. */
	/* The express data path (bpf/express.h) only: */
	FACT_PATH,    /* ns, which: a way (as FACT_RULE) or 0, addr, plen: a destination seen from a router by
			 who has that way. value.num: 1: by the external leg, value.ip: next hop (null: on
			 link); 0: the router's own business. */
	FACT_EXPRESS, /* ns (host), dev: the external bridge or NIC, addr: a floating IP. value: express. It
			 is translated without a connection, whichever router has it. */
	FACT_TABLE,   /* ns: the constant nft rules of a router. value.num: hash of their text. which: enum
			 fact_family: those of IPv6 are there for a router with IPv6 address scopes only. */
	FACT_GATEWAY, /* ns, dev: an external leg. value.ip: the address that instances without a floating
			 IP leave with (SNAT on), null: they do not leave (SNAT off).
			 value.num: the way (FACT_RULE) << 8 that what comes or goes by it keeps to; 0: none.
			 In the host: dev is an inside leg, value.dev the interface by which it leaves,
			 value.ip  0.0.0.0 whichever address that has. */
	FACT_SCOPE,   /* ns, dev: a leg of a router of whose networks one is in an address scope; which: enum
			 fact_family. value.num: which scope, counted in the router; 1: in none. Never 0. */
	FACT_METADATA, /* ns. value.ip, value.num: address and TCP port that 169.254.169.254:80 leads to. */
	FACT_LIMIT,    /* ns, addr: a floating IP or a gateway's address, which: enum limit_direction. value:
			  limit. What is faster is    dropped. The burst is never less than a second of the rate.
			*/
	FACT_WAY,      /* ns, addr: the fixed IP of a floating one. value.num: the way (FACT_RULE) by which it
			  leaves, since the router has several. nftables' only: the express data path's floating
			  IPs have it in FACT_EXPRESS. */
	FACT_FORWARD,  /* ns, addr: a floating IP, plen: protocol, which: the first of its ports that are
			  forwarded. value.ip: to which address; value.num: forward_num. */
	FACT_NAT,      /* ns, addr: a floating IP. value.ip: the fixed IP it is translated to; null: only what
			  FACT_FORWARDs say is. */
	FACT_HOOK,     /* ns, dev: where the programs of the express data path are. value: hook. Those of enum
			  hook_role. */
	FACT_ADDRESS, /* ns, dev, addr, plen. value.num: enum fact_address_flags. Address protocol is ours. */
	FACT_ROUTE,  /* ns, which: a way's table, 0: the main one, addr, plen: destination. value.ip: next hop
			(null: on link), value.dev: out (0: unreachable). Route protocol is ours. */
	FACT_SPREAD, /* ns, addr, plen: destination whose connections are spread over several next hops, in
			the main table in place of a FACT_ROUTE. value: spread. */
	FACT_RULE,   /* ns, which: a way, that is one external leg of a router that has several: packets with
			this   mark (its lowest byte) look into this table. value.num: 0. Rule protocol is ours.
		      */
	FACT_GUARD,  /* ns (host), dev: the external bridge or NIC, addr: an allocated floating IP that nobody
			else may answer for (RFC 5227). Kept in the agent's memory, not in the kernel. */
	FACT_SERVE,  /* ns (host), dev: the bridge of a network whose instances DHCP and DNS are served to,
			addr: the network's id in the bytes of an address. value: none. An entry of the
			bridge's forwarding table, and a socket for the responder. */
	FACT_KINDS,
};

enum fact_sysctl {
	SYSCTL_IP_FORWARD,
	SYSCTL_RP_FILTER_ALL,
	SYSCTL_RP_FILTER_DEFAULT,
	SYSCTL_ARP_IGNORE_ALL,
	SYSCTL_ARP_ANNOUNCE_ALL,
	SYSCTL_SEND_REDIRECTS_ALL,
	SYSCTL_SEND_REDIRECTS_DEFAULT,
	SYSCTL_CONNTRACK_CHECKSUM,
	SYSCTL_CONNTRACK_TCP_BE_LIBERAL,
	SYSCTL_FWMARK_REFLECT, /* wanted only with several ways: what answers a packet goes its way */
	SYSCTL_MULTIPATH_HASH, /* ... and spreading is by ports, too */
	SYSCTL_IP6_FORWARD,    /* wanted only where a leg has an IPv6 address: a kernel may be without IPv6 */
	SYSCTL_KINDS,
};

enum fact_family { FACT_IPV4, FACT_IPV6 };

enum fact_address_flags {
	ADDRESS_ANNOUNCE = 1, /* a gratuitous ARP follows when it is put (RFC 5944, 4.6); not observable */
	ADDRESS_LINK = 2,     /* scope link: the host never takes it for the source of what it sends */
	ADDRESS_FLOATING = 4, /* only while its NAT is there: else the host itself would answer */
};

enum limit_direction {
	LIMIT_IN,  /* what is sent to the floating IP */
	LIMIT_OUT, /* what leaves with it as its source */
	LIMIT_DIRECTIONS,
};

/* The last of the ports that are forwarded, and the port that they lead to; 0: each to its own number. */
static inline uint32_t forward_num(uint16_t last, uint16_t to)
{
	return (uint32_t)last << 16 | to;
}
static inline uint16_t forward_last(uint32_t num)
{
	return (uint16_t)(num >> 16);
}
static inline uint16_t forward_to(uint32_t num)
{
	return (uint16_t)num;
}

/* A token bucket: `burst_kbit` may pass at once, and `rate_kbps` in each second. In 1000 bits. */
struct rate_limit {
	uint32_t rate_kbps; /* 0: unlimited */
	uint32_t burst_kbit;
};

enum link_type {
	LINK_BRIDGE,
	LINK_VETH,
	LINK_MACVLAN, /* mode bridge */
	LINK_VXLAN,
};

/* What can be wrong with an observed link that no member of its spec shows. A plan has none. */
enum link_flaw {
	LINK_FLAW_DOWN = 1,     /* it, or the peer, is administratively down */
	LINK_FLAW_ALIAS = 2,    /* the peer lost our alias */
	LINK_FLAW_SETTINGS = 4, /* settings that we always give (bridge: no STP and no delay, vxlan:
				   learning, macvlan: mode) */
};

/* Everything about a link that is not its name and namespace. Unused members are zero. Links are
 * always administratively up. */
struct link_spec {
	enum link_type type;
	uint32_t mtu;   /* never 0 in a plan: an observed link always has one */
	struct mac mac; /* LINK_VETH, LINK_MACVLAN; null for the others: the kernel's choice */
	sym master;     /* of the link itself (LINK_VXLAN): the bridge it is enslaved to */
	/* LINK_VETH: the other end sits in the host's namespace under `peer`, enslaved to `peer_master`,
	 * which may be a bridge that somebody else made. */
	sym peer;
	sym peer_master;
	sym parent;      /* LINK_MACVLAN: the host's NIC */
	uint32_t vni;    /* LINK_VXLAN */
	struct ip local; /* LINK_VXLAN: tunnel source */
	uint16_t port;   /* LINK_VXLAN: UDP port, host order */
	uint16_t flaws;  /* enum link_flaw bits; observed only */
};

/* How the express data path translates one floating IP. */
struct express_spec {
	sym ns;            /* the router's namespace */
	sym out;           /* its external leg; like `leg` not compared: the MAC addresses say which */
	sym leg;           /* its inside leg in the subnet of the fixed IP; 0: no such leg is up */
	sym tap;           /* the instance's port on this node; 0: the router finds the way */
	struct ip fixed;   /* IPv4 */
	struct ip gateway; /* the router's own address at the external leg; may be null */
	struct mac outer;  /* of the external leg */
	struct mac inner;  /* of the inside leg; null without one */
	uint16_t mtu_in, mtu_out;
	uint16_t way; /* of the external leg, where the router has several; 0: it has one */
	struct rate_limit limits[LIMIT_DIRECTIONS];
};

enum hook_role {
	HOOK_UPLINK, /* an external bridge: at every port of it that is not a router's leg; or a NIC: at that
		      */
	HOOK_PORT,   /* an instance's tap */
	HOOK_OUTER,  /* a router's external leg */
	HOOK_INNER,  /* a router's inside leg */
};

/* What the programs at one device are told. */
struct hook_spec {
	enum hook_role role;
	struct mac mac; /* of a leg */
	uint16_t way;   /* HOOK_OUTER: as in express_spec */
	sym device;     /* HOOK_PORT, HOOK_INNER: the bridge that it is on; HOOK_OUTER: the bridge or NIC */
};

#define SPREAD_MAX 8

struct spread_spec {
	uint32_t count;
	struct spread_hop {
		struct ip via;
		sym dev;
	} hop[SPREAD_MAX];
};

struct fact {
	/* key: the first 32 bytes */
	uint8_t kind; /* enum fact_kind */
	uint8_t plen;
	uint16_t which;
	sym ns; /* 0: the host's namespace */
	sym dev;
	uint32_t zero;
	struct ip addr;
	/* value */
	union {
		struct {
			struct ip ip;
			sym dev;
			uint32_t num;
		} value;
		struct rate_limit limit; /* FACT_LIMIT */
		/* Owned by the struct facts that holds the fact. */
		const struct link_spec *link;       /* FACT_LINK */
		const struct express_spec *express; /* FACT_EXPRESS */
		const struct hook_spec *hook;       /* FACT_HOOK */
		const struct spread_spec *spread;   /* FACT_SPREAD */
		const void *spec;                   /* whichever it is */
	};
	struct uuid row; /* whose failure it is when this cannot be done */
};
#define FACT_KEY_SIZE 32

/* A growing, then sorted, array of facts. */
struct facts {
	struct symtab *syms; /* borrowed; shared with what it is compared with */
	struct fact *items;  /* owned */
	size_t count, cap;
	void *specs; /* talloc context that owns the link specs; made on demand */
	bool sorted;
};

void facts_init(struct facts *f, struct symtab *syms);
void facts_done(struct facts *f);
#define AUTO_FACTS CLEANUP(facts_done)
/* Appends a fact; its spec is copied. Returns the fact in the array, valid until the next add. */
struct fact *facts_add(struct facts *f, const struct fact *fact);
/* Sorts by key and drops facts whose key repeats (the last added stays). No work when added in order. */
void facts_sort(struct facts *f);
/* Binary search in a sorted array; NULL when absent. */
const struct fact *facts_find(const struct facts *f, const struct fact *key);

int fact_key_cmp(const struct fact *a, const struct fact *b);
bool fact_value_eq(const struct fact *a, const struct fact *b);
const char *fact_kind_name(enum fact_kind kind);
/* One line for people, in ip(8)'s and nft(8)'s words: "address 10.10.10.3/32 dev qg-... netns qrouter-...".
 */
struct buf;
void fact_print(const struct fact *f, const struct symtab *syms, struct buf *out);

/* One step from observed to desired. */
struct change {
	const struct fact *want; /* NULL: delete `have` */
	const struct fact *have; /* NULL: `want` is not there at all */
	int result;              /* set by apply: 0 or negative errno */
	char *why;               /* set by apply on failure; owned by the changes */
};

struct changes {
	struct change *items; /* in the order in which they must be done */
	size_t count, cap;
};
void changes_done(struct changes *c);
#define AUTO_CHANGES CLEANUP(changes_done)

/* The difference of two sorted arrays, in the order of enum fact_kind: puts first, then deletions
 * backwards. The changes point into both arrays, which must outlive them. */
void facts_diff(const struct facts *want, const struct facts *have, struct changes *ret);
