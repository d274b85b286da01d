/* Which servers there are: the registered ones, and whatever else owns ports with its device_id.
 * Read by everything in the compute API that names a server. A port belongs to a server of its own project
 * only: anybody may write any device_id into a port. */
#include "api/compute.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define MIN_TIME(a, b) ((a) && (a) < (b) ? (a) : (b))

const char *compute_server_of(const struct port *port)
{
	bool infrastructure = strncmp(port->device_owner, "network:", strlen("network:")) == 0;

	return infrastructure || !port->device_id[0] ? NULL : port->device_id;
}

static bool same_project(const struct port *p, const char *project_id)
{
	return p->project_id && strcmp(p->project_id, project_id) == 0;
}

/* --- one server --- */

/* The place of a port among a registered server's; what was attached by the network API comes last. */
static uint32_t place(const struct instance *s, const struct port *p)
{
	const struct nic *nic = s->row ? s->row->nics.items : NULL;
	uint32_t count = s->row ? s->row->nics.count : 0, i = 0;

	while (i < count && !uuid_eq(&nic[i].port_id, &p->row.id))
		i++;
	return i;
}

static int cmp_port(const void *a, const void *b, void *arg)
{
	const struct port *x = *(const struct port *const *)a, *y = *(const struct port *const *)b;
	uint32_t px = place(arg, x), py = place(arg, y);

	if (px != py)
		return px < py ? -1 : 1;
	if (x->row.created_at != y->row.created_at)
		return x->row.created_at < y->row.created_at ? -1 : 1;
	return uuid_cmp(&x->row.id, &y->row.id);
}

/* What follows from the ports, when all are there. */
static void complete(struct instance *s)
{
	if (s->port_count > 1)
		qsort_r(s->ports, s->port_count, sizeof(struct port *), cmp_port, s);
	s->created = s->row ? s->row->row.created_at : s->ports[0]->row.created_at;
	s->updated = s->row ? s->row->row.updated_at : 0;
	for (size_t i = 0; i < s->port_count; i++) {
		const struct row *row = &s->ports[i]->row;

		if (!s->row)
			s->created = MIN_TIME(s->created, row->created_at);
		s->updated = MAX(s->updated, row->updated_at);
	}
	if (!s->row)
		s->name = s->ports[0]->name[0] ? s->ports[0]->name : s->id;
}

static void add_port(void *region, struct instance *s, const struct port *p)
{
	/* Doubles: a server may be one device_id with very many ports. */
	if ((s->port_count & (s->port_count - 1)) == 0)
		s->ports = talloc_realloc(region, s->ports, const struct port *,
					  s->port_count ? 2 * s->port_count : 1);
	s->ports[s->port_count++] = p;
}

static void from_row(void *region, struct instance *s, const struct server *row)
{
	char *id = talloc_size(region, UUID_TEXT);

	*s = (struct instance){.id = uuid_print(&row->row.id, id),
			       .row = row,
			       .name = row->name,
			       .project_id = row->project_id,
			       .user_id = row->user_id};
}

/* The project whose server of that id the caller means: its own, or, for an administrator, the first. */
static const char *project_of(const struct call *c, const struct snap *s, const char *id)
{
	const char *own = c->caller.actor.project_id, *found = NULL;
	const struct port *p;
	struct scan scan;

	for (p = scan_index(&scan, s, IX_PORT_DEVICE, id, NULL); p; p = scan_next(&scan)) {
		if (!compute_server_of(p) || !p->project_id)
			continue;
		if (own && same_project(p, own))
			return own;
		if (!found && c->caller.admin)
			found = p->project_id;
	}
	return found;
}

static int no_server(const char *id, struct err *err)
{
	return err_api(err, 404, "InstanceNotFound", "Instance %.100s could not be found.", id);
}

int compute_find(const struct call *c, const struct snap *s, void *region, const char *id,
		 struct instance *ret, struct err *err)
{
	const struct server *row = NULL;
	struct instance found = {.id = id};
	const struct port *p;
	struct scan scan;
	struct uuid u;

	/* Another project's registration says nothing about what one's own ports say. */
	if (uuid_parse(id, &u) == 0 && (row = snap_get(s, KIND_SERVER, &u)) &&
	    call_owns(&c->caller, &row->row))
		from_row(region, &found, row);
	else if (!(found.project_id = project_of(c, s, id)))
		return no_server(id, err);
	for (p = scan_index(&scan, s, IX_PORT_DEVICE, found.id, NULL); p; p = scan_next(&scan))
		if (compute_server_of(p) && same_project(p, found.project_id))
			add_port(region, &found, p);
	complete(&found);
	*ret = found;
	return 0;
}

/* --- all servers --- */

static int cmp_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* By server, so that the ports of one stand beside one another. */
static int cmp_owner(const void *a, const void *b)
{
	const struct port *x = *(const struct port *const *)a, *y = *(const struct port *const *)b;
	int r = strcmp(x->device_id, y->device_id);

	return r ? r : cmp_text(x->project_id, y->project_id);
}

static int cmp_instance(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;
	int r = strcmp(x->id, y->id);

	return r ? r : cmp_text(x->project_id, y->project_id);
}

struct ports {
	const struct port **list;
	size_t count;
};

static struct ports servers_ports(const struct snap *s, void *region, const char *project_id)
{
	struct ports ports = {0};
	const struct port *p;
	struct scan scan;
	size_t room = 0;

