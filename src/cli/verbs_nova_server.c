/* `buoy nova ...`: servers, which are workloads that own ports.
 * The verbs of nouns_nova.c's rows; the floating IPs' are in verbs_nova.c. */
#include "cli/nouns.h"
#include "cli/nova.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* The addresses of one network: "10.200.2.5, 10.200.3.2". New reference. */
static json_t *join_addresses(const json_t *list, const char *key, const char *separator)
{
	AUTO_BUF struct buf b = {0};
	size_t i;
	json_t *a;

	json_array_foreach(list, i, a) buf_printf(&b, "%s%s", i ? separator : "", json_get_text(a, key));
	return json_string(buf_text(&b));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "fixed=10.200.2.5, 10.200.3.2; other=...", by the networks' names. New reference. */
static json_t *join_networks(void *mem, const json_t *addresses)
{
	const char **names = talloc_array(mem, const char *, json_object_size(addresses) + 1), *name;
	AUTO_BUF struct buf b = {0};
	size_t n = 0;
	json_t *list;

	json_object_foreach((json_t *)addresses, name, list)
	{
		if (json_array_size(list) > 0)
			names[n++] = name;
	}
	qsort(names, n, sizeof(*names), compare_texts);
	for (size_t i = 0; i < n; i++) {
		json_auto_t *text = join_addresses(json_object_get(addresses, names[i]), "addr", ", ");

		buf_printf(&b, "%s%s=%s", i ? "; " : "", names[i], json_string_value(text));
	}
	return json_string(buf_text(&b));
}

/* --- list --- */

/* The options of `list` and the parameters that they become. */
static const struct {
	const char *option, *parameter;
} filters[] = {
	{"reservation-id", "reservation_id"},
	{"ip", "ip"},
	{"ip6", "ip6"},
	{"name", "name"},
	{"status", "status"},
	{"image", "image"},
	{"host", "host"},
	{"tenant", "project_id"},
	{"instance-name", "instance_name"},
};

/* One of all tenants' where that is asked for: "", "1" and nothing else mean yes. */
static char *add_filters(struct cli *cli, const struct call *call, char *path)
{
	const char *all = call_get(call, "all-tenants");

	if (all && strcmp(all, "0"))
		path = query_add(path, "all_tenants", "1");
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		const char *value = call_get(call, filters[i].option);

		if (value)
			path = query_add(path, filters[i].parameter, value);
	}
	return path;
}

/* The id of a flavor by its name or id; what the server does not know is recorded as it was typed. */
static int flavor_id(struct cli *cli, const char *text, const char **ret, struct err *err)
{
	json_auto_t *row = NULL;
	struct err refused = {0};
	int r = nova_find(cli, "flavors", "flavor", text, &row, &refused);

	if (r && r != -ENOENT && err)
		*err = refused;
	if (r && r != -ENOENT)
		return r;
	*ret = r ? text : talloc_strdup(cli->mem, json_get_text(row, "id"));
	return 0;
}

int nova_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const struct nova_column columns[] = {
		{"ID", "id"}, {"Name", "name"}, {"Status", "status"}, {"Networks", "networks"}, {0},
	};
	json_auto_t *rows = NULL;
	char *path = add_filters(cli, call, talloc_strdup(cli->mem, "/servers/detail"));
	const char *flavor = NULL;
	size_t i;
	json_t *row;
	int r = 0;

	if (call_has(call, "flavor"))
		r = flavor_id(cli, call_get(call, "flavor"), &flavor, err);
	if (flavor)
		path = query_add(path, "flavor", flavor);
	if (r == 0)
		r = nova_get_list(cli, path, "servers", &rows, err);
	if (r)
		return r;
	json_array_foreach(rows, i, row) json_object_set_new(
		row, "networks", join_networks(cli->mem, json_object_get(row, "addresses")));
	return nova_print_rows(cli, columns, rows, err);
}

/* --- show and boot --- */

