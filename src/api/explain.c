/* The route that explains a packet: decode, look up, ask the node, answer. See explain.h. */
#include "api/explain.h"
#include "api/frame.h"
#include "api/net.h"
#include "model/hosting.h"
#include "model/port_range.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define WAIT_US 3000000 /* an agent that applies very much at once answers late */

#define DEFAULT_TTL         64
#define DEFAULT_LENGTH      84 /* as ping sends */
#define DEFAULT_SOURCE_PORT 40000

/* --- the packet --- */

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP},         {"sctp", IPPROTO_SCTP},
	{"gre", IPPROTO_GRE},   {"esp", IPPROTO_ESP}, {"udplite", IPPROTO_UDPLITE}, {"dccp", IPPROTO_DCCP},
};

const char *explain_protocol(uint8_t protocol, char out[4])
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	snprintf(out, 4, "%u", protocol);
	return out;
}

static int refuse(const char *key, const char *what, struct err *err)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for %s: it is %s.", key, what);
}

/* What the members of "explain" are read into. */
struct members {
	struct ip address;
	int64_t direction, protocol, port, source_port, length, ttl, df;
};

static int read_address(const json_t *v, const char *key, void *to, struct err *err)
{
	if (!json_is_string(v) || ip_parse(json_string_value(v), to) < 0 || !ip_is_v4(to))
		return refuse(key, "an IPv4 address", err);
	return 0;
}

static int read_direction(const json_t *v, const char *key, void *to, struct err *err)
{
	const char *text = json_is_string(v) ? json_string_value(v) : "";

	if (strcmp(text, "in") != 0 && strcmp(text, "out") != 0)
		return refuse(key, "in or out", err);
	*(int64_t *)to = text[0] == 'i' ? PROBE_IN : PROBE_OUT;
	return 0;
}

static int read_protocol(const json_t *v, const char *key, void *to, struct err *err)
{
	int64_t *ret = to;

	for (size_t i = 0; json_is_string(v) && i < ARRAY_SIZE(protocols); i++)
		if (strcmp(json_string_value(v), protocols[i].name) == 0)
			*ret = protocols[i].number;
	if (json_is_integer(v))
		*ret = json_integer_value(v);
	return (json_is_integer(v) || json_is_string(v)) && *ret > 0 && *ret < 256
		       ? 0
		       : refuse(key,
				"tcp, udp, icmp, sctp, gre, esp, udplite, dccp, or a number from 1 to 255",
				err);
}

static int read_16_bits(const json_t *v, const char *key, void *to, struct err *err)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT16_MAX)
		return refuse(key, "a number from 0 to 65535", err);
	*(int64_t *)to = json_integer_value(v);
	return 0;
}

static int read_8_bits(const json_t *v, const char *key, void *to, struct err *err)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT8_MAX)
		return refuse(key, "a number from 1 to 255", err);
	*(int64_t *)to = json_integer_value(v);
	return 0;
}

static int read_flag(const json_t *v, const char *key, void *to, struct err *err)
{
	if (!json_is_boolean(v))
		return refuse(key, "true or false", err);
	*(int64_t *)to = json_is_true(v);
	return 0;
}

static const struct member {
	const char *key;
	int (*read)(const json_t *v, const char *key, void *to, struct err *err);
	size_t at;
} members[] = {
#define MEMBER(key, read)                                                                                    \
	{                                                                                                    \
#key, read, offsetof(struct members, key)                                                    \
	}
	MEMBER(direction, read_direction), MEMBER(address, read_address),
	MEMBER(protocol, read_protocol),   MEMBER(port, read_16_bits),
	MEMBER(source_port, read_16_bits), MEMBER(length, read_16_bits),
	MEMBER(ttl, read_8_bits),          MEMBER(df, read_flag),
#undef MEMBER
};

static int read_member(const char *key, const json_t *v, struct members *to, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(key, members[i].key) == 0)
			return members[i].read(v, key, (char *)to + members[i].at, err);
	return err_api(err, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%.40s'", key);
}

static int packet_of(const struct members *m, struct probe_packet *ret, struct err *err)
{
	struct probe_packet p = {
		.other = m->address,
		.protocol = (uint8_t)m->protocol,
		.ttl = (uint8_t)m->ttl,
		.do_not_fragment = m->df != 0,
		.direction = (uint8_t)m->direction,
	};
	bool ports = probe_has_ports(p.protocol);

	if (ip_is_null(&m->address))
		return err_api(err, 400, "HTTPBadRequest",
			       "A packet has an 'address', that of its other end.");
	if (ports && m->port < 0)
		return err_api(err, 400, "HTTPBadRequest", "A packet of this protocol has a 'port'.");
	p.port = (uint16_t)MAX(m->port, 0);
	p.source_port = (uint16_t)(m->source_port >= 0 ? m->source_port : ports ? DEFAULT_SOURCE_PORT : 0);
	p.length = m->length >= 0 ? (uint16_t)m->length
				  : MAX((uint16_t)DEFAULT_LENGTH, probe_length_min(p.protocol));
	if (probe_check(&p, err) < 0)
		return -EINVAL;
	*ret = p;
	return 0;
}

int explain_parse(const json_t *body, struct probe_packet *ret, struct err *err)
{
	struct members m = {.direction = PROBE_IN,
			    .protocol = IPPROTO_ICMP,
			    .port = -1,
			    .source_port = -1,
			    .length = -1,
			    .ttl = DEFAULT_TTL};
	json_t *packet = json_object_get(body, "explain"), *v;
	const char *key;

	if (!json_is_object(packet) || json_object_size(body) != 1)
		return err_api(err, 400, "HTTPBadRequest",
			       "The request needs a body with one object, 'explain'.");
	json_object_foreach(packet, key, v)
	{
		if (read_member(key, v, &m, err) < 0)
			return -EINVAL;
	}
	return packet_of(&m, ret, err);
}

