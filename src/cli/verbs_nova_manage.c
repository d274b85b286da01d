/* `buoy nova-manage floating ...`: the addresses that a pool has, for administrators.
 * The verbs of nouns_nova.c's rows, and the calls that `nova floating-ip-bulk-...` shares with them. */
#include "cli/nouns.h"
#include "cli/nova.h"
#include "cli/table.h"

#include <errno.h>
#include <talloc.h>

/* Rows of one answer: a pool of a million addresses is asked for and shown in parts. */
enum { PAGE_ROWS = 10000 };

/* One page behind the address `marker` (NULL: the first); new reference. */
static int get_page(struct cli *cli, const char *host, const char *marker, json_t **ret, struct err *err)
{
	char *path = talloc_strdup(cli->mem, "/os-floating-ips-bulk");

	if (host)
		path = talloc_asprintf_append(path, "/%s", percent_encode(cli->mem, host));
	path = talloc_asprintf_append(path, "?limit=%d", PAGE_ROWS);
	if (marker)
		path = query_add(path, "marker", marker);
	return nova_get_list(cli, path, "floating_ip_info", ret, err);
}

/* Hands out the pages one by one. A server that knows no pages gives all at once, in a size of its own. */
static int each_page(struct cli *cli, const char *host,
		     int (*take)(const json_t *page, void *arg, struct err *err), void *arg, struct err *err)
{
	char *marker = NULL;
	size_t n = 0;
	int r;

	do {
		json_auto_t *page = NULL;

		r = get_page(cli, host, marker, &page, err);
		if (r == 0)
			r = take(page, arg, err);
		n = r ? 0 : json_array_size(page);
		if (n == PAGE_ROWS)
			marker = talloc_strdup(cli->mem,
					       json_get_text(json_array_get(page, n - 1), "address"));
	} while (n == PAGE_ROWS);
	return r;
}

static int keep_rows(const json_t *page, void *arg, struct err *err)
{
	json_array_extend(arg, (json_t *)page);
	return 0;
}

int bulk_list(struct cli *cli, const char *host, json_t **ret, struct err *err)
{
	json_auto_t *rows = json_array();
	int r = each_page(cli, host, keep_rows, rows, err);

	if (r == 0)
		*ret = json_incref(rows);
	return r;
}

int bulk_create(struct cli *cli, const char *range, const char *pool, const char *interface, struct err *err)
{
	json_auto_t *body = json_pack("{s:{s:s, s:s*, s:s*}}", "floating_ips_bulk_create", "ip_range", range,
				      "pool", pool, "interface", interface);

	return nova_call(cli, "POST", "/os-floating-ips-bulk", body, NULL, err);
}

int bulk_delete(struct cli *cli, const char *range, struct err *err)
{
	json_auto_t *body = json_pack("{s:s}", "ip_range", range);

	return nova_call(cli, "PUT", "/os-floating-ips-bulk/delete", body, NULL, err);
}

/* --- the verbs --- */

/* A parameter: the option of its name, else the next word. NULL when neither is there. */
static const char *parameter(const struct call *call, const char *name, size_t *next)
{
	return call_has(call, name) ? call_get(call, name) : call_arg(call, (*next)++);
}

/* As nova-manage did: the help, one line, exit code 1. */
static int missing(const struct call *call, struct err *err)
{
	help_print(call->noun, call->verb);
	return err_set(err, -EINVAL, "An argument is missing: --ip_range");
}

int nova_manage_create(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	size_t next = 0;
	const char *range = parameter(call, "ip_range", &next), *pool = parameter(call, "pool", &next);
	const char *interface = parameter(call, "interface", &next);

	return range ? bulk_create(cli, range, pool, interface, err) : missing(call, err);
}

int nova_manage_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	size_t next = 0;
	const char *range = parameter(call, "ip_range", &next);

	return range ? bulk_delete(cli, range, err) : missing(call, err);
}

/* Project, address, instance, pool and interface, with tabs between them. */
static int print_page(const json_t *page, void *arg, struct err *err)
{
	static const char *const members[] = {"project_id", "address", "instance_uuid", "pool", "interface"};
	size_t *shown = arg, i;
	json_t *row;

	json_array_foreach(page, i, row)
	{
		AUTO_BUF struct buf line = {0};

		for (size_t m = 0; m < ARRAY_SIZE(members); m++) {
			AUTO_BUF struct buf value = {0};

			nova_add_value(&value, json_object_get(row, members[m]));
			buf_puts(&line, m ? "\t" : "");
			text_add_visible(&line, buf_text(&value), false);
		}
		puts(buf_text(&line));
		(*shown)++;
	}
	return fflush(stdout) ? err_set(err, -EIO, "writing the output: %m") : 0;
}

int nova_manage_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *rows = NULL;
	size_t next = 0, shown = 0;
	const char *host = parameter(call, "host", &next);
	int r;

	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0) {
		r = bulk_list(cli, host, &rows, err);
		return r ? r
			 : output_list(&cli->out, "project_id,address,instance_uuid,pool,interface", rows,
				       err);
	}
	r = each_page(cli, host, print_page, &shown, err);
	if (r == 0 && !shown)
		puts("No floating IP addresses have been defined.");
	return r;
}
