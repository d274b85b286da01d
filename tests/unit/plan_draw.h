/* Random rows for test_plan.c: small, rich in coincidences, and the same in each run. Included by it alone.
 */
#pragma once
#include "plan/plan_int.h"
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#define CHANGES  8000
#define NETWORKS 7
#define SUBNETS  (NETWORKS * 2)
#define ROUTERS  4
#define PORTS    24
#define FIPS     16
#define POOLS    3
#define POLICIES 3
#define RULES    5
#define FORWARDS 12

static uint64_t seed = 88172645463325252ULL;

static uint32_t pick(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static bool chance(uint32_t percent)
{
	return pick(100) < percent;
}

/* --- rows --- */

/* Two ports each share the first 11 characters, and so the name of a tap. */
static struct uuid numbered(enum kind kind, uint32_t n)
{
	struct uuid id = {{(uint8_t)(0xa0 + kind), 0, 0, 0, (uint8_t)(kind == KIND_PORT ? n / 2 : n)}};

	id.b[15] = (uint8_t)(n + 1);
	return id;
}

static struct uuid maybe(enum kind kind, uint32_t count, uint32_t percent)
{
	return chance(percent) ? numbered(kind, pick(count)) : (struct uuid){{0}};
}

/* Subnets 2n and 2n + 1 are the network's; the second is IPv6 where n is odd. */
static struct ip address_in(uint32_t subnet, uint32_t host)
{
	struct ip ip = {{0x20, 1, 0x0d, 0xb8, 0, (uint8_t)subnet}};

	ip.b[15] = (uint8_t)host;
	return subnet % 4 == 3 ? ip : ip_from_v4(0x0a000000 + (subnet << 8) + host);
}

static struct cidr prefix_of(uint32_t subnet)
{
	return (struct cidr){address_in(subnet, 0), subnet % 4 == 3 ? 64 : 24, true};
}

static void draw_network(uint32_t n, struct network *net)
{
	static const char *const bridged[] = {"bridged", "b1", "b2", "b3", "b4", "b5", "b6"};
	static const char *const types[] = {"flat", "flat", "local", "vxlan", "local", "flat", "vxlan"};

	net->admin_state_up = true;
	net->no_dhcp_agent = chance(8);
	net->network_type = types[chance(10) ? pick(NETWORKS) : n];
	net->physical_network = n == 0 ? "bridged" : n == 1 ? "nic" : "nowhere";
	/* Each its own: the API gives a physical network to one flat network. */
	if (chance(10))
		net->physical_network = bridged[n];
	if (n < 3 ? chance(60) : chance(10)) {
		net->network_type = "flat";
		net->physical_network = n % 2 ? "wan" : "uplink";
	}
	net->segmentation_id = chance(90) ? 100 + n : 0;
	net->mtu = pick(2) ? 1400 + pick(2) : 0;
}

static void draw_subnet(uint32_t n, struct subnet *sub)
{
	sub->network_id = numbered(KIND_NETWORK, n / 2);
	sub->cidr = prefix_of(n);
	sub->ip_version = n % 4 == 3 ? 6 : 4;
	sub->enable_dhcp = chance(70);
	sub->subnetpool_id = maybe(KIND_SUBNETPOOL, POOLS, 40);
	/* Overlapping others', or public. */
	if (sub->ip_version == 4 && chance(15))
		sub->cidr.len = 20;
	else if (sub->ip_version == 4 && chance(5))
		sub->cidr.addr = ip_from_v4(0xc6336400);
	if (chance(80))
		sub->gateway_ip = chance(90) ? address_in(n, 1) : address_in((n + 4) % SUBNETS, 99);
}

static void draw_port(uint32_t n, struct port *port, struct fixed_ip *ips, char device[UUID_TEXT])
{
	static const char *const owners[] = {"network:router_interface", "network:router_gateway",
					     "compute:x", "", "network:dhcp"};
	struct uuid router = numbered(KIND_ROUTER, pick(ROUTERS));
	uint32_t network = pick(NETWORKS);

	port->admin_state_up = chance(85);
	/* Of two ports that share a name only one is a leg. */
	port->device_owner = owners[n % 2 ? 2 + pick(3) : chance(35) ? 1 : pick(chance(30) ? 5 : 3)];
	/* Most of the other networks have no place for a gateway. */
	if (port->device_owner == owners[1] && chance(60))
		network = pick(2);
	port->network_id = numbered(KIND_NETWORK, network);
	port->device_id = uuid_print(&router, device);
	port->mac_address = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(chance(95) ? 1 + n : 0)}};
	port->fixed_ips.items = ips;
	for (uint32_t i = 0; i < 2 && chance(75); i++) {
		uint32_t subnet = 2 * network + i;

		ips[i] = (struct fixed_ip){numbered(KIND_SUBNET, subnet),
					   address_in(subnet, chance(40) ? 1 : 10 + n)};
		port->fixed_ips.count++;
	}
}

/* A gateway that fits, where there is one. */
static struct uuid some_gateway(const struct snap *s, const struct uuid *router)
{
	const struct port *port;
	char text[UUID_TEXT];
	struct scan scan;

