/* What the planner's files share: where networks are on this node, the legs of routers, taps, units.
 * Private to src/plan/plan*.c; between plan.h's calls and the facts. */
#pragma once
#include "base/buf.h"
#include "model/gateway.h"
#include "plan/plan.h"

/* Where the legs and taps of a network go on this node. */
enum place_type {
	PLACE_NONE,   /* nowhere: place_explain says why */
	PLACE_OWN,    /* a bridge that the network's unit makes while something needs it */
	PLACE_BRIDGE, /* a bridge that somebody else made */
	PLACE_HOST,   /* the host's own interface: routers that leave by it are the host itself */
	PLACE_NIC,    /* a NIC that must not be touched: legs are macvlans on it, taps have no place */
};

#define DEV_TEXT 16 /* IFNAMSIZ */

struct place {
	enum place_type type;
	char device[DEV_TEXT];
};

/* A tap that is there, and whose it is. */
struct tap {
	sym name;
	const struct port *port; /* NULL: nobody's */
};

struct outlet; /* what floating IPs want to know of an external network */
struct exit;   /* and of a router */

/* One snapshot being planned. */
struct planner {
	const struct plan_input *in;
	const struct snap *s; /* in->snap */
	struct facts *ret;
	struct symtab *syms;
	struct tap *taps; /* owned; read by planner_taps */
	size_t tap_count;
	struct uuid *tap_networks; /* owned: of the taps that are wanted, sorted */
	size_t tap_network_count;
	bool taps_read;
	struct outlet *outlets, *last_outlet; /* owned caches, plan_fip.c */
	struct exit *exits, *last_exit;
	struct uuid host_first; /* the router whose facts include what the host's routers share */
	bool host_first_known;
	bool one_place; /* only facts of this place are kept, */
	sym place;
	size_t kept; /* of those that were looked at */
};

void planner_init(struct planner *p, const struct plan_input *in, struct facts *ret);
void planner_done(struct planner *p);
#define AUTO_PLANNER CLEANUP(planner_done)

/* "tap" and the like with the first 11 characters of an id. */
char *dev_name(const char *prefix, const struct uuid *id, char out[DEV_TEXT]);
sym dev_sym(struct planner *p, const char *prefix, const struct uuid *id);
/* plan_all without the sorting. */
void plan_everything(const struct plan_input *in, struct facts *ret);
struct fact *plan_add(struct planner *p, const struct fact *fact, const struct uuid *row);

/* --- networks and ports (plan_network.c) --- */

/* `n` may be NULL: nowhere. */
struct place place_of(const struct plan_input *in, const struct network *n);
bool place_eq(const struct place *a, const struct place *b);
/* Why a network has no place here. */
void place_explain(const struct plan_input *in, const struct network *n, struct buf *out);
uint32_t network_mtu(const struct network *n);
void plan_network(struct planner *p, const struct network *n);

/* The tap of an instance's port that is there and belongs on the network's bridge; 0: none. */
sym port_tap(struct planner *p, const struct port *port);
/* Neither a router's port nor another of the network's own. */
bool port_is_instance(const struct port *port);
/* The port that taps with this port's prefix belong to: names hold 40 bits of the id only, so that two ports
 * may share one. */
const struct port *port_first_alike(const struct snap *s, const struct uuid *id);
bool port_alike(const struct port *port, const struct uuid *id);
void plan_port(struct planner *p, const struct port *port);
/* The plugs of all taps. */
void plan_taps(struct planner *p);

/* --- routers (plan_router.c) --- */

struct leg {
	const struct port *port;
	const struct network *network; /* may be NULL */
	struct place place;
	bool gateway, snat;    /* of a gateway's: what instances without a floating IP send leaves by it */
	uint16_t number;       /* the gateway's */
	struct uuid policy_id; /* the gateway's QoS policy */
	bool up;               /* can be made here, and is switched on */
	sym dev;               /* 0 while nobody asked for it */
};

struct legs {
	struct leg *list; /* owned; the gateways are the first, in their order */
	size_t count;
	size_t gateways; /* so many of them */
};
void legs_done(struct legs *l);
#define AUTO_LEGS CLEANUP(legs_done)

/* Whether it is switched on, and this node serves it. */
bool router_is_on(const struct plan_input *in, const struct router *r);
/* The router's legs, whether it is up or not. */
struct legs router_legs(const struct plan_input *in, const struct router *r);
/* The same, but for its inside legs. */
struct legs router_gateway_legs(const struct plan_input *in, const struct router *r);
/* Whether packets have to keep to a way, since several of these gateways are up. */
bool legs_have_ways(const struct legs *l);
/* The leg at the router's first external gateway; false when it has none. */
bool router_gateway(const struct plan_input *in, const struct router *r, struct leg *ret);
/* The subnet of one of the leg's addresses; may be NULL. */
const struct subnet *leg_subnet(const struct snap *s, const struct leg *leg, const struct fixed_ip *f);
/* The router whose leg the port is; NULL when it is none. */
const struct router *port_router(const struct snap *s, const struct port *port);
/* Whether the port is a leg that stands in this node's kernel. */
bool port_is_live_leg(const struct plan_input *in, const struct port *port);
sym router_netns(struct planner *p, const struct uuid *id);
void plan_router(struct planner *p, const struct router *r);
/* Where the metadata service is, for the router's namespace; nothing when there is none. */
void plan_metadata(struct planner *p, sym ns, const struct router *r);

