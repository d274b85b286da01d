/* Verbs that put one thing below another: routers and networks that agents serve, service profiles of
 * flavors. Beside verbs.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* What the verb is about, and where that stands below the agent. */
struct served {
	const char *noun, *below, *member;
	const char *outer; /* what the member is in; NULL: nothing */
};

static const struct served *served_of(const struct call *call)
{
	static const struct served router = {"router", "l3-routers", "router_id"};
	static const struct served network = {"network", "dhcp-networks", "network_id"};
	static const struct served profile = {"service-profile", "service_profiles", "id", "service_profile"};

	if (strstr(call->verb->name, "profile"))
		return &profile;
	return strstr(call->verb->name, "router") ? &router : &network;
}

static int find_both(struct cli *cli, const struct noun *noun, const struct call *call,
		     const char **ret_agent, const char **ret_id, struct err *err)
{
	int r = resolve(cli, noun, call_arg(call, 0), ret_agent, NULL, err);

	return r ? r : resolve(cli, noun_find(served_of(call)->noun), call_arg(call, 1), ret_id, NULL, err);
}

int below_add(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const struct served *s = served_of(call);
	json_auto_t *body = NULL;
	const char *agent, *id, *path;
	int r = find_both(cli, noun, call, &agent, &id, err);

	if (r)
		return r;
	body = json_pack("{s:s}", s->member, id);
	if (s->outer)
		body = json_pack("{s:o}", s->outer, body);
	path = noun_path(cli, noun, agent, s->below, err);
	return path ? session_call(cli->session, noun->service, "POST", path, body, NULL, err) : -EINVAL;
}

int below_remove(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *agent, *id, *path;
	int r = find_both(cli, noun, call, &agent, &id, err);

	if (r)
		return r;
	path = noun_path(
		cli, noun, agent,
		talloc_asprintf(cli->mem, "%s/%s", served_of(call)->below, percent_encode(cli->mem, id)),
		err);
	return path ? session_call(cli->session, noun->service, "DELETE", path, NULL, NULL, err) : -EINVAL;
}
