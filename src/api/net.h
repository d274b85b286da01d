/* What the network resources' hooks share: who owns what, how routers, ports, subnets and floating IPs find
 * each other, and which addresses are chosen.
 *
 * Everything is found through indexes and holdings: floating IPs come by the hundred thousand and nothing on
 * their way may walk all of them. Hooks run on the writer's thread inside a transaction; `s` is then
 * v->t->work. Error texts name only what the caller named or owns. */
#pragma once
#include "api/api.h"
#include "model/gateway.h"

#define OWNER_ROUTER_INTERFACE "network:router_interface"
#define OWNER_ROUTER_GATEWAY   "network:router_gateway"
#define OWNER_FLOATINGIP       "network:floatingip" /* there are no such ports; subnets may be for them */

/* --- who (net_network.c) --- */

/* Whether the caller's project is this one, or it administers. */
bool net_owns(const struct caller *who, const char *project_id);
/* 403 in the words of policy: rule is "create_subnet". */
int net_forbid(const char *rule, struct err *err);
/* visible hook of networks: who owns it, or has a policy (rbac.h), sees it. */
bool net_sees_network(const struct snap *s, const struct caller *who, const struct row *row);
/* Whether the caller may use the network as if it were its project's own: it is, or it is shared with it. Who
 * does sees its subnets; of an external network others see only that it is there. */
bool net_uses_network(const struct snap *s, const struct caller *who, const struct network *n);
/* The external network of auto-allocated topologies; NULL: none. Whether the caller sees it is not asked. */
const struct network *net_default_external(const struct snap *s);
static inline const struct snap *net_snap(const struct verb *v)
{
	return v->t->work;
}
static inline const struct caller *net_who(const struct verb *v)
{
	return &v->c->caller;
}
/* A prefix from a body whose host bits are set is refused as Neutron does. */
int net_check_prefix(const char *attr, const struct cidr *cidr, struct err *err);
/* Host bits cleared, and not null. */
struct cidr net_prefix(const struct cidr *cidr);

/* --- addresses (net_address.c) --- */

/* The IPv4 subnets of a network, lowest first; talloc'd in `region`. */
struct subnets {
	const struct subnet **list;
	size_t count;
};
struct subnets net_ipv4_subnets(const struct snap *s, void *region, const struct uuid *network_id);
/* The first and the last address that a host can have. */
struct ip net_first_host(const struct subnet *subnet);
struct ip net_last_host(const struct subnet *subnet);
/* One of those between them: inside the subnet, and neither its network nor its broadcast address. */
bool net_usable(const struct subnet *subnet, const struct ip *ip);
/* The network's subnet that has this address, NULL when none. */
const struct subnet *net_subnet_with(const struct snap *s, const struct uuid *network_id,
				     const struct ip *ip);
/* Turns what a body asks for (subnet_id, ip_address or both in each item) into a port's addresses. Addresses
 * in `kept` (the port's own so far) may be taken again. The list is made anew in the transaction's region. */
int net_assign_addresses(struct verb *v, const struct uuid *network_id, const struct list *kept,
			 struct list *fixed_ips, struct err *err);
/* One address from the network's IPv4 subnets and one from those IPv6 subnets in which it is chosen, of those
 * that serve such ports; none of a family that it has no subnets of. 409 IpAddressGenerationFailure. */
int net_assign_any(struct verb *v, const struct uuid *network_id, const char *device_owner,
		   struct list *fixed_ips, struct err *err);
/* Whether ports of that kind get addresses of the subnet when they ask for none in particular: its
 * service_types. */
bool net_subnet_serves(const struct subnet *sub, const char *device_owner);
/* Leaves those only. */
void net_keep_serving(struct subnets *subs, const char *device_owner);
/* Checks the port's MAC address when it was given (400, 409 MacAddressInUse), else makes one. */
int net_assign_mac(struct verb *v, struct port *port, bool given, struct err *err);

/* --- addresses that nobody chooses (net_address_auto.c) --- */

/* Whether instances make their addresses in the subnet themselves, from their MAC addresses. */
bool net_is_automatic(const struct subnet *s);
/* Completes a port's addresses, when its MAC address is known: in each automatic subnet of its network it has
 * the one that its instance will make, whatever was asked for. A router's interface has what it was given.
 * 409 IpAddressInUse. */
int net_assign_automatic(struct verb *v, struct port *port, struct err *err);
/* What a new subnet means for the ports that the network has already, and what its end means: they get an
 * address in it, and lose it. Nothing when it is not automatic. Routers' ports keep theirs. */
int net_give_automatic(struct verb *v, const struct subnet *s, struct err *err);
int net_take_automatic(struct verb *v, const struct subnet *s, struct err *err);
/* --- subnet pools (net_subnetpool.c, net_subnet_pool.c) --- */

/* The default pool of an IP version; NULL: none. Whether the caller sees it is not asked. */
const struct subnetpool *net_default_subnetpool(const struct verb *v, int64_t ip_version);
/* A new subnet's prefix: fills in cidr, and subnetpool_id when it comes from the default pool. Neutron's
 * refusals. */
