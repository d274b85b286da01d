/* Verbs of a floating IP's life: taking back what was released, and what nobody uses.
 * Beside verbs_network.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
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
