/* What the service says of itself: versions, health, metrics.
 * Routes that belong to no resource; asked by clients that look for an API, and by operators' tools. */
#include "api/frame.h"
#include "api/openapi.h"
#include "api/words.h"

#include <string.h>

static int show_versions(struct call *c, struct err *err)
{
	const char *accept = http_header(c->req, "Accept");
	struct buf *b = &c->resp->body;

	/* A person with a browser; programs ask for JSON, or for anything. */
	http_add_header(c->req, c->resp, "Vary", "Accept");
	if (accept && strcasestr(accept, "text/html")) {
		http_add_header(c->req, c->resp, "Location", "/console/");
		c->resp->status = 303;
		return 0;
	}

	buf_puts(
		b,
		"{\"versions\": [{\"id\": \"v2.0\", \"status\": \"CURRENT\", \"links\": [{\"rel\": \"self\", "
		"\"href\": ");
	buf_printf(b, "\"%s/v2.0/\"}]}]}", c->api->config.public_url);
	return 0;
}

#define RESOURCE_(NAME, S, name, plural, type, path) {name, plural, path},

static int show_resources(struct call *c, struct err *err)
{
	static const struct {
		const char *name, *collection, *path;
	} resources[] = {EVERY_NETWORK_KIND(RESOURCE_)
				 EVERY_BARE_KIND(RESOURCE_){"quota", "quotas", "quotas"}};
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"resources\": [");
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
		buf_printf(b,
			   "%s{\"name\": \"%s\", \"collection\": \"%s\", \"links\": [{\"rel\": \"self\", "
			   "\"href\": \"%s/v2.0/%s\"}]}",
			   i ? ", " : "", resources[i].name, resources[i].collection,
			   c->api->config.public_url, resources[i].path);
	buf_puts(b, "]}");
	return 0;
}

static int show_health(struct call *c, struct err *err)
{
	/* Nothing that changes: strangers could watch how much others do. */
	buf_puts(&c->resp->body, "{\"status\": \"ok\"}");
	return 0;
}

static int show_metrics(struct call *c, struct err *err)
{
	c->resp->content_type = METRICS_CONTENT_TYPE;
	if (c->api->ask_traffic)
		c->api->ask_traffic();
	metrics_print(c->api->metrics, &c->resp->body);
	return 0;
}

const struct route service_routes[] = {
	{HTTP_GET, "/", show_versions, ROUTE_OPEN, FAMILY_NETWORK, "versions", KIND_NONE,
	 "Lists the versions of the API"},
	{HTTP_GET, "/v2.0", show_resources, ROUTE_OPEN, FAMILY_NETWORK, "versions", KIND_NONE,
	 "Lists the collections"},
	{HTTP_GET, "/openapi.json", openapi_show, ROUTE_OPEN, FAMILY_PLAIN, "openapi", KIND_NONE,
	 "Describes the API: this document"},
	{HTTP_GET, "/healthz", show_health, ROUTE_OPEN, FAMILY_PLAIN, "healthz", KIND_NONE,
	 "Answers while the API does"},
	{HTTP_GET, "/metrics", show_metrics, ROUTE_LOCAL, FAMILY_PLAIN, "metrics", KIND_NONE,
	 "Shows metrics, for Prometheus", .media = "text/plain"},
	{0},
};

/* --- what is computed when somebody scrapes --- */

static void sample_revision(void *arg, struct metrics_out *out)
{
	struct api *api = arg;
	AUTO_SNAP const struct snap *s = ledger_snap(api->ledger);

	metrics_sample(out, NULL, (int64_t)s->revision);
}

static void node_applied(void *arg, const struct node_info *node)
{
	metrics_sample(arg, METRIC_LABELS(node->name), (int64_t)node->applied);
}

static void sample_applied(void *arg, struct metrics_out *out)
{
	nodes_each(((struct api *)arg)->nodes, node_applied, out);
}

static void node_failed(void *arg, const struct node_info *node)
{
	metrics_sample(arg, METRIC_LABELS(node->name), (int64_t)node->failure_count);
}

static void sample_failed(void *arg, struct metrics_out *out)
{
	nodes_each(((struct api *)arg)->nodes, node_failed, out);
}

static void sample_both(struct metrics_out *out, const struct node_traffic *t, uint64_t in, uint64_t outgoing)
{
	char address[IP_TEXT];

	ip_print(&t->floating_ip, address);
	metrics_sample(out, METRIC_LABELS(address, "in"), (int64_t)in);
	metrics_sample(out, METRIC_LABELS(address, "out"), (int64_t)outgoing);
}

static void traffic_packets(void *arg, const struct node_traffic *t)
{
	sample_both(arg, t, t->in_packets, t->out_packets);
}

static void sample_packets(void *arg, struct metrics_out *out)
{
	nodes_each_traffic(((struct api *)arg)->nodes, traffic_packets, out);
}

static void traffic_bytes(void *arg, const struct node_traffic *t)
{
	sample_both(arg, t, t->in_bytes, t->out_bytes);
}

static void sample_bytes(void *arg, struct metrics_out *out)
{
	nodes_each_traffic(((struct api *)arg)->nodes, traffic_bytes, out);
}

static void traffic_dropped(void *arg, const struct node_traffic *t)
{
	char address[IP_TEXT];

	ip_print(&t->floating_ip, address);
	for (int i = 0; i < DROP_REASONS; i++)
		metrics_sample(arg, METRIC_LABELS(address, drop_words[i].name), (int64_t)t->dropped[i]);
}

static void sample_dropped(void *arg, struct metrics_out *out)
{
	nodes_each_traffic(((struct api *)arg)->nodes, traffic_dropped, out);
}

static void sample_resting(void *arg, struct metrics_out *out)
{
	struct api *api = arg;
	AUTO_SNAP const struct snap *s = ledger_snap(api->ledger);

	metrics_sample(out, NULL, (int64_t)snap_count(s, KIND_REST));
}

static void node_healed(void *arg, const char *node, const struct node_healed *healed)
{
	metrics_sample(arg, METRIC_LABELS(node, healed->kind), (int64_t)healed->count);
}

static void sample_healed(void *arg, struct metrics_out *out)
{
	nodes_each_healed(((struct api *)arg)->nodes, node_healed, out);
}

void service_metrics(struct api *api)
{
	metrics_source(api->metrics, METRIC_DRIFT_HEALED, sample_healed, api);
	metrics_source(api->metrics, METRIC_RESTING, sample_resting, api);
	metrics_source(api->metrics, METRIC_REVISION, sample_revision, api);
	metrics_source(api->metrics, METRIC_APPLIED_REVISION, sample_applied, api);
	metrics_source(api->metrics, METRIC_FAILED_FACTS, sample_failed, api);
	metrics_source(api->metrics, METRIC_FLOATING_IP_PACKETS, sample_packets, api);
	metrics_source(api->metrics, METRIC_FLOATING_IP_BYTES, sample_bytes, api);
	metrics_source(api->metrics, METRIC_FLOATING_IP_DROPPED, sample_dropped, api);
}