	for (port = scan_index(&scan, s, IX_PORT_DEVICE, uuid_print(router, text), NULL); port;
	     port = scan_next(&scan))
		if (strcmp(port->device_owner, "network:router_gateway") == 0)
			return port->row.id;
	return maybe(KIND_PORT, PORTS, 50);
}

#define MORE 3

/* Gateways beside the first one: ports of this router, of others, or none. */
static void draw_more_gateways(const struct snap *s, const struct uuid *router, struct router *r,
			       struct router_gateway *more)
{
	const struct port *port;
	char text[UUID_TEXT];
	struct scan scan;

	r->more_gateways.items = more;
	for (port = scan_index(&scan, s, IX_PORT_DEVICE, uuid_print(router, text), NULL); port;
	     port = scan_next(&scan))
		if (strcmp(port->device_owner, "network:router_gateway") == 0 &&
		    r->more_gateways.count < MORE && !uuid_eq(&port->row.id, &r->gw_port_id) && chance(85))
			more[r->more_gateways.count++] = (struct router_gateway){
				.network_id = port->network_id,
				.enable_snat = chance(70),
				.qos_policy_id = maybe(KIND_QOS_POLICY, POLICIES, 50),
				.port_id = chance(95) ? port->row.id : numbered(KIND_PORT, PORTS),
				.number = 2 + r->more_gateways.count,
			};
}

static void draw_router(const struct snap *s, uint32_t n, struct router *r, struct ip_route *routes,
			struct router_gateway *more)
{
	struct uuid id = numbered(KIND_ROUTER, n);

	r->admin_state_up = chance(85);
	r->unhosted = chance(3);
	if (chance(85))
		r->gw_port_id = some_gateway(s, &id);
	r->external_gateway_info.enable_snat = chance(70);
	r->external_gateway_info.qos_policy_id = maybe(KIND_QOS_POLICY, POLICIES, 50);
	r->gateway_number = chance(90) ? 1 : 8;
	r->enable_default_route_ecmp = chance(50);
	if (chance(90))
		draw_more_gateways(s, &id, r, more);
	r->routes.items = routes;
	for (uint32_t i = 0; i < 3 && chance(40); i++) {
		uint32_t subnet = pick(SUBNETS);

		routes[i] = (struct ip_route){prefix_of(pick(4)), address_in(subnet, 77)};
		if (chance(20))
			routes[i].destination = (struct cidr){ip_from_v4(0), 0, true};
		else if (chance(20)) /* to a floating IP */
			routes[i].destination = (struct cidr){ip_from_v4(0xcb007100 + pick(FIPS)), 32, true};
		r->routes.count++;
	}
}

static void draw_fip(const struct snap *s, uint32_t n, struct floatingip *f)
{
	uint32_t network = pick(chance(20) ? NETWORKS : 3);
	struct router *r;

	f->router_id = maybe(KIND_ROUTER, ROUTERS, 80);
	r = (struct router *)(uintptr_t)snap_get(s, KIND_ROUTER, &f->router_id);
	f->floating_network_id = numbered(KIND_NETWORK, network);
	if (r && chance(80)) {
		const struct router_gateway *more = r->more_gateways.items;
		const struct port *port = snap_get(s, KIND_PORT,
						   r->more_gateways.count && chance(60)
							   ? &more[pick(r->more_gateways.count)].port_id
							   : &r->gw_port_id);

		if (port)
			f->floating_network_id = port->network_id;
	}
	f->floating_ip_address = chance(97) ? ip_from_v4(0xcb007100 + n) : address_in(3, n);
	f->subnet_id = numbered(KIND_SUBNET, 2 * network);
	/* One fixed IP has one floating IP of a router. */
	if (chance(65))
		f->fixed_ip_address = ip_from_v4(0x0a000000 + n + 100 * pick(2));
	f->qos_policy_id = maybe(KIND_QOS_POLICY, POLICIES, 50);
}

/* No two have a port of a floating IP, whose they come to be. */
static void draw_forward(uint32_t n, struct port_forwarding *pf)
{
	static char in[16], out[16];
	uint32_t at = 100 * (n + 1), to = chance(50) ? at : at + 7, size = pick(12) * pick(2);

	snprintf(out, sizeof(out), "%u:%u", at, at + size);
	snprintf(in, sizeof(in), "%u:%u", to, chance(30) ? to : to + size);
	pf->floatingip_id = numbered(KIND_FLOATINGIP, pick(FIPS));
	pf->protocol = n % 3 == 0 ? "tcp" : n % 3 == 1 ? "udp" : "sctp";
	pf->internal_ip_address = ip_from_v4(0x0a000000 + pick(4));
	pf->internal_port_range = in;
	pf->external_port_range = out;
}

/* Two rules may be for one direction, which the API does not let happen: then one of them counts. */
static void draw_rule(struct qos_rule *rule)
{
	rule->qos_policy_id = numbered(KIND_QOS_POLICY, pick(POLICIES));
	rule->direction = chance(50) ? "ingress" : "egress";
	rule->max_kbps = chance(90) ? 1000 * (1 + pick(3)) : chance(50) ? 0 : 2147483647;
	rule->max_burst_kbps = chance(50) ? 0 : 1000 * pick(4);
}
