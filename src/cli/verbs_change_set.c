/* Change sets: `buoy fip swap`, and `buoy apply` with a file of associations. One request each.
 * Beside verbs.c. */
#include "cli/cli.h"
#include "cli/cloudsfile.h"
#include "cli/nouns.h"

#include "model/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* Sends the associations and lists the floating IPs as they are afterwards. */
static int send_set(struct cli *cli, const json_t *associations, struct err *err)
{
	json_auto_t *body = json_pack("{s:{s:O}}", "change_set", "associations", associations), *reply = NULL;
	const struct noun *noun = noun_find("apply");
	const char *columns = noun->columns;
	const json_t *rows;
	int r = session_call(cli->session, noun->service, "PUT", noun->path, body, &reply, err);

	/* A 404 that is about none of them is about the path. */
	if (r && err->status == 404 && !strstr(err->message, "associations["))
		return err_set(err, -ENOSYS,
			       "this server knows no change sets: 'buoy extension list' has no "
			       "buoy-change-sets");
	if (r)
		return r;
	rows = json_get_path(reply, "change_set.floatingips");
	if (!json_is_array(rows))
		return err_set(err, -EPROTO, "the server's answer has no 'floatingips'");
	if (cli->out.all)
		columns = talloc_asprintf(cli->mem, "%s,%s", noun->columns, noun->more);
	return cli->quiet ? 0 : output_list(&cli->out, columns, rows, err);
}

/* --- swap --- */

/* `fip` is to lead where `other` leads now. The revision guards what was read. */
static void take_place(json_t *associations, const json_t *fip, const json_t *other)
{
	json_t *one = json_pack("{s:O?, s:O?, s:O?}", "floatingip_id", json_object_get(fip, "id"), "port_id",
				json_object_get(other, "port_id"), "revision_number",
				json_object_get(fip, "revision_number"));

	if (*json_get_text(other, "port_id"))
		json_object_set(one, "fixed_ip_address", json_object_get(other, "fixed_ip_address"));
	json_array_append_new(associations, one);
}

int fip_swap(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *a = NULL, *b = NULL, *associations = json_array();
	const char *id, *other;
	int r = resolve(cli, noun, call_arg(call, 0), &id, &a, err);

	if (r == 0)
		r = resolve(cli, noun, call_arg(call, 1), &other, &b, err);
	if (r)
		return r;
	if (!strcmp(id, other))
		return err_set(err, -EINVAL, "'%s' and '%s' are the same floating IP", call_arg(call, 0),
			       call_arg(call, 1));
	if (!*json_get_text(a, "port_id") && !*json_get_text(b, "port_id"))
		return err_set(err, -ENOENT, "neither '%s' nor '%s' has a port: there is nothing to exchange",
			       call_arg(call, 0), call_arg(call, 1));
	take_place(associations, a, b);
	take_place(associations, b, a);
	r = send_set(cli, associations, err);
	return r == -ESTALE ? err_prefix(err, "changed by somebody else meanwhile, so nothing was done") : r;
}

/* --- apply --- */

static bool same_key(const char *typed, const char *key)
{
	for (; *typed && *key; typed++, key++)
		if (*typed != *key && !(*typed == '_' && *key == '-'))
			return false;
	return !*typed && !*key;
}

static int put_port(struct cli *cli, json_t *one, const json_t *value, struct err *err)
{
	const char *port;
	int r;

	if (json_is_null(value))
		return json_object_set_new(one, "port_id", json_null());
	if (!json_is_string(value))
		return err_set(err, -EINVAL, "a port is a name, an id or null");
	r = resolve_port(cli, json_string_value(value), &port, NULL, err);
	return r ? r : json_object_set_new(one, "port_id", json_string(port));
}

static int put_fixed_ip(struct cli *cli, json_t *one, const json_t *value, struct err *err)
{
	if (!json_is_string(value))
		return err_set(err, -EINVAL, "fixed-ip is an address of the port");
	return json_object_set(one, "fixed_ip_address", (json_t *)value);
}

/* Every scalar of a file is text (cloudsfile.h). */
static int put_revision(struct cli *cli, json_t *one, const json_t *value, struct err *err)
{
	const char *text = json_string_value(value);

	if (!text || !*text || strlen(text) > 18 || strspn(text, "0123456789") != strlen(text))
		return err_set(err, -EINVAL, "revision is a number");
	return json_object_set_new(one, "revision_number", json_integer(strtoll(text, NULL, 10)));
}

static const struct part {
	const char *name;
	int (*put)(struct cli *cli, json_t *one, const json_t *value, struct err *err);
} parts[] = {
	{"port", put_port},
	{"fixed-ip", put_fixed_ip},
	{"revision", put_revision},
};

static int put_part(struct cli *cli, json_t *one, const char *key, const json_t *value, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (same_key(key, parts[i].name))
			return parts[i].put(cli, one, value, err);
	return err_set(err, -EINVAL, "'%s' is none of port, fixed-ip and revision", key);
}

/* What stands behind a floating IP: a port, null, or an object of the parts. */
static int put_target(struct cli *cli, json_t *one, const json_t *target, struct err *err)
{
	const char *key;
	json_t *value;
	int r;

	if (!json_is_object(target))
		return put_port(cli, one, target, err);
	json_object_foreach((json_t *)target, key, value)
	{
		if ((r = put_part(cli, one, key, value, err)))
			return r;
	}
	return json_object_get(one, "port_id") ? 0
					       : err_set(err, -EINVAL, "port is missing; null releases it");
}

static int put_floating_ip(json_t *one, const char *text, struct err *err)
{
	struct uuid id;
	struct ip ip;

	if (ip_parse(text, &ip) == 0)
		return json_object_set_new(one, "floating_ip_address", json_string(text));
	if (uuid_parse(text, &id) == 0)
		return json_object_set_new(one, "floatingip_id", json_string(text));
	return err_set(err, -EINVAL, "this is neither the address nor the id of a floating IP");
}

/* {"10.10.10.3": "web1", ...} */
static int put_entries(struct cli *cli, const json_t *entries, json_t *associations, struct err *err)
{
	const char *key;
	json_t *target;

	if (!json_is_object(entries))
		return err_set(err, -EINVAL, "an entry is FLOATING-IP: PORT; '--help' shows examples");
	json_object_foreach((json_t *)entries, key, target)
	{
		json_t *one = json_object();

		json_array_append_new(associations, one);
		if (put_floating_ip(one, key, err) || put_target(cli, one, target, err))
			return err_prefix(err, "%s", key);
	}
	return 0;
}

/* One object of entries, or a list of such objects. */
static int put_file(struct cli *cli, const json_t *file, json_t *associations, struct err *err)
{
	size_t i;
	json_t *entries;
	int r;

	if (!json_is_array(file))
		return put_entries(cli, file, associations, err);
	json_array_foreach(file, i, entries)
	{
		if ((r = put_entries(cli, entries, associations, err)))
			return r;
	}
	return 0;
}

int apply_run(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *path = call_arg(call, 0), *name = strcmp(path, "-") ? path : "standard input";
	json_auto_t *file = NULL, *associations = json_array();
	char *text = read_all(cli->mem, name == path ? path : NULL, err);

	if (!text)
		return err->errnum;
	if (yaml_parse_unique(text, strlen(text), &file, err) || put_file(cli, file, associations, err))
		return err_prefix(err, "%s", name);
	if (json_array_size(associations) == 0)
		return err_set(err, -EINVAL, "%s names no floating IP: there is nothing to do", name);
	return send_set(cli, associations, err);
}