/* --- routers that are the host itself (plan_host.c) --- */

/* Whether the router leaves by the host's own interface, up or not. */
bool router_is_host(const struct plan_input *in, const struct router *r);
/* Whether it is there: switched on, its gateway up, and nothing of another one of the host's in its way. */
bool host_router_is_live(const struct plan_input *in, const struct router *r);
/* What of another router of the host's is in its way; nothing when there is none. */
void host_router_explain(const struct plan_input *in, const struct router *r, struct buf *why);
/* Why the inside leg can not be one of the host's. */
void host_leg_explain(const struct plan_input *in, const struct leg *gateway, const struct leg *leg,
		      struct buf *why);
void plan_host_router(struct planner *p, const struct router *r);
/* Whether there can be such routers on this node. */
bool node_is_router(const struct plan_node *node);

/* Where the extra route leads out: the leg whose subnet holds the next hop; NULL when there is none. */
const struct leg *route_leg(const struct snap *s, const struct legs *legs, const struct ip_route *route);
/* Whether an earlier route of the list has the same destination: the first one counts. */
bool route_is_repeated(const struct ip_route *list, uint32_t at);

/* --- floating IPs (plan_fip.c) --- */

void plan_fip(struct planner *p, const struct floatingip *f);
/* Whether routers with a namespace translate without connections. */
static inline bool is_express(const struct plan_input *in)
{
	return in->node->datapath == DATAPATH_BPF;
}
/* The limits of a QoS policy, and of a floating IP: that of its policy, or none. By enum limit_direction;
 * zeros: unlimited. The burst is what the rule says, or its default, and holds the largest packet. */
void plan_policy_limits(const struct snap *s, const struct uuid *policy_id,
			struct rate_limit ret[LIMIT_DIRECTIONS]);
void plan_fip_limits(const struct snap *s, const struct floatingip *f,
		     struct rate_limit ret[LIMIT_DIRECTIONS]);
/* Those of a router's gateway: of what leaves with its address, and comes back to it. */
void plan_gateway_limits(struct planner *p, sym ns, const struct ip *address, const struct uuid *policy_id,
			 const struct uuid *row);
/* All of them, in an order that leaves little to sort. */
void plan_fips(struct planner *p);
void fip_caches_done(struct planner *p);
/* The namespace of the router that has the floating IP for its port forwardings, in *ret (0: the host
 * itself); false when none has: it is associated, nothing leads to it, or a stranger answers for it. */
bool fip_forwards(struct planner *p, const struct floatingip *f, sym *ret);
/* The same question without a planner, and whether its answer is another one in `is` than in `was`. */
bool fip_forwards_differ(const struct plan_input *was, const struct plan_input *is, const struct uuid *id);
/* Whether the router has the address for port forwardings. */
bool fip_forwards_at(const struct plan_input *in, const struct uuid *router_id, const struct ip *addr);
/* The facts of one port forwarding (plan_forward.c). */
void plan_forward(struct planner *p, const struct port_forwarding *pf);
/* Whether a stranger answers for the address on the device. */
bool fip_in_conflict(const struct plan_input *in, const char *device, const struct ip *addr);
/* Whether a router's floating IPs have other facts in `is` than in `was`, themselves unchanged. */
bool fip_exit_differs(const struct plan_input *was, const struct plan_input *is,
		      const struct uuid *router_id);

/* --- units (plan_units.c) --- */

/* Rows whose facts may differ, in order and each once. */
struct units {
	struct plan_touch *list; /* owned */
	size_t count, cap;
};
void units_done(struct units *u);
#define AUTO_UNITS CLEANUP(units_done)

/* The units that the touched rows belong to in either input; these may be the same. */
void units_collect(struct units *u, const struct plan_input *was, const struct plan_input *is,
		   const struct plan_touch *touched, size_t count);
void plan_unit(struct planner *p, const struct plan_touch *unit);

/* --- plan_scope.c --- */

/* The scopes of a router's legs, which have their names already; nothing where none is in a scope. */
void plan_scopes(struct planner *p, const struct router *r, sym ns, const struct legs *legs);
/* Whether a subnet pool has changed its scope. */
bool plan_scope_differs(const struct snap *was, const struct snap *is, const struct uuid *pool_id);
