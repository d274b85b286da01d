/* `buoy nova ...`: floating IPs, and the bulk calls beside them.
 * The verbs of nouns_nova.c's rows; the servers' are in verbs_nova_server.c. */
#include "cli/nouns.h"
#include "cli/nova.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

static const struct nova_column fip_columns[] = {
	{"Ip", "ip"}, {"Instance Id", "instance_id"}, {"Fixed Ip", "fixed_ip"}, {"Pool", "pool"}, {0},
};

int nova_fip_create(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *pool = call_arg(call, 0);
	json_auto_t *body = json_pack("{s:s?}", "pool", pool), *reply = NULL, *rows = NULL;
	int r = nova_call(cli, "POST", "/os-floating-ips", body, &reply, err);

	if (r)
		return r;
	if (!json_is_object(json_object_get(reply, "floating_ip")))
		return err_set(err, -EPROTO, "the server's answer has no 'floating_ip'");
	rows = json_pack("[O]", json_object_get(reply, "floating_ip"));
	return nova_print_rows(cli, fip_columns, rows, err);
}

int nova_fip_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *rows = NULL;
	int r = nova_get_list(cli, "/os-floating-ips", "floating_ips", &rows, err);

	return r ? r : nova_print_rows(cli, fip_columns, rows, err);
}

int nova_fip_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *address = call_arg(call, 0);
	json_auto_t *rows = NULL;
	size_t i;
	json_t *row;
	int r = nova_get_list(cli, "/os-floating-ips", "floating_ips", &rows, err);

	if (r)
		return r;
	json_array_foreach(rows, i, row)
	{
		if (!strcmp(json_get_text(row, "ip"), address))
			return nova_call(cli, "DELETE",
					 nova_path(cli, "os-floating-ips", json_get_text(row, "id"), NULL),
					 NULL, NULL, err);
	}
	return err_set(err, -ENOENT, "Floating ip %s not found.", address);
}

int nova_fip_pool_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const struct nova_column columns[] = {{"name", "name"}, {0}};
	json_auto_t *rows = NULL;
	int r = nova_get_list(cli, "/os-floating-ip-pools", "floating_ip_pools", &rows, err);

	return r ? r : nova_print_rows(cli, columns, rows, err);
}

/* An action of the server that the first word names; takes over the body. */
static int server_action(struct cli *cli, const char *server, json_t *body, struct err *err)
{
	json_auto_t *action = body, *row = NULL;
	int r = nova_find_server(cli, server, &row, err);

	if (r)
		return r;
	return nova_call(cli, "POST", nova_path(cli, "servers", json_get_text(row, "id"), "action"), action,
			 NULL, err);
}

int nova_fip_add(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *fixed = call_get(call, "fixed-address");
	json_t *body = json_pack("{s:{s:s, s:s*}}", "addFloatingIp", "address", call_arg(call, 1),
				 "fixed_address", fixed);

	return server_action(cli, call_arg(call, 0), body, err);
}

int nova_fip_remove(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_t *body = json_pack("{s:{s:s}}", "removeFloatingIp", "address", call_arg(call, 1));

	return server_action(cli, call_arg(call, 0), body, err);
}

/* --- the pool's addresses, for administrators --- */

int nova_bulk_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const struct nova_column columns[] = {
		{"project_id", "project_id"},       {"address", "address"},
		{"instance_uuid", "instance_uuid"}, {"pool", "pool"},
		{"interface", "interface"},         {0},
	};
	json_auto_t *rows = NULL;
	int r = bulk_list(cli, call_get(call, "host"), &rows, err);

	return r ? r : nova_print_rows(cli, columns, rows, err);
}

int nova_bulk_create(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return bulk_create(cli, call_arg(call, 0), call_get(call, "pool"), call_get(call, "interface"), err);
}

int nova_bulk_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return bulk_delete(cli, call_arg(call, 0), err);
}