	p = project_id ? scan_index(&scan, s, IX_PORT_PROJECT, project_id, NULL)
		       : scan_kind(&scan, s, KIND_PORT, NULL);
	for (; p; p = scan_next(&scan)) {
		if (!compute_server_of(p) || !p->project_id || !p->project_id[0])
			continue;
		if (ports.count == room) {
			room = MAX(room * 2, (size_t)64);
			ports.list = talloc_realloc(region, ports.list, const struct port *, room);
		}
		ports.list[ports.count++] = p;
	}
	if (ports.count > 1)
		qsort(ports.list, ports.count, sizeof(*ports.list), cmp_owner);
	return ports;
}

static void add_rows(struct instances *all, const struct snap *s, void *region, const char *project_id)
{
	const struct server *row;
	struct scan scan;

	row = project_id ? scan_index(&scan, s, IX_SERVER_PROJECT, project_id, NULL)
			 : scan_kind(&scan, s, KIND_SERVER, NULL);
	for (; row; row = scan_next(&scan))
		from_row(region, &all->list[all->count++], row);
	if (all->count > 1)
		qsort(all->list, all->count, sizeof(*all->list), cmp_instance);
}

/* The registered server that these ports belong to, or a new one made of them. */
static struct instance *instance_of(struct instances *all, size_t registered, const struct port *p)
{
	struct instance want = {.id = p->device_id, .project_id = p->project_id}, *found;

	found = registered ? bsearch(&want, all->list, registered, sizeof(want), cmp_instance) : NULL;
	if (found)
		return found;
	all->list[all->count] = want;
	return &all->list[all->count++];
}

struct instances compute_inventory(const struct snap *s, void *region, const char *project_id)
{
	struct ports ports = servers_ports(s, region, project_id);
	size_t rows =
		project_id ? (size_t)snap_usage(s, KIND_SERVER, project_id) : snap_count(s, KIND_SERVER);
	struct instances all = {.list = talloc_zero_array(region, struct instance, rows + ports.count + 1)};
	struct instance *at = NULL;
	size_t registered;

	add_rows(&all, s, region, project_id);
	registered = all.count;
	for (size_t i = 0; i < ports.count; i++) {
		if (i == 0 || cmp_owner(&ports.list[i - 1], &ports.list[i]) != 0)
			at = instance_of(&all, registered, ports.list[i]);
		add_port(region, at, ports.list[i]);
	}
	for (size_t i = 0; i < all.count; i++)
		complete(&all.list[i]);
	return all;
}

/* --- what follows from the ports --- */

bool compute_is_plugged(const struct call *c, const struct instance *s)
{
	for (size_t i = 0; i < s->port_count; i++)
		if (nodes_plugged(c->api->nodes, &s->ports[i]->row.id))
			return true;
	return false;
}

const char *compute_host(const struct call *c, const struct instance *s)
{
	for (size_t i = 0; i < s->port_count; i++)
		if (s->ports[i]->host_id && s->ports[i]->host_id[0])
			return s->ports[i]->host_id;
	return c->api->config.node_name;
}

/* --- patterns --- */

/* A set of places in a pattern: bit i means that i of its items have been passed. All places are tried at
 * once, 64 in a step: no pattern takes long. */
#define MAX_PATTERN 255
#define WORDS       ((MAX_PATTERN + 1 + 63) / 64)

struct places {
	uint64_t word[WORDS];
};

struct pattern {
	size_t count;            /* items: a character, with a star or without */
	struct places star, any; /* items that have one, that are a dot */
	struct places fits[256]; /* by character */
};

static void put(struct places *s, size_t i)
{
	s->word[i / 64] |= UINT64_C(1) << (i % 64);
}

static void read_pattern(const char *text, size_t n, struct pattern *p)
{
	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < n; i++, p->count++) {
		put(text[i] == '.' ? &p->any : &p->fits[(unsigned char)text[i]], p->count);
		if (i + 1 < n && text[i + 1] == '*') {
			put(&p->star, p->count);
			i++;
		}
	}
}

/* Passes items that need not be there: a sum's carry runs through neighbours with stars. */
static void pass_stars(const struct pattern *p, struct places *at)
{
	unsigned __int128 sum = 0;

	for (size_t w = 0; w < WORDS; w++) {
		uint64_t star = p->star.word[w];

		sum = (sum >> 64) + (at->word[w] & star) + star;
		at->word[w] |= (uint64_t)sum ^ star;
	}
}

static void step(const struct pattern *p, struct places *at, unsigned char c)
{
	uint64_t carry = 0;

	for (size_t w = 0; w < WORDS; w++) {
		uint64_t fits = at->word[w] & (p->fits[c].word[w] | p->any.word[w]);
		uint64_t star = p->star.word[w];

		at->word[w] = (fits & star) | (fits & ~star) << 1 | carry;
		carry = (fits & ~star) >> 63;
	}
}

static bool has(const struct places *s, size_t i)
{
	return s->word[i / 64] >> (i % 64) & 1;
}

bool compute_matches(const char *pattern, const char *text)
{
	bool anchored = pattern[0] == '^', to_end;
	struct places at = {0};
	struct pattern p;
	size_t n;

	pattern += anchored;
	n = strlen(pattern);
	to_end = n && pattern[n - 1] == '$';
	n -= to_end;
	if (n > MAX_PATTERN)
		return false;
	read_pattern(pattern, n, &p);
	for (const char *t = text;; t++) {
		if (t == text || !anchored)
			put(&at, 0);
		pass_stars(&p, &at);
		if (has(&at, p.count) && (!to_end || !*t))
			return true;
		if (!*t)
			return false;
		step(&p, &at, (unsigned char)*t);
	}
}
