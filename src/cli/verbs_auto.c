/* Verbs of auto-allocated topologies: asking for one makes it. Beside verbs_below.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <talloc.h>

static int topology_path(struct cli *cli, const struct noun *noun, const struct call *call, const char **ret,
			 struct err *err)
{
	const char *project;
	int r = project_of_call(cli, call, &project, err);

	if (r)
		return r;
	*ret = noun_path(cli, noun, project, NULL, err);
	return *ret ? 0 : -EINVAL;
}

int auto_create(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	bool check = call_has(call, "check-resources");
	json_auto_t *reply = NULL;
	const char *path;
	int r = topology_path(cli, noun, call, &path, err);

	if (r)
		return r;
	if (check)
		path = query_add(talloc_strdup(cli->mem, path), "fields", "dry-run");
	r = session_call(cli->session, noun->service, "GET", path, NULL, &reply, err);
	return r || cli->quiet ? r : output_object(&cli->out, json_object_get(reply, noun->one), err);
}

int auto_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *path;
	int r = topology_path(cli, noun, call, &path, err);

	return r ? r : session_call(cli->session, noun->service, "DELETE", path, NULL, NULL, err);
}
