/* Verbs of floating IPs, routers, subnets and quotas that mean more than one generic request.
 * Beside verbs.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* PUT of a part of one row, the row shown. */
static int put_part(struct cli *cli, const struct noun *noun, const char *id, const char *below,
		    const json_t *body, struct err *err)
{
	const char *path = noun_path(cli, noun, id, below, err);

	return path ? send_and_show(cli, noun, "PUT", path, body, err) : -EINVAL;
}

int fip_associate(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_object();
	const char *fip, *port;
	int r = resolve(cli, noun, call_arg(call, 0), &fip, NULL, err);

	if (r == 0)
		r = resolve_port(cli, call_arg(call, 1), &port, NULL, err);
	if (r == 0)
		r = body_from_call(cli, call, body, err);
	if (r)
		return r;
	json_object_set_new(body, "port_id", json_string(port));
	return put_part(cli, noun, fip, NULL, body, err);
}

int fip_disassociate(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_pack("{s:n}", "port_id");
	const char *fip;
	int r = resolve(cli, noun, call_arg(call, 0), &fip, NULL, err);

	return r ? r : put_part(cli, noun, fip, NULL, body, err);
}

/* add_router_interface and its opposite, by subnet or by port. Both answer with no router but with what
 * was connected. */
static int router_interface(struct cli *cli, const struct noun *noun, const struct call *call,
			    const char *action, const char *what, struct err *err)
{
	json_auto_t *body = json_object(), *reply = NULL;
	const char *router, *id, *path;
	int r = resolve(cli, noun, call_arg(call, 0), &router, NULL, err);

	if (r == 0)
		r = resolve(cli, noun_find(what), call_arg(call, 1), &id, NULL, err);
	if (r)
		return r;
	json_object_set_new(body, !strcmp(what, "port") ? "port_id" : "subnet_id", json_string(id));
	path = noun_path(cli, noun, router, action, err);
	r = path ? session_call(cli->session, noun->service, "PUT", path, body, &reply, err) : -EINVAL;
	return r || cli->quiet || !json_is_object(reply) ? r : output_object(&cli->out, reply, err);
}

int router_add_subnet(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_interface(cli, noun, call, "add_router_interface", "subnet", err);
}

int router_remove_subnet(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_interface(cli, noun, call, "remove_router_interface", "subnet", err);
}

int router_add_port(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_interface(cli, noun, call, "add_router_interface", "port", err);
}

int router_remove_port(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_interface(cli, noun, call, "remove_router_interface", "port", err);
}

int router_set_gateway(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_object();
	const char *router, *network;
	int r = resolve(cli, noun, call_arg(call, 0), &router, NULL, err);

	if (r == 0)
		r = resolve(cli, noun_find("network"), call_arg(call, 1), &network, NULL, err);
	if (r == 0)
		r = body_from_call(cli, call, body, err);
	if (r)
		return r;
	json_put_path(body, "external_gateway_info/network_id", json_string(network));
	return put_part(cli, noun, router, NULL, body, err);
}

int router_unset_gateway(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_pack("{s:n}", "external_gateway_info");
	const char *router;
	int r = resolve(cli, noun, call_arg(call, 0), &router, NULL, err);

	return r ? r : put_part(cli, noun, router, NULL, body, err);
}

/* One element of external_gateways, sent to an action. */
static int router_gateways(struct cli *cli, const struct noun *noun, const struct call *call,
			   const char *action, struct err *err)
{
	json_auto_t *options = json_object(), *body = json_object();
	const char *router, *network;
	json_t *gateway;
	int r = resolve(cli, noun, call_arg(call, 0), &router, NULL, err);

	if (r == 0)
		r = resolve(cli, noun_find("network"), call_arg(call, 1), &network, NULL, err);
	if (r == 0)
		r = body_from_call(cli, call, options, err);
	if (r)
		return r;
	json_put_path(options, "external_gateway_info/network_id", json_string(network));
	gateway = json_object_get(options, "external_gateway_info");
	json_object_set_new(body, "external_gateways", json_pack("[O]", gateway));
	return put_part(cli, noun, router, action, body, err);
}

int router_add_gateway(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_gateways(cli, noun, call, "add_external_gateways", err);
}

int router_remove_gateway(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_gateways(cli, noun, call, "remove_external_gateways", err);
}

static int router_routes(struct cli *cli, const struct noun *noun, const struct call *call,
			 const char *action, struct err *err)
{
	json_auto_t *body = json_object();
	const char *router;
	int r = body_from_call(cli, call, body, err);

	if (r == 0 && json_array_size(json_object_get(body, "routes")) == 0)
		return err_set(err, -EINVAL, "--route destination=CIDR,gateway=ADDRESS is missing");
	if (r == 0)
		r = resolve(cli, noun, call_arg(call, 0), &router, NULL, err);
	return r ? r : put_part(cli, noun, router, action, body, err);
}