/* --- what the database says --- */

/* Its name where the caller sees it and it has one, else its id, which the floating IP itself tells. */
static const char *name_of(struct call *c, enum kind kind, const struct uuid *id, const struct row *row,
			   const char *name)
{
	char text[UUID_TEXT];

	if (row && *name && call_sees(c, c->snap, row))
		return name;
	return talloc_strdup(c->req->region, uuid_print(id, text));
}

static void gather_port(struct call *c, const struct floatingip *fip, struct explain_facts *f)
{
	const struct port *port = snap_get(c->snap, KIND_PORT, &fip->port_id);
	const struct router *router = snap_get(c->snap, KIND_ROUTER, &fip->router_id);

	if (port) {
		f->fixed = fip->fixed_ip_address;
		f->port = name_of(c, KIND_PORT, &fip->port_id, &port->row, port->name);
		f->port_up = port->admin_state_up;
		f->plugged = strcmp(net_port_status(c, port), "ACTIVE") == 0;
	}
	if (router) {
		f->router = name_of(c, KIND_ROUTER, &fip->router_id, &router->row, router->name);
		f->router_up =
			router->admin_state_up && router_is_hosted(c->snap, c->api->config.node_name, router);
	}
}

static uint16_t forwarded_port(const struct port_forwarding *pf, uint16_t port)
{
	struct port_range inside, outside;

	if (port_range_parse(pf->internal_port_range, &inside) < 0 ||
	    port_range_parse(pf->external_port_range, &outside) < 0 || port < outside.first ||
	    port > outside.last)
		return 0;
	return (uint16_t)(inside.first + (inside.first == inside.last ? 0 : port - outside.first));
}

/* The forwarding that a packet from outside meets. One question walks over all of them. */
static void gather_forwarding(struct call *c, const struct floatingip *fip, const struct probe_packet *p,
			      struct explain_facts *f)
{
	const struct port_forwarding *pf;
	const struct port *port;
	struct scan scan;
	char protocol[4];

	f->forwards = true;
	for (pf = scan_index(&scan, c->snap, IX_FORWARDING_FIP, &fip->row.id, NULL); pf && !f->forward;
	     pf = scan_next(&scan)) {
		f->forward_port = forwarded_port(pf, p->port);
		if (!f->forward_port || strcmp(pf->protocol, explain_protocol(p->protocol, protocol)) != 0)
			continue;
		port = snap_get(c->snap, KIND_PORT, &pf->internal_port_id);
		f->fixed = pf->internal_ip_address;
		f->forward = name_of(c, KIND_PORT, &pf->internal_port_id, port ? &port->row : NULL,
				     port ? port->name : "");
	}
}

static void gather(struct call *c, const struct floatingip *fip, const struct probe_packet *p,
		   struct explain_facts *f)
{
	const struct qos_policy *policy = snap_get(c->snap, KIND_QOS_POLICY, &fip->qos_policy_id);
	char why[256];

	*f = (struct explain_facts){.floating = fip->floating_ip_address,
				    .project = fip->project_id,
				    .status = net_floatingip_status(c, fip),
				    .admin = c->caller.admin};
	if (nodes_failure(c->api->nodes, &fip->row.id, why, sizeof(why)))
		f->failure = talloc_strdup(c->req->region, why);
	if (policy)
		f->policy = name_of(c, KIND_QOS_POLICY, &fip->qos_policy_id, &policy->row, policy->name);
	gather_port(c, fip, f);
	if (net_has_forwardings(fip))
		gather_forwarding(c, fip, p, f);
}

/* --- the route --- */

struct explaining {
	struct call *c;
	struct explain_facts facts;
	struct probe_question question;
	struct probe_answer answer;
	bool answered;
};

/* On the thread that reads the agent's answers, or that of the deadlines. */
static void on_answer(void *arg, const struct probe_answer *a)
{
	struct explaining *x = arg;

	x->answered = a != NULL;
	if (a)
		x->answer = *a;
	http_resume(x->c->req);
}

static int explain_resumed(struct call *c, struct err *err)
{
	struct explaining *x = c->state;

	if (!x->answered)
		return err_api(err, 504, "GatewayTimeout",
			       "The node has not answered within %d s: its agent is busy or does not run.",
			       WAIT_US / 1000000);
	explain_print(&x->facts, &x->question.packet, &x->answer, &c->resp->body);
	return 0;
}

int explain_open(struct call *c, struct err *err)
{
	struct explaining *x = talloc_zero(c->req->region, struct explaining);
	const struct row *row;
	json_t *body;
	int r = call_find(c, KIND_FLOATINGIP, c->arg[0], &row, err);

	if (r < 0 || (r = call_body(c, &body, err)) < 0 ||
	    (r = explain_parse(body, &x->question.packet, err)) < 0)
		return r;
	x->c = c;
	x->question.floatingip = row->id;
	gather(c, (const struct floatingip *)row, &x->question.packet, &x->facts);
	c->state = x;
	c->resumed = explain_resumed;
	if (!x->facts.port) {
		explain_print(&x->facts, &x->question.packet, NULL, &c->resp->body);
		return 0;
	}
	if (!c->api->asks)
		return err_api(err, 503, "ServiceUnavailable", "There is no agent to ask.");
	r = asks_put(c->api->asks, &x->question, clock_mono_us() + WAIT_US, on_answer, x, err);
	return r < 0 ? r : CALL_WAIT;
}
