/* Agents: what each node reports and what was said about it, in the form of Neutron's agents; their zones.
 * For administrators and `buoy status`. What they serve is in agent_hosting.c. */
#include "api/agents.h"
#include "api/frame.h"

#include <inttypes.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

static const struct role_words {
	const char *hash, *binary, *topic, *resource;
} roles[AGENT_ROLES] = {
	[AGENT_L3] = {"buoy agent", "buoyd", "l3_agent", "router"},
	[AGENT_DHCP] = {"buoy dhcp agent", "buoyd", "dhcp_agent", "network"},
};

struct uuid agent_id(const char *host, enum agent_role role)
{
	return made_id(roles[role].hash, host);
}

const char *zone_resource(enum agent_role role)
{
	return roles[role].resource;
}

/* --- nodes --- */

/* What a node says, copied out of the lock. */
struct seen {
	const char *host;
	bool alive;
	int64_t started_us, heartbeat_us;
	uint64_t applied;
	const char *failures; /* JSON */
};

struct seen_list {
	struct call *c;
	struct seen *list;
	size_t count;
};

static char *print_failures(void *region, const struct node_info *node)
{
	AUTO_BUF struct buf b = {0};
	char id[UUID_TEXT];

	buf_putc(&b, '[');
	for (size_t i = 0; i < node->failure_count; i++) {
		const struct node_failure *f = &node->failures[i];

		buf_printf(&b, "%s{\"id\":\"%s\",\"fact\":", i ? "," : "", uuid_print(&f->row, id));
		buf_json_str(&b, f->fact);
		buf_puts(&b, ",\"why\":");
		buf_json_str(&b, f->why);
		buf_putc(&b, '}');
	}
	buf_putc(&b, ']');
	return talloc_strdup(region, buf_text(&b));
}

static void see(void *arg, const struct node_info *node)
{
	struct seen_list *l = arg;
	void *region = l->c->req->region;

	l->list = talloc_realloc(region, l->list, struct seen, l->count + 1);
	l->list[l->count++] = (struct seen){talloc_strdup(region, node->name),
					    node->alive,
					    node->started_us,
					    node->heartbeat_us,
					    node->applied,
					    print_failures(region, node)};
}

static const struct seen *seen_of(const struct seen_list *l, const char *host)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->list[i].host, host) == 0)
			return &l->list[i];
	return NULL;
}

/* --- rows --- */

/* Neutron's agents have times in a form of their own: "2026-11-22 04:17:39". */
static const char *time_text(void *region, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;
	char text[32];

	if (!us)
		return NULL;
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return talloc_strdup(region, text);
}

static const char *configurations(struct call *c, const struct seen *seen, enum agent_role role)
{
	const struct snap *s = c->snap;

	if (role == AGENT_DHCP)
		return talloc_asprintf(c->req->region, "{\"networks\":%zu}", snap_count(s, KIND_NETWORK));
	return talloc_asprintf(c->req->region,
			       "{\"agent_mode\":\"legacy\",\"revision\":%" PRIu64
			       ",\"applied_revision\":%" PRIu64
			       ",\"floating_ips\":%zu,\"routers\":%zu,\"failures\":%s}",
			       s->revision, seen ? seen->applied : 0, snap_count(s, KIND_FLOATINGIP),
			       snap_count(s, KIND_ROUTER), seen ? seen->failures : "[]");
}

const char *node_zone(const struct call *c)
{
	const char *zone = c->api->config.availability_zone;

	return zone ? zone : "nova";
}

static void add_seen(struct made *m, const char *host, const struct seen *seen, enum agent_role role)
{
	const struct net_agent *said = agent_row(m->c->snap, host, role);
	void *region = m->c->req->region;
	struct uuid id = agent_id(host, role);
	struct net_agent *a = made_add(m, &id);
	int64_t said_us = said ? said->row.created_at * 1000000 : 0;

	a->agent_type = agent_type(role);
	a->host = host;
	a->admin_state_up = !said || said->admin_state_up;
	a->description = said ? said->description : NULL;
	a->binary = roles[role].binary;
	a->topic = roles[role].topic;
	a->availability_zone = node_zone(m->c);
	a->alive = seen && seen->alive;
	a->started = time_text(region, seen ? seen->started_us : said_us);
	a->heartbeat = time_text(region, seen ? seen->heartbeat_us : said_us);
	a->created = a->started;
	a->configurations = configurations(m->c, seen, role);
}

