/* Why a packet of a floating IP arrives, or does not: buoy fip explain.
 * Asks the server about a made-up packet, or listens to what it tells of real ones, and prints it for people.
 * Beside verbs_fip.c. */
#include "cli/cli.h"
#include "cli/nouns.h"
#include "cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* Options that say what the packet is: each is a member of it. */
enum packet_form { PACKET_END, PACKET_NUMBER, PACKET_TRUE, PACKET_PORT, PACKET_PROTOCOL };
static const struct packet_option {
	const char *name;
	enum packet_form form;
	/* PACKET_END: the direction; PACKET_PORT and PACKET_PROTOCOL: the protocol, NULL: the value is. */
	const char *member;
} packet_options[] = {
	{"from", PACKET_END, "in"},
	{"to", PACKET_END, "out"},
	{"tcp", PACKET_PORT, "tcp"},
	{"udp", PACKET_PORT, "udp"},
	{"icmp", PACKET_PROTOCOL, "icmp"},
	{"proto", PACKET_PROTOCOL, NULL},
	{"source-port", PACKET_NUMBER, "source_port"},
	{"length", PACKET_NUMBER, "length"},
	{"ttl", PACKET_NUMBER, "ttl"},
	{"df", PACKET_TRUE, "df"},
};

static int read_number(const struct packet_option *o, const char *value, json_t **ret, struct err *err)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!*value || *end || n < 0 || n > 65535)
		return err_set(err, -EINVAL, "--%s %s: this is no number from 0 to 65535", o->name, value);
	*ret = json_integer(n);
	return 0;
}

static int put_protocol(json_t *packet, const struct packet_option *o, const char *value, struct err *err)
{
	json_t *protocol;
	int r = 0;

	if (json_object_get(packet, "protocol"))
		return err_set(err, -EINVAL, "a packet has one protocol: --tcp, --udp, --icmp or --proto");
	if (o->member)
		protocol = json_string(o->member);
	else
		r = read_number(o, value, &protocol, err);
	return r ? r : json_object_set_new(packet, "protocol", protocol);
}

static int put_option(json_t *packet, const struct packet_option *o, const char *value, struct err *err)
{
	json_t *v = NULL;
	int r = 0;

	switch (o->form) {
	case PACKET_END:
		json_object_set_new(packet, "direction", json_string(o->member));
		return json_object_set_new(packet, "address", json_string(value));
	case PACKET_TRUE:
		return json_object_set_new(packet, o->member, json_true());
	case PACKET_NUMBER:
		r = read_number(o, value, &v, err);
		return r ? r : json_object_set_new(packet, o->member, v);
	case PACKET_PORT:
		r = read_number(o, value, &v, err);
		if (r == 0)
			json_object_set_new(packet, "port", v);
		return r ? r : put_protocol(packet, o, value, err);
	case PACKET_PROTOCOL:
		return put_protocol(packet, o, value, err);
	}
	return 0;
}

static bool has_packet(const struct call *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(packet_options); i++)
		if (call_has(call, packet_options[i].name))
			return true;
	return false;
}

static int packet_from_call(const struct call *call, json_t *packet, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(packet_options); i++) {
		const char *value = call_get(call, packet_options[i].name);
		int r = value ? put_option(packet, &packet_options[i], value, err) : 0;

		if (r)
			return r;
	}
	if (call_has(call, "from") == call_has(call, "to"))
		return err_set(err, -EINVAL,
			       "give --from ADDRESS for a packet to the floating IP, or --to ADDRESS for one "
			       "that its "
			       "instance sends");
	return 0;
}

/* --- for people --- */

/* "198.51.100.9:40000", or the address alone. */
static void add_end(struct buf *b, const json_t *frame, const char *address, const char *port)
{
	const json_t *number = json_object_get(frame, port);

	buf_puts(b, json_get_text(frame, address));
	if (json_is_integer(number))
		buf_printf(b, ":%" JSON_INTEGER_FORMAT, json_integer_value(number));
}

/* "tcp 198.51.100.9:40000 -> 10.10.10.3:443, TTL 64, 84 bytes" */
static void add_frame(struct buf *b, const json_t *frame)
{
	buf_printf(b, "%s ", json_get_text(frame, "protocol"));
	add_end(b, frame, "source", "source_port");
	buf_puts(b, " -> ");
	add_end(b, frame, "target", "port");
	buf_printf(b, ", TTL %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT " bytes%s",
		   json_integer_value(json_object_get(frame, "ttl")),
		   json_integer_value(json_object_get(frame, "length")),
		   !strcmp(json_get_text(frame, "flags"), "DF") ? ", not to be fragmented" : "");
}

static void add_frame_line(struct buf *b, const char *title, const json_t *frame)
{
	if (!json_is_object(frame))
		return;
	buf_printf(b, "%s  ", title);
	add_frame(b, frame);
	buf_putc(b, '\n');
}

