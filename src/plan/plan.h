/* The planner: plan(snapshot, this node) -> the facts that the node's kernel should hold.
 *
 * Pure: no I/O, no clock, no logging, no memory of earlier plans. A dry run, a drift check and an explanation
 * are the same function again. The facts of a node fall into units (a network, a router, a port, a floating
 * IP, a port forwarding); every fact comes from exactly one unit, so a change of a few rows is planned by
 * planning their units before and after, and a test proves that this equals planning everything anew. */
#pragma once
#include "model/snap.h"
#include "plan/fact.h"

enum physical_type { PHYSICAL_BRIDGE, PHYSICAL_NIC, PHYSICAL_HOST };

struct physical_network {
	const char *name;
	enum physical_type type;
	const char
		*device; /* the bridge; or the NIC that must not be touched: the router's leg is a macvlan
			    on it; or the host's own interface: routers that lead there are the host itself */
};

/* How floating IPs are translated in routers that have a namespace. */
enum datapath {
	DATAPATH_NFT, /* by connection, in the router's namespace */
	DATAPATH_BPF, /* without, at the uplink and at instances' ports (bpf/express.bpf.c) */
};

/* What this node is, from its configuration. */
struct plan_node {
	const char *name;
	enum datapath datapath;
	const struct physical_network *physical;
	size_t physical_count;
	struct ip vxlan_local; /* null: no vxlan on this node */
	const struct ip *vxlan_peers;
	size_t vxlan_peer_count;
	uint16_t vxlan_port;
	uint32_t table_hash, express_table_hash, host_table_hash; /* of the constant nft rules: FACT_TABLE's
								     value */
	struct ip metadata;                                       /* null: no metadata service */
	uint16_t metadata_port;
	bool serve; /* DHCP and DNS for instances */
};

/* What the node sees of its surroundings: sorted facts of FACT_PLUG (taps that are there) and FACT_GUARD
 * (floating addresses that a stranger answers for: not claimed). */
struct plan_input {
	const struct snap *snap;
	const struct plan_node *node;
	const struct facts *taps;
	const struct facts *conflicts;
};

/* All facts, appended to `ret` and sorted. */
void plan_all(const struct plan_input *in, struct facts *ret);

/* Those that are observed in one place: the namespace of a router, or (NULL) the host, where everything is
 * that is in no router's namespace. All places together hold all facts. A router's costs what that router
 * has. */
void plan_place(const struct plan_input *in, const struct uuid *router_id, struct facts *ret);
/* Whether the router has no namespace, because the host is it. */
bool plan_router_in_host(const struct plan_input *in, const struct router *r);
/* The namespace in which a fact is observed, and so its place; 0: the host. */
sym fact_place(const struct fact *f);

/* A row whose change may alter facts. */
struct plan_touch {
	enum kind kind;
	struct uuid id;
};
/* Facts of the units that the touched rows belong to, in `was` and in `is`: what is only in *ret_was is to be
 * deleted, and so on (facts_diff). Taps or conflicts that changed are passed as touches of the port or the
 * floating IP. */
void plan_delta(const struct plan_input *was, const struct plan_input *is, const struct plan_touch *touched,
		size_t count, struct facts *ret_was, struct facts *ret_is);

/* Rows that can not be realised on this node, and why (its physical network is not mapped here, vxlan without
 * a local address, a stranger answers for the floating IP): calls fn for each. `touched` NULL: of all rows
 * (`was` is not looked at); otherwise only of the rows that may have come to be one or ceased to be one
 * between `was` and `is`: `why` is NULL for those of them that can be realised. */
void plan_impossible(const struct plan_input *was, const struct plan_input *is,
		     const struct plan_touch *touched, size_t count,
		     void (*fn)(void *arg, const struct uuid *row, const char *why), void *arg);
