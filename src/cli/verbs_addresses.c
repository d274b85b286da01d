/* Verbs of a floating IP's life: taking back what was released, and what nobody uses.
 * Beside verbs_network.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* The server finds it, by its address or its old id. */
int fip_take_back(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *path = noun_path(cli, noun_find("quarantine"), call_arg(call, 0), "take-back", err);
	json_auto_t *body = json_object();

	return path ? send_and_show(cli, noun, "POST", path, body, err) : -EINVAL;
}

/* Page after page. */
int fip_orphans(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *idle = call_get(call, "idle");
	json_auto_t *rows = NULL;
	char *path = talloc_strdup(cli->mem, "/buoy/orphans");
	int r;

	if (idle)
		path = query_add(path, "idle", idle);
	if (call_has(call, "out"))
		path = query_add(path, "direction", "out");
	r = session_list(cli->session, noun->service, path, "orphans", 0, &rows, err);
	return r || cli->quiet
		       ? r
		       : output_list(&cli->out,
				     "floatingip_id,floating_ip_address,project_id,reason,idle_seconds,"
				     "last_seen_in,last_seen_out",
				     rows, err);
}

/* Others on this machine see a command's options, but not what it reads. */
static char *read_key(void)
{
	char *line = NULL;
	size_t cap = 0;

	if (getline(&line, &cap, stdin) > 0)
		line[strcspn(line, "\r\n")] = '\0';
	else if (line)
		line[0] = '\0';
	return line;
}

int transfer_accept(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *given = call_get(call, "auth-key"),
		   *path = noun_path(cli, noun, call_arg(call, 0), "accept", err);
	AUTO_FREE char *key = given ? xstrdup(given) : read_key();
	json_auto_t *body = NULL, *reply = NULL;
	int r;

	if (!path)
		return -EINVAL;
	if (!key || !*key)
		return err_set(err, -EINVAL, "the key is missing: --auth-key KEY, or on the standard input");
	body = json_pack("{s:{s:s}}", "accept", "auth_key", key);
	if (!body)
		return err_set(err, -EINVAL, "the key is no text");
	r = session_call(cli->session, noun->service, "POST", path, body, &reply, err);
	return r || cli->quiet ? r : output_object(&cli->out, json_object_get(reply, "floatingip"), err);
}