static void add_steps(struct buf *b, const json_t *steps)
{
	size_t i;
	json_t *step;

	json_array_foreach(steps, i, step)
	{
		const char *advice = json_get_text(step, "advice");

		buf_printf(b, "%s  %s\n", json_is_true(json_object_get(step, "ok")) ? "  ok  " : "  no  ",
			   json_get_text(step, "what"));
		if (*advice)
			buf_printf(b, "        %s\n", advice);
	}
}

static void show_text(const struct cli *cli, const struct buf *b)
{
	AUTO_BUF struct buf shown = {0};

	text_add_visible(&shown, buf_text(b), true);
	fputs(buf_text(cli->out.visible ? &shown : b), stdout);
	fflush(stdout);
}

static int print_explanation(struct cli *cli, const json_t *told, struct err *err)
{
	const json_t *packet = json_object_get(told, "packet");
	AUTO_BUF struct buf b = {0};

	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return output_object(&cli->out, told, err);
	add_frame_line(&b, "before", json_object_get(packet, "before"));
	add_steps(&b, json_object_get(told, "steps"));
	add_frame_line(&b, "after ", json_object_get(packet, "after"));
	buf_printf(&b, "%s: %s\n", json_get_text(told, "verdict"), json_get_text(told, "summary"));
	show_text(cli, &b);
	return 0;
}

/* --- real packets --- */

struct listening {
	struct cli *cli;
	int result;
	struct err *err;
};

/* "04:17:39.250  in   forward    icmp 10.10.10.1 -> 10.10.10.3, TTL 64, 84 bytes: Rewritten and ..." */
static int print_packet(struct cli *cli, const json_t *packet, struct err *err)
{
	const char *time = json_get_text(packet, "time");
	json_int_t missed = json_integer_value(json_object_get(packet, "missed"));
	const json_t *frame = json_object_get(packet, "packet");
	AUTO_BUF struct buf b = {0};

	if (cli->out.format == FORMAT_JSON && cli->out.n_columns == 0)
		return output_line(packet, err);
	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return output_object(&cli->out, packet, err);
	if (missed)
		buf_printf(&b, "(%" JSON_INTEGER_FORMAT " not shown)\n", missed);
	buf_printf(&b, "%.12s  %-3s  %-9s  ", strlen(time) > 11 ? time + 11 : time,
		   json_get_text(packet, "direction"), json_get_text(packet, "verdict"));
	if (json_is_object(frame))
		add_frame(&b, frame);
	else
		buf_puts(&b, "(a header that can not be shown)");
	buf_printf(&b, ": %s%s%s\n", json_get_text(packet, "summary"),
		   *json_get_text(packet, "to") ? ", by " : "", json_get_text(packet, "to"));
	show_text(cli, &b);
	return 0;
}

/* Server-sent events whose data is one line: what an event means stands in its members. */
static int take_line(void *arg, const char *line)
{
	static const char prefix[] = "data: ";
	struct listening *l = arg;
	json_auto_t *event =
		strncmp(line, prefix, strlen(prefix)) ? NULL : json_loads(line + strlen(prefix), 0, NULL);

	if (!json_is_object(event))
		return 0;
	if (json_object_get(event, "verdict")) {
		l->result = print_packet(l->cli, event, l->err);
	} else {
		l->result = err_set(l->err, -EPIPE, "the server ends it: %s", json_get_text(event, "reason"));
	}
	return l->result;
}

static int show_packets(struct cli *cli, const struct noun *noun, const char *fip, struct err *err)
{
	struct listening l = {.cli = cli, .err = err};
	const char *path = noun_path(cli, noun, fip, "packets", err);
	int r = path ? session_listen(cli->session, noun->service, path, take_line, &l, err) : -EINVAL;

	return r ? r : l.result;
}

/* --- the verb --- */

static int explain(struct cli *cli, const struct noun *noun, const char *fip, const json_t *packet,
		   struct err *err)
{
	json_auto_t *body = json_pack("{s:O}", "explain", packet), *reply = NULL;
	const char *path = noun_path(cli, noun, fip, "explain", err);
	int r = path ? session_call(cli->session, noun->service, "POST", path, body, &reply, err) : -EINVAL;

	if (r)
		return r;
	if (!json_is_object(json_object_get(reply, "explanation")))
		return err_set(err, -EPROTO, "the server's answer has no 'explanation'");
	return cli->quiet ? 0 : print_explanation(cli, json_object_get(reply, "explanation"), err);
}

int fip_explain(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	bool live = call_has(call, "live");
	json_auto_t *packet = json_object();
	const char *fip;
	int r = 0;

	if (live && has_packet(call))
		return err_set(err, -EINVAL, "--live shows the packets that come: it takes no other options");
	if (!live)
		r = packet_from_call(call, packet, err);
	if (r == 0)
		r = resolve(cli, noun, call_arg(call, 0), &fip, NULL, err);
	if (r)
		return r;
	return live ? show_packets(cli, noun, fip, err) : explain(cli, noun, fip, packet, err);
}