int router_add_route(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_routes(cli, noun, call, "add_extraroutes", err);
}

int router_remove_route(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return router_routes(cli, noun, call, "remove_extraroutes", err);
}

int router_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	const struct noun *noun = noun_find("router");
	json_t *gateway = json_object_get(body, "external_gateway_info");
	json_auto_t *row = NULL;
	const char *same, *network;
	int r;

	if (!json_is_object(gateway) || json_object_get(gateway, "network_id"))
		return 0;
	if (!id)
		return err_set(err, -EINVAL,
			       "a gateway's SNAT, addresses and QoS policy need --external-gateway NETWORK");
	r = resolve(cli, noun, id, &same, &row, err);
	if (r)
		return r;
	network = json_string_value(json_get_path(row, "external_gateway_info.network_id"));
	if (!network)
		return err_set(err, -EINVAL,
			       "the router has no gateway: give --external-gateway NETWORK too");
	json_object_set_new(gateway, "network_id", json_string(network));
	return 0;
}

int port_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	json_t *opt;
	size_t i;

	json_array_foreach(json_object_get(body, "extra_dhcp_opts"), i, opt)
	{
		if (!json_object_get(opt, "opt_value"))
			json_object_set_new(opt, "opt_value", json_null());
	}
	return 0;
}

int subnet_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	const char *cidr = json_string_value(json_object_get(body, "cidr"));

	const char *pool = json_string_value(json_object_get(body, "subnetpool_id")), *same;
	json_auto_t *row = NULL;
	int version = cidr && strchr(cidr, ':') ? 6 : 4, r;

	if (id || json_object_get(body, "ip_version"))
		return 0;
	if (!cidr && pool) {
		if ((r = resolve(cli, noun_find("subnet-pool"), pool, &same, &row, err)) < 0)
			return r;
		version = (int)json_integer_value(json_object_get(row, "ip_version"));
	}
	return json_object_set_new(body, "ip_version", json_integer(version));
}

int project_of_call(struct cli *cli, const struct call *call, const char **ret, struct err *err)
{
	if (call_arg(call, 0))
		return resolve(cli, noun_find("project"), call_arg(call, 0), ret, NULL, err);
	return session_get_project(cli->session, ret, err);
}

/* {"network": {"limit": 1, "used": 0}} as rows of a list. New reference. */
static json_t *usage_rows(const json_t *quota)
{
	json_t *rows = json_array(), *v;
	const char *key;

	json_object_foreach((json_t *)quota, key, v)
	{
		json_t *row;

		if (!json_is_object(v))
			continue;
		row = json_pack("{s:s}", "resource", key);
		json_object_update(row, v);
		json_array_append_new(rows, row);
	}
	return rows;
}

int quota_show(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	bool usage = call_has(call, "usage");
	const char *below = usage ? "details" : call_has(call, "default") ? "default" : NULL;
	json_auto_t *reply = NULL, *rows = NULL;
	const char *project, *path;
	int r = project_of_call(cli, call, &project, err);

	if (r)
		return r;
	path = noun_path(cli, noun, project, below, err);
	r = path ? session_call(cli->session, noun->service, "GET", path, NULL, &reply, err) : -EINVAL;
	if (r)
		return r;
	if (!json_is_object(json_object_get(reply, noun->one)))
		return err_set(err, -EPROTO, "the server's answer has no '%s'", noun->one);
	if (!usage)
		return output_object(&cli->out, json_object_get(reply, noun->one), err);
	rows = usage_rows(json_object_get(reply, noun->one));
	return output_list(&cli->out, "resource,limit,used,reserved", rows, err);
}

int quota_set(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_object();
	const char *project;
	int r = body_from_call(cli, call, body, err);

	if (r == 0 && json_object_size(body) == 0)
		return err_set(err, -EINVAL, "nothing to change: give an option; '--help' lists them");
	if (r == 0)
		r = project_of_call(cli, call, &project, err);
	if (call_has(call, "check-limit"))
		json_object_set_new(body, "check_limit", json_true());
	return r ? r : put_part(cli, noun, project, NULL, body, err);
}

int quota_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *project, *path;
	int r = project_of_call(cli, call, &project, err);

	if (r)
		return r;
	path = noun_path(cli, noun, project, NULL, err);
	return path ? session_call(cli->session, noun->service, "DELETE", path, NULL, NULL, err) : -EINVAL;
}
