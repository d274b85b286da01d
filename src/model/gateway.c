/* A router's external gateways as one list.
 * Pure; between a router's row and who asks for all of its gateways. */
#include "model/gateway.h"

#include <string.h>
#include <talloc.h>

struct router_gateway gateway_of_info(const struct gateway *info, const struct router_gateway *of)
{
	return (struct router_gateway){
		.network_id = info->network_id,
		.enable_snat = info->enable_snat,
		.external_fixed_ips = info->external_fixed_ips,
		.qos_policy_id = info->qos_policy_id,
		.port_id = of ? of->port_id : (struct uuid){{0}},
		.number = of ? of->number : 0,
	};
}

struct gateway gateway_info(const struct router_gateway *g)
{
	return (struct gateway){
		.network_id = g->network_id,
		.enable_snat = g->enable_snat,
		.external_fixed_ips = g->external_fixed_ips,
		.qos_policy_id = g->qos_policy_id,
	};
}

void router_gateways(const struct router *r, struct gateways *ret)
{
	const struct router_gateway first = {.port_id = r->gw_port_id, .number = r->gateway_number};
	const struct router_gateway *more = r->more_gateways.items;

	ret->count = 0;
	if (uuid_is_null(&r->gw_port_id))
		return;
	ret->list[ret->count++] = gateway_of_info(&r->external_gateway_info, &first);
	for (uint32_t i = 0; i < r->more_gateways.count && ret->count < ROUTER_GATEWAYS_MAX; i++)
		ret->list[ret->count++] = more[i];
}

void router_set_gateways(struct router *draft, const struct gateways *g, void *region)
{
	struct router_gateway *more = talloc_zero_array(region, struct router_gateway, g->count + 1);

	draft->external_gateway_info = g->count ? gateway_info(&g->list[0]) : (struct gateway){0};
	draft->gw_port_id = g->count ? g->list[0].port_id : (struct uuid){{0}};
	draft->gateway_number = g->count ? g->list[0].number : 1;
	draft->more_gateways = (struct list){0};
	for (uint32_t i = 1; i < g->count; i++)
		more[i - 1] = g->list[i];
	if (g->count > 1)
		draft->more_gateways = (struct list){more, g->count - 1};
}

const struct router_gateway *gateways_to(const struct gateways *g, const struct uuid *network_id,
					 uint32_t from)
{
	for (uint32_t i = from; i < g->count; i++)
		if (uuid_eq(&g->list[i].network_id, network_id))
			return &g->list[i];
	return NULL;
}

const struct router_gateway *gateways_at(const struct gateways *g, const struct uuid *port_id)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (uuid_eq(&g->list[i].port_id, port_id))
			return &g->list[i];
	return NULL;
}

static bool has_number(const struct gateways *g, int64_t number)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->list[i].number == number)
			return true;
	return false;
}

int64_t gateways_free_number(const struct gateways *g)
{
	for (int64_t n = 1; n <= ROUTER_GATEWAYS_MAX; n++)
		if (!has_number(g, n))
			return n;
	return 0;
}

bool router_has_policy(const struct router *r, const struct uuid *policy_id)
{
	const struct router_gateway *more = r->more_gateways.items;

	if (uuid_eq(&r->external_gateway_info.qos_policy_id, policy_id))
		return true;
	for (uint32_t i = 0; i < r->more_gateways.count; i++)
		if (uuid_eq(&more[i].qos_policy_id, policy_id))
			return true;
	return false;
}