int net_choose_prefix(struct verb *v, struct subnet *subnet, struct err *err);
/* 400 NetworkAddressScopeAffinityError. */
int net_scope_affinity(struct err *err);

/* --- ports (net_port.c) --- */

bool net_is_router_interface(const struct port *port);
bool net_is_router_gateway(const struct port *port);
/* The port's address inside the subnet; NULL when it has none there. */
const struct fixed_ip *net_port_ip_in(const struct port *port, const struct uuid *subnet_id);
/* Whether the address is one of the port's own. */
bool net_port_has(const struct port *port, const struct ip *ip);
/* A port that the daemon makes for a router, still without addresses. Texts that a body would have had
 * defaults for are filled in. */
int net_new_router_port(struct verb *v, const struct router *router, const char *device_owner,
			const char *project_id, const struct uuid *network_id, struct port **ret,
			struct err *err);
const char *net_port_status(const struct call *c, const struct port *port);
/* Whether one of the port's pairs allows the address. */
bool net_pair_allows(const struct port *port, const struct ip *ip);

/* --- DHCP options (net_dhcp.c) --- */

/* Checks the options that a body gives a port and lays them over those that it `had` (NULL: none): a value of
 * null takes one away, what is not named stays. The list is made anew in the transaction's region. 400. */
int net_merge_dhcp_opts(struct verb *v, const struct list *had, struct list *opts, struct err *err);

/* --- DNS names (net_dns.c) --- */

/* Each makes what was given small letters (in the transaction's region; NULL becomes "") and checks it: 400.
 */
int net_check_dns_domain(struct verb *v, const char *attr, const char **domain, struct err *err);
int net_check_port_dns(struct verb *v, struct port *p, const struct network *n, struct err *err);
int net_check_floatingip_dns(struct verb *v, struct floatingip *f, struct err *err);
/* [{"ip_address", "hostname", "fqdn"}]. */
void net_print_dns_assignment(const struct call *c, const struct port *p, struct buf *out);

/* --- routers (net_router.c, net_router_iface.c) --- */

/* Walks the router's interface ports. The scan points into the struct: it is not to be copied. */
struct interfaces {
	struct scan scan;
	char device_id[UUID_TEXT];
};
const struct port *net_first_interface(struct interfaces *walk, const struct snap *s,
				       const struct uuid *router_id);
const struct port *net_next_interface(struct interfaces *walk);
/* The router that a router's port belongs to; NULL when there is none. */
const struct router *net_router_of(const struct snap *s, const struct port *port);
/* 400 when an interface of the router is in that subnet already, or in one that overlaps with it. */
int net_check_interface_overlap(const struct snap *s, const struct uuid *router_id,
				const struct subnet *subnet, struct err *err);
/* 400 when the subnet overlaps with one of the router's external network. */
int net_check_gateway_overlap(const struct snap *s, const struct uuid *network_id,
			      const struct subnet *subnet, struct err *err);
/* The same for all of these gateways; those to the network `but` are left out (NULL: none is). */
int net_check_gateways_overlap(const struct snap *s, const struct gateways *g, const struct uuid *but,
			       const struct subnet *subnet, struct err *err);
/* 400 when a new subnet of an external network overlaps with one behind a router whose gateway is there, or
 * at another gateway of it. Says nothing about the other: it is somebody else's. */
int net_check_attached_overlap(const struct snap *s, const struct subnet *subnet, struct err *err);
/* 403 where only an administrator may choose: the addresses, and to leave without translation. What stands
 * already (`was`; NULL: nothing) may be said again. `rule` is what policy calls the object. */
int net_check_gateway_policy(const struct verb *v, const char *rule, const struct router_gateway *was,
			     const struct gateway *is, struct err *err);
/* Makes the draft's gateways those of `want`: a gateway with a port is one that there was, with these
 * settings; one without is made; those of `was` that are not in it go. `want` comes to hold ports, numbers,
 * addresses. */
int net_put_gateways(struct verb *v, struct router *draft, const struct gateways *was, struct gateways *want,
		     struct err *err);
/* net_router_gateways.c: PUT /v2.0/routers/<id>/add_external_gateways and so on. */
int router_add_gateways(struct call *c, struct err *err);
int router_update_gateways(struct call *c, struct err *err);
int router_remove_gateways(struct call *c, struct err *err);
/* The reply of those that print the router: c->state begins with its id. */
int router_reply(struct call *c, struct err *err);
/* PUT /v2.0/routers/<id>/<action>, called by their rows in router_routes. */
int router_add_interface(struct call *c, struct err *err);
int router_remove_interface(struct call *c, struct err *err);
int router_add_extraroutes(struct call *c, struct err *err);
int router_remove_extraroutes(struct call *c, struct err *err);
bool net_same_route(const struct ip_route *a, const struct ip_route *b);
/* 400 InvalidRoutes unless each next hop is on a subnet of the router. */
int net_check_routes(struct verb *v, const struct router *router, struct err *err);
/* What add_router_interface and its opposite do with a subnet, inside a transaction; who may do it is asked
 * by the caller. Detaching where there is no interface: nothing. The router is the transaction's present one,
 * and gone stale afterwards. */
