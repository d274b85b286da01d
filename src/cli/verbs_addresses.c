/* Verbs of a floating IP's life: taking back what was released.
 * Beside verbs_network.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>

/* The server finds it, by its address or its old id. */
int fip_take_back(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *path = noun_path(cli, noun_find("quarantine"), call_arg(call, 0), "take-back", err);
	json_auto_t *body = json_object();

	return path ? send_and_show(cli, noun, "POST", path, body, err) : -EINVAL;
}