/* "m1.tiny (1)", or the id where the server does not know it any more. New reference. */
static json_t *flavor_text(struct cli *cli, const json_t *server, bool minimal)
{
	const char *id = json_get_text(json_object_get(server, "flavor"), "id");
	json_auto_t *reply = NULL;
	const char *name = "";

	if (!minimal && nova_call(cli, "GET", nova_path(cli, "flavors", id, NULL), NULL, &reply, NULL) == 0)
		name = json_get_text(json_object_get(reply, "flavor"), "name");
	return *name ? json_sprintf("%s (%s)", name, id) : json_string(id);
}

/* Nobody here knows an image by more than the id that it was given. New reference. */
static json_t *image_text(const json_t *server, bool minimal)
{
	const char *id = json_get_text(json_object_get(server, "image"), "id");

	if (!*id)
		return json_string("Attempt to boot from volume - no image supplied");
	return minimal ? json_string(id) : json_sprintf("Image not found (%s)", id);
}

static int print_server(struct cli *cli, const json_t *server, bool minimal, struct err *err)
{
	json_auto_t *shown = json_copy((json_t *)server);
	const char *network;
	json_t *list;

	json_object_foreach(json_object_get(server, "addresses"), network, list)
	{
		AUTO_FREE char *title = xasprintf("%s network", network);

		json_object_set_new(shown, title, join_addresses(list, "addr", ", "));
	}
	json_object_set_new(shown, "flavor", flavor_text(cli, server, minimal));
	json_object_set_new(shown, "image", image_text(server, minimal));
	json_object_del(shown, "links");
	json_object_del(shown, "addresses");
	return nova_print_object(cli, shown, err);
}

int nova_show(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *row = NULL;
	int r = nova_find_server(cli, call_arg(call, 0), &row, err);

	return r ? r : print_server(cli, row, call_has(call, "minimal"), err);
}

/* One "net-id=N,v4-fixed-ip=A,port-id=P"; new reference. */
static int parse_nic(struct cli *cli, const char *text, json_t **ret, struct err *err)
{
	static const char *const keys[][2] = {
		{"net-id", "uuid"},
		{"v4-fixed-ip", "fixed_ip"},
		{"v6-fixed-ip", "fixed_ip"},
		{"port-id", "port"},
	};
	json_auto_t *nic = json_object();
	char *save = NULL;

	for (char *part = strtok_r(talloc_strdup(cli->mem, text), ",", &save); part;
	     part = strtok_r(NULL, ",", &save)) {
		const char *id = NULL, *attr = NULL;
		char *value = strchr(part, '=');
		int r = 0;

		if (value)
			*value++ = 0;
		for (size_t i = 0; value && i < ARRAY_SIZE(keys); i++) {
			if (!strcmp(part, keys[i][0]))
				attr = keys[i][1];
		}
		if (value && !strcmp(part, "net-name")) {
			r = resolve(cli, noun_find("network"), value, &id, NULL, err);
			attr = "uuid";
		}
		if (r)
			return r;
		if (!attr)
			break;
		if (id || *value)
			json_object_set_new(nic, attr, json_string(id ? id : value));
	}
	if (!json_object_get(nic, "uuid") == !json_object_get(nic, "port"))
		return err_set(err, -EINVAL,
			       "Invalid nic argument '%s'. Nic arguments must be of the form --nic "
			       "<net-id=net-uuid,v4-fixed-ip=ip-addr,port-id=port-uuid>, with at minimum "
			       "net-id or port-id specified.",
			       text);
	*ret = json_incref(nic);
	return 0;
}