int net_attach_subnet(struct verb *v, const struct router *router, const struct uuid *subnet_id,
		      struct err *err);
int net_detach_subnet(struct verb *v, const struct router *router, const struct uuid *subnet_id,
		      struct err *err);
extern const struct route router_routes[];

/* Whether a router may have the flavor (null: none): 404, 400 for another service's, 503 when it is switched
 * off. net_flavor.c */
int net_check_flavor(struct verb *v, const struct uuid *id, struct err *err);

/* --- floating IPs (net_floatingip.c) --- */

/* Takes one association away. */
int net_disassociate(struct verb *v, const struct floatingip *f, struct err *err);
/* "ACTIVE", "DOWN" or "ERROR", in the call's snapshot. */
const char *net_floatingip_status(const struct call *c, const struct floatingip *f);
/* Takes the associations of a port away, as its deletion does. */
int net_disassociate_port(struct verb *v, const struct uuid *port_id, struct err *err);
/* 409 unless every floating IP of the port still has its fixed address there. */
int net_check_port_keeps(struct verb *v, const struct port *port, struct err *err);

/* --- addresses that rest (net_rest.c) --- */

/* A free address of the subnets, lowest first, for a project (NULL: nobody's). Where there is none: one whose
 * rest is over, then one that rests after the project itself had it, then, unless the pool is strict, the one
 * whose rest ends next, which is then over. In a strict pool the project's own come before the free ones:
 * nobody puts all of it to rest. -ENOSPC: none. *ret_sub: which subnet's; *ret_strict: some rest, but the
 * pool is strict. Either may be NULL. O(log n) for each subnet. */
int net_take_free(struct verb *v, const struct subnets *subs, const char *project_id, struct ip *ret,
		  const struct subnet **ret_sub, bool *ret_strict);
/* What rests at the address; NULL: nothing. */
const struct rest *net_rest_at(const struct snap *s, const struct uuid *subnet_id, const struct ip *ip);
/* The project (NULL: nobody) wants this very address, at which something rests: ends the rest if that is over
 * or the project's own; else 409 IpAddressInUse. */
int net_rest_yield(struct verb *v, const struct subnet *sub, const struct ip *ip, const char *project_id,
		   struct err *err);
/* Releases a floating IP: its row becomes one that rests, where addresses of its network do. */
int net_rest_begin(struct verb *v, const struct floatingip *f, struct err *err);
/* Rests end with their network or subnet, which the index finds; or with a range of a subnet. */
int net_rest_end_all(struct verb *v, enum index_id index, const struct uuid *id, struct err *err);
int net_rest_end_range(struct verb *v, const struct uuid *subnet_id, const struct ip *first,
		       const struct ip *last, struct err *err);
/* The router between a subnet and an external network: the one at the subnet's gateway address, as instances
 * send to it; else any that has an interface there. NULL: none. */
const struct router *net_find_router(const struct snap *s, const struct subnet *sub,
				     const struct uuid *external);
/* The floating IP that stands in the way of such a one: of the same fixed address on the same router, or of
 * the same port on the same external network. NULL: none. */
const struct floatingip *net_fixed_taken_by(const struct snap *s, const struct floatingip *f);

/* --- port forwardings (net_forwarding.c) --- */

/* Whether the floating IP has port forwardings: it is a router's then, but no port's. */
bool net_has_forwardings(const struct floatingip *f);
/* Prints them as the list that a floating IP shows. */
void net_print_forwardings(const struct snap *s, const struct uuid *floatingip_id, struct buf *out);
/* Takes away those that lead to a port: all, or (`keeps`: the port as it will be) those to addresses that it
 * will not have. */
int net_drop_forwardings(struct verb *v, const struct uuid *port_id, const struct port *keeps,
			 struct err *err);
/* 400 PortHasPortForwarding when forwardings lead to the port, or to that address of it in the subnet,
 * whosever it is: it can not have a floating IP of its own. */
int net_check_forwardings(const struct snap *s, const struct port *p, const struct subnet *sub,
			  const struct ip *fixed, struct err *err);
/* Whether one of the floating IP's forwardings leads into the subnet. */
bool net_forwards_into(const struct snap *s, const struct floatingip *f, const struct subnet *sub);

/* --- leases and orphans (net_lease.c) --- */

/* Makes expires_at of lease_seconds; 400 when it has passed already. */
int net_settle_lease(struct verb *v, struct floatingip *f, struct err *err);

/* --- transfers (net_transfer.c) --- */

/* Ends the offer of a floating IP; without one: nothing. */
int net_transfer_end(struct verb *v, const struct uuid *floatingip_id, struct err *err);