void agent_add(struct made *m, const char *host, enum agent_role role)
{
	struct seen_list l = {m->c};

	nodes_each(m->c->api->nodes, see, &l);
	add_seen(m, host, seen_of(&l, host), role);
}

/* Those of nodes that have reported, and those that something was said about. */
static void add_all(struct made *m)
{
	struct seen_list l = {m->c};
	const struct net_agent *said;
	struct scan scan;

	nodes_each(m->c->api->nodes, see, &l);
	for (size_t i = 0; i < l.count; i++)
		for (int role = 0; role < AGENT_ROLES; role++)
			add_seen(m, l.list[i].host, &l.list[i], (enum agent_role)role);
	for (said = scan_kind(&scan, m->c->snap, KIND_AGENT, NULL); said; said = scan_next(&scan))
		if (!seen_of(&l, said->host))
			add_seen(m, said->host, NULL,
				 strcmp(said->agent_type, agent_type(AGENT_L3)) == 0 ? AGENT_L3 : AGENT_DHCP);
}

static int list_agents(struct call *c, struct err *err)
{
	struct made m;

	made_init(&m, c, KIND_AGENT);
	add_all(&m);
	return made_reply(&m, err);
}

static const struct net_agent *find_row(struct made *m, const char *id)
{
	struct uuid u;

	add_all(m);
	for (size_t i = 0; uuid_parse(id, &u) == 0 && i < m->count; i++)
		if (uuid_eq(&m->rows[i]->id, &u))
			return (const struct net_agent *)m->rows[i];
	return NULL;
}

int agent_find(struct call *c, const char *id, const char **ret_host, enum agent_role *ret_role,
	       struct err *err)
{
	const struct net_agent *a;
	struct made m;

	made_init(&m, c, KIND_AGENT);
	if (!(a = find_row(&m, id)))
		return call_not_found(KIND_AGENT, id, err);
	*ret_host = a->host;
	*ret_role = strcmp(a->agent_type, agent_type(AGENT_L3)) == 0 ? AGENT_L3 : AGENT_DHCP;
	return 0;
}

static int show_agent(struct call *c, struct err *err)
{
	const struct net_agent *a;
	struct made m;

	made_init(&m, c, KIND_AGENT);
	if (!(a = find_row(&m, c->arg[0])))
		return call_not_found(KIND_AGENT, c->arg[0], err);
	call_print_row(c, "agent", &a->row);
	return 0;
}

/* --- changes --- */

struct change {
	const char *host;
	enum agent_role role;
	json_t *json;
};

static struct net_agent *new_row(struct verb *v, const struct change *ch)
{
	struct net_agent *a = txn_new(v->t, KIND_AGENT);

	a->row.id = agent_id(ch->host, ch->role);
	a->agent_type = agent_type(ch->role);
	a->host = ch->host;
	a->admin_state_up = true;
	return a;
}

static int write_change(struct verb *v, void *arg, struct err *err)
{
	const struct change *ch = arg;
	const struct net_agent *said = agent_row(v->t->work, ch->host, ch->role);
	struct net_agent *draft = said ? txn_edit(v->t, said) : new_row(v, ch);
	bool was = draft->admin_state_up;
	int r = decode_given(shape_of(KIND_AGENT), ch->json, DECODE_PUT, v->c->caller.admin, v->t->region,
			     draft, &v->given, err);

	v->touches_kernel = was != draft->admin_state_up;
	return r < 0 ? r : txn_put(v->t, draft, err);
}

static int update_agent(struct call *c, struct err *err)
{
	struct change *ch = talloc_zero(c->req->region, struct change);
	json_t *body;
	int r = agent_find(c, c->arg[0], &ch->host, &ch->role, err);

	if (r < 0 || (r = call_body(c, &body, err)) < 0)
		return r;
	ch->json = json_object_get(body, "agent");
	if (!json_is_object(ch->json))
		return err_api(err, 400, "HTTPBadRequest", "Unable to find 'agent' in request body");
	return call_write(c, write_change, ch, show_agent, err);
}

