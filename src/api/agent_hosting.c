/* Which agent serves which router, and which network's DHCP; taking one away, and giving it back.
 * What is taken away is gone from the node's kernel: the planner asks the same (hosting.h). */
#include "api/agents.h"
#include "api/frame.h"

#include <string.h>
#include <talloc.h>

/* One role: what it serves, and how Neutron speaks of it. */
static const struct serving {
	enum kind kind;
	const char *plural, *body; /* of the lists; what a POST names */
	const char *invalid;       /* the type of error for an agent that can not serve */
} servings[AGENT_ROLES] = {
	[AGENT_L3] = {KIND_ROUTER, "routers", "router_id", "InvalidL3Agent"},
	[AGENT_DHCP] = {KIND_NETWORK, "networks", "network_id", "InvalidDHCPAgent"},
};

/* There is one node behind one API: what is not taken away is served by its agent. */
static const char *server_of(const struct call *c)
{
	return c->api->config.node_name;
}

/* A network without DHCP is served all the same: it may get a subnet that has it. */
static bool is_taken(const struct row *row)
{
	return row->kind == KIND_ROUTER ? ((const struct router *)row)->unhosted
					: ((const struct network *)row)->no_dhcp_agent;
}

/* --- lists --- */

/* Everything that the agent serves. An agent of another role serves nothing of the kind. */
static int list_served(struct call *c, enum agent_role role, struct err *err)
{
	enum kind kind = servings[role].kind;
	struct print_view view = call_view(c, kind);
	struct buf *b = &c->resp->body;
	const char *host, *comma = "";
	const struct row *row;
	enum agent_role found;
	struct scan scan;
	int r = agent_find(c, c->arg[0], &host, &found, err);

	if (r < 0)
		return r;
	buf_printf(b, "{\"%s\":[", servings[role].plural);
	row = found == role && strcmp(host, server_of(c)) == 0 ? scan_kind(&scan, c->snap, kind, NULL) : NULL;
	for (; row; row = scan_next(&scan)) {
		if (is_taken(row))
			continue;
		buf_puts(b, comma);
		print_row(row, &view, b);
		comma = ",";
	}
	buf_puts(b, "]}");
	return 0;
}

static int list_routers(struct call *c, struct err *err)
{
	return list_served(c, AGENT_L3, err);
}

static int list_networks(struct call *c, struct err *err)
{
	return list_served(c, AGENT_DHCP, err);
}

static int list_servers(struct call *c, enum agent_role role, struct err *err)
{
	const struct row *row;
	struct made m;
	int r = call_find(c, servings[role].kind, c->arg[0], &row, err);

	if (r < 0)
		return r;
	made_init(&m, c, KIND_AGENT);
	if (!is_taken(row))
		agent_add(&m, server_of(c), role);
	return made_reply(&m, err);
}

static int list_l3_agents(struct call *c, struct err *err)
{
	return list_servers(c, AGENT_L3, err);
}

static int list_dhcp_agents(struct call *c, struct err *err)
{
	return list_servers(c, AGENT_DHCP, err);
}

/* --- giving and taking --- */

struct move {
	const char *host, *row_id;
	enum agent_role found, role;
	bool away;
};

static int mark(struct verb *v, const struct row *row, bool away, struct err *err)
{
	struct row *draft = txn_edit(v->t, row);

	if (row->kind == KIND_ROUTER)
		((struct router *)draft)->unhosted = away;
	else
		((struct network *)draft)->no_dhcp_agent = away;
	v->touches_kernel = true;
	return txn_put(v->t, draft, err);
}

static int already_hosted(const struct verb *v, const struct move *m, struct err *err)
{
	struct uuid id = agent_id(server_of(v->c), m->role);
	char agent[UUID_TEXT];

	uuid_print(&id, agent);
	if (m->role == AGENT_L3)
		return err_api(err, 409, "RouterHostedByL3Agent",
			       "The router %.40s has been already hosted by the L3 Agent %s.", m->row_id,
			       agent);
	return err_api(err, 409, "NetworkHostedByDHCPAgent",
		       "The network %.40s has been already hosted by the DHCP Agent %s.", m->row_id, agent);
}

static int invalid_agent(const struct verb *v, const struct move *m, struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (m->role == AGENT_L3)
		text = xasprintf("Agent %.40s is not a L3 Agent or has been disabled", v->c->arg[0]);
	else
		text = xasprintf("Agent %.40s is not a valid DHCP Agent or has been disabled.", v->c->arg[0]);
	return err_api(err, 404, servings[m->role].invalid, "%s", text);
}