/* What the option says becomes part of the server; -ENOENT for an option of another kind. */
static int put_option(struct cli *cli, const struct given *g, json_t *server, struct err *err)
{
	json_auto_t *nic = NULL;
	const char *name = g->opt->name, *equal = strchr(g->value ? g->value : "", '=');
	int r;

	if (!strcmp(name, "nic")) {
		r = parse_nic(cli, g->value, &nic, err);
		if (r == 0)
			json_array_append(json_object_get(server, "networks"), nic);
		return r;
	}
	if (!strcmp(name, "meta")) {
		if (!equal)
			return err_set(err, -EINVAL, "'%s' is not in the format of key=value", g->value);
		json_object_setn_new(json_object_get(server, "metadata"), g->value,
				     (size_t)(equal - g->value), json_string(equal + 1));
	} else if (!strcmp(name, "image")) {
		json_object_set_new(server, "imageRef", json_string(g->value));
	} else if (!strcmp(name, "availability-zone")) {
		json_object_set_new(server, "availability_zone", json_string(g->value));
	} else if (!strcmp(name, "key-name")) {
		json_object_set_new(server, "key_name", json_string(g->value));
	}
	return 0;
}

static int boot_body(struct cli *cli, const struct call *call, json_t *server, struct err *err)
{
	const char *flavor = NULL;
	int r = 0;

	json_object_set_new(server, "name", json_string(call_arg(call, 0)));
	json_object_set_new(server, "networks", json_array());
	json_object_set_new(server, "metadata", json_object());
	for (size_t i = 0; r == 0 && i < call->n_given; i++)
		r = put_option(cli, &call->given[i], server, err);
	if (r == 0 && call_has(call, "flavor"))
		r = flavor_id(cli, call_get(call, "flavor"), &flavor, err);
	if (flavor)
		json_object_set_new(server, "flavorRef", json_string(flavor));
	if (json_array_size(json_object_get(server, "networks")) == 0)
		json_object_del(server, "networks"); /* the server chooses */
	return r;
}

int nova_boot(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *server = json_object(), *body = NULL, *reply = NULL, *row = NULL;
	const char *id;
	int r = boot_body(cli, call, server, err);

	if (r)
		return r;
	body = json_pack("{s:O}", "server", server);
	r = nova_call(cli, "POST", "/servers", body, &reply, err);
	if (r)
		return r;
	id = json_get_text(json_object_get(reply, "server"), "id");
	r = nova_find_server(cli, id, &row, err);
	return r ? r : print_server(cli, row, false, err);
}

/* --- delete and interface-list --- */

static int delete_one(struct cli *cli, const char *text, struct err *err)
{
	json_auto_t *row = NULL;
	int r = nova_find_server(cli, text, &row, err);

	if (r)
		return r;
	return nova_call(cli, "DELETE", nova_path(cli, "servers", json_get_text(row, "id"), NULL), NULL, NULL,
			 err);
}

int nova_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	size_t failed = 0;

	if (call->n_args == 1)
		return delete_one(cli, call_arg(call, 0), err);
	for (size_t i = 0; i < call->n_args; i++) {
		struct err one = {0};

		if (delete_one(cli, call->args[i], &one)) {
			call->noun->dialect->failed(cli, &one);
			failed++;
		}
	}
	if (!failed)
		return 0;
	return err_set(err, -EIO, "Unable to delete %s of the specified servers.",
		       failed == call->n_args ? "any" : "some");
}

int nova_interface_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const struct nova_column columns[] = {
		{"Port State", "port_state"},     {"Port ID", "port_id"},   {"Net ID", "net_id"},
		{"IP addresses", "ip_addresses"}, {"MAC Addr", "mac_addr"}, {0},
	};
	json_auto_t *server = NULL, *rows = NULL;
	size_t i;
	json_t *row;
	int r = nova_find_server(cli, call_arg(call, 0), &server, err);

	if (r == 0)
		r = nova_get_list(cli, nova_path(cli, "servers", json_get_text(server, "id"), "os-interface"),
				  "interfaceAttachments", &rows, err);
	if (r)
		return r;
	json_array_foreach(rows, i, row) json_object_set_new(
		row, "ip_addresses", join_addresses(json_object_get(row, "fixed_ips"), "ip_address", ","));
	return nova_print_rows(cli, columns, rows, err);
}

int nova_help(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *name = call_arg(call, 0);
	const struct verb *verb = name ? noun_find_verb(noun, name) : NULL;

	if (name && !verb)
		return err_set(err, -EINVAL, "'%s' is not a valid subcommand", name);
	help_print(noun, verb);
	return 0;
}