/* What was said is forgotten; so is a node that has died, while one that lives reports again. */
static int write_removal(struct verb *v, void *arg, struct err *err)
{
	const struct change *ch = arg;
	const struct net_agent *said = agent_row(v->t->work, ch->host, ch->role);
	struct uuid id = agent_id(ch->host, ch->role);

	v->touches_kernel = said && !said->admin_state_up;
	return said ? txn_del(v->t, KIND_AGENT, &id, err) : 0;
}

static int reply_removed(struct call *c, struct err *err)
{
	const struct change *ch = c->state;

	nodes_forget(c->api->nodes, ch->host);
	call_status(c, 204);
	return 0;
}

static int delete_agent(struct call *c, struct err *err)
{
	struct change *ch = talloc_zero(c->req->region, struct change);
	int r = agent_find(c, c->arg[0], &ch->host, &ch->role, err);

	c->state = ch;
	return r < 0 ? r : call_write(c, write_removal, ch, reply_removed, err);
}

/* --- zones --- */

int zones_check(const struct call *c, const struct list *hints, struct err *err)
{
	const struct text_item *t = hints->items;

	for (uint32_t i = 0; i < hints->count; i++)
		if (strcmp(t[i].text, node_zone(c)) != 0)
			return err_api(err, 404, "AvailabilityZoneNotFound",
				       "AvailabilityZone %.100s could not be found.", t[i].text);
	return 0;
}

void zones_print(const struct call *c, bool in, struct buf *out)
{
	buf_putc(out, '[');
	if (in)
		buf_json_str(out, node_zone(c));
	buf_putc(out, ']');
}

/* A zone is there for a resource when an agent for it is, and available when one of them is switched on. */
static void add_zone(struct made *m, const struct made *agents, enum agent_role role)
{
	AUTO_FREE char *name = xasprintf("%s %s", zone_resource(role), node_zone(m->c));
	struct uuid id = made_id("buoy zone", name);
	struct zone *zone = NULL;

	for (size_t i = 0; i < agents->count; i++) {
		const struct net_agent *a = (const struct net_agent *)agents->rows[i];

		if (strcmp(a->agent_type, agent_type(role)) != 0)
			continue;
		if (!zone) {
			zone = made_add(m, &id);
			zone->name = node_zone(m->c);
			zone->resource = zone_resource(role);
			zone->state = "unavailable";
		}
		if (a->admin_state_up)
			zone->state = "available";
	}
}

static int list_zones(struct call *c, struct err *err)
{
	struct made agents, m;

	made_init(&agents, c, KIND_AGENT);
	made_init(&m, c, KIND_ZONE);
	add_all(&agents);
	for (int role = 0; role < AGENT_ROLES; role++)
		add_zone(&m, &agents, (enum agent_role)role);
	return made_reply(&m, err);
}

#define ROW(method, path, fn, flags, plural, about)                                                          \
	{                                                                                                    \
		HTTP_##method, "/v2.0/" path, fn, flags, FAMILY_NETWORK, plural, KIND_NONE, about            \
	}

const struct route agent_routes[] = {
	ROW(GET, "agents", list_agents, ROUTE_HIDDEN | ROUTE_NOW, "agents",
	    "Lists the agents, two of each node"),
	ROW(GET, "agents/{}", show_agent, ROUTE_HIDDEN | ROUTE_NOW, "agents", "Shows an agent"),
	ROW(PUT, "agents/{}", update_agent, ROUTE_ADMIN, "agents",
	    "Switches an agent on or off, or describes it"),
	ROW(DELETE, "agents/{}", delete_agent, ROUTE_ADMIN, "agents",
	    "Forgets what was said about an agent, and a node that has died"),
	ROW(GET, "availability_zones", list_zones, ROUTE_NOW, "availability_zones",
	    "Lists the availability zones"),
	{0},
};