static int give(struct verb *v, const struct move *m, const struct row *row, struct err *err)
{
	bool here = m->found == m->role && strcmp(m->host, server_of(v->c)) == 0;

	if (m->found != m->role || !agent_is_on(v->t->work, m->host, m->role))
		return invalid_agent(v, m, err);
	/* A router that the agent has already may be given to it again; a network may not. */
	if (!is_taken(row))
		return here && m->role == AGENT_L3 ? 0 : already_hosted(v, m, err);
	return here ? mark(v, row, false, err) : invalid_agent(v, m, err);
}

static int take(struct verb *v, const struct move *m, const struct row *row, struct err *err)
{
	bool here = m->found == m->role && strcmp(m->host, server_of(v->c)) == 0;

	if (here && !is_taken(row))
		return mark(v, row, true, err);
	if (m->role == AGENT_L3)
		return 0;
	return err_api(err, 409, "NetworkNotHostedByDhcpAgent",
		       "The network %.40s is not hosted by the DHCP agent %.40s.", m->row_id, v->c->arg[0]);
}

static int write_move(struct verb *v, void *arg, struct err *err)
{
	const struct move *m = arg;
	const struct row *row;
	int r = verb_find(v, servings[m->role].kind, m->row_id, &row, err);

	if (r < 0)
		return r;
	return m->away ? take(v, m, row, err) : give(v, m, row, err);
}

static int reply_given(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "null");
	call_status(c, 201);
	return 0;
}

static int reply_taken(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

static int move(struct call *c, enum agent_role role, bool away, struct err *err)
{
	struct move *m = talloc_zero(c->req->region, struct move);
	json_t *body;
	int r = agent_find(c, c->arg[0], &m->host, &m->found, err);

	m->role = role;
	m->away = away;
	if (r < 0 || (!away && (r = call_body(c, &body, err)) < 0))
		return r;
	m->row_id = away ? c->arg[1] : json_string_value(json_object_get(body, servings[role].body));
	if (!m->row_id)
		return err_api(err, 400, "HTTPBadRequest", "The body must name a router or a network: '%s'",
			       servings[role].body);
	return call_write(c, write_move, m, away ? reply_taken : reply_given, err);
}

static int give_router(struct call *c, struct err *err)
{
	return move(c, AGENT_L3, false, err);
}

static int take_router(struct call *c, struct err *err)
{
	return move(c, AGENT_L3, true, err);
}

static int give_network(struct call *c, struct err *err)
{
	return move(c, AGENT_DHCP, false, err);
}

static int take_network(struct call *c, struct err *err)
{
	return move(c, AGENT_DHCP, true, err);
}

#define ROW(method, path, fn, flags, plural, ...)                                                            \
	{                                                                                                    \
		HTTP_##method, "/v2.0/" path, fn, ROUTE_ADMIN | (flags), FAMILY_NETWORK, plural, KIND_NONE,  \
			__VA_ARGS__                                                                          \
	}
#define NAMES(member) "{\"type\":\"object\",\"required\":[\"" member "\"]}", "{\"type\":\"null\"}", 201

const struct route hosting_routes[] = {
	ROW(GET, "agents/{}/l3-routers", list_routers, ROUTE_NOW, "l3-routers",
	    "Lists the routers that an agent serves"),
	ROW(POST, "agents/{}/l3-routers", give_router, 0, "l3-routers", "Lets an agent serve a router",
	    NAMES("router_id")),
	ROW(DELETE, "agents/{}/l3-routers/{}", take_router, 0, "l3-routers", "Takes a router from its agent"),
	ROW(GET, "routers/{}/l3-agents", list_l3_agents, ROUTE_NOW, "l3-agents",
	    "Lists the agents that serve a router"),
	ROW(GET, "agents/{}/dhcp-networks", list_networks, ROUTE_NOW, "dhcp-networks",
	    "Lists the networks whose DHCP an agent serves"),
	ROW(POST, "agents/{}/dhcp-networks", give_network, 0, "dhcp-networks",
	    "Lets an agent serve a network's DHCP", NAMES("network_id")),
	ROW(DELETE, "agents/{}/dhcp-networks/{}", take_network, 0, "dhcp-networks",
	    "Takes a network from its DHCP agent"),
	ROW(GET, "networks/{}/dhcp-agents", list_dhcp_agents, ROUTE_NOW, "dhcp-agents",
	    "Lists the agents that serve a network's DHCP"),
	{0},
};
