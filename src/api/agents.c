/* The agents list: what each node has applied and what failed, in the form of Neutron's agents.
 * For administrators and `buoy status`; read from the nodes' reports. */
#include "api/frame.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

/* Stable over restarts: made of the node's name. */
static struct uuid agent_id(const char *node)
{
	uint8_t hash[16];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)node, strlen(node),
			   (const uint8_t *)"buoy agent", 10);
	return uuid_from_random(hash);
}

struct agents_out {
	struct call *c;
	const struct uuid *only; /* NULL: all */
	size_t count;
};

/* Neutron's agents have times in a form of their own: "2026-11-22 04:17:39". */
static void print_time(struct buf *b, const char *name, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	buf_printf(b, "\"%s\":\"%s\",", name, text);
}

static void print_failures(struct buf *b, const struct node_info *node)
{
	char id[UUID_TEXT];

	buf_putc(b, '[');
	for (size_t i = 0; i < node->failure_count; i++) {
		const struct node_failure *f = &node->failures[i];

		buf_printf(b, "%s{\"id\":\"%s\",\"fact\":", i ? "," : "", uuid_print(&f->row, id));
		buf_json_str(b, f->fact);
		buf_puts(b, ",\"why\":");
		buf_json_str(b, f->why);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void print_agent(void *arg, const struct node_info *node)
{
	struct agents_out *out = arg;
	struct buf *b = &out->c->resp->body;
	struct uuid id = agent_id(node->name);
	char text[UUID_TEXT];

	if (out->only && !uuid_eq(out->only, &id))
		return;
	if (out->count++)
		buf_putc(b, ',');
	buf_printf(b,
		   "{\"id\":\"%s\",\"agent_type\":\"L3 agent\",\"binary\":\"buoyd\",\"topic\":\"l3_agent\","
		   "\"availability_zone\":\"nova\",\"admin_state_up\":true,\"alive\":%s,\"description\":\"\","
		   "\"host\":",
		   uuid_print(&id, text), node->alive ? "true" : "false");
	buf_json_str(b, node->name);
	buf_putc(b, ',');
	print_time(b, "created_at", node->started_us);
	print_time(b, "started_at", node->started_us);
	print_time(b, "heartbeat_timestamp", node->heartbeat_us);
	buf_printf(b,
		   "\"configurations\":{\"revision\":%" PRIu64 ",\"applied_revision\":%" PRIu64
		   ",\"floating_ips\":%zu,\"routers\":%zu,\"failures\":",
		   out->c->snap->revision, node->applied, snap_count(out->c->snap, KIND_FLOATINGIP),
		   snap_count(out->c->snap, KIND_ROUTER));
	print_failures(b, node);
	buf_puts(b, "}}");
}

int agents_list(struct call *c, struct err *err)
{
	struct agents_out out = {.c = c};

	buf_puts(&c->resp->body, "{\"agents\":[");
	nodes_each(c->api->nodes, print_agent, &out);
	buf_puts(&c->resp->body, "]}");
	return 0;
}

int agents_show(struct call *c, struct err *err)
{
	struct agents_out out = {.c = c};
	struct uuid id;

	if (uuid_parse(c->arg[0], &id) == 0) {
		out.only = &id;
		buf_puts(&c->resp->body, "{\"agent\":");
		nodes_each(c->api->nodes, print_agent, &out);
		buf_putc(&c->resp->body, '}');
	}
	if (!out.count)
		return err_api(err, 404, "AgentNotFound", "Agent %.100s could not be found", c->arg[0]);
	return 0;
}
