/* Why a packet of a floating IP arrives, or does not: buoy fip explain.
 * Asks the server about a made-up packet and prints its answer for people. Beside verbs_fip.c. */
#include "cli/cli.h"
#include "cli/nouns.h"
#include "cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* Options that say what the packet is: each is a member of it. */
enum packet_form { PACKET_TEXT, PACKET_NUMBER, PACKET_TRUE, PACKET_PORT, PACKET_PROTOCOL };
static const struct packet_option {
	const char *name;
	enum packet_form form;
	const char *member; /* PACKET_PORT and PACKET_PROTOCOL: the protocol; NULL: the value is */
} packet_options[] = {
	{"from", PACKET_TEXT, "from"},
	{"to", PACKET_TEXT, "to"},
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
	case PACKET_TEXT:
		return json_object_set_new(packet, o->member, json_string(value));
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

static int packet_from_call(const struct call *call, json_t *packet, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(packet_options); i++) {
		const char *value = call_get(call, packet_options[i].name);
		int r = value ? put_option(packet, &packet_options[i], value, err) : 0;

		if (r)
			return r;
	}
	if (!json_object_get(packet, "from") == !json_object_get(packet, "to"))
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

static void add_frame(struct buf *b, const char *title, const json_t *frame)
{
	if (!json_is_object(frame))
		return;
	buf_printf(b, "%s  %s ", title, json_get_text(frame, "protocol"));
	add_end(b, frame, "source", "source_port");
	buf_puts(b, " -> ");
	add_end(b, frame, "target", "port");
	buf_printf(b, ", TTL %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT " bytes%s\n",
		   json_integer_value(json_object_get(frame, "ttl")),
		   json_integer_value(json_object_get(frame, "length")),
		   json_is_true(json_object_get(frame, "df")) ? ", not to be fragmented" : "");
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

static int print_explanation(struct cli *cli, const json_t *told, struct err *err)
{
	const json_t *packet = json_object_get(told, "packet");
	AUTO_BUF struct buf b = {0}, shown = {0};

	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return output_object(&cli->out, told, err);
	add_frame(&b, "before", json_object_get(packet, "before"));
	add_steps(&b, json_object_get(told, "steps"));
	add_frame(&b, "after ", json_object_get(packet, "after"));
	buf_printf(&b, "%s: %s\n", json_get_text(told, "verdict"), json_get_text(told, "summary"));
	text_add_visible(&shown, buf_text(&b), true);
	fputs(buf_text(cli->out.visible ? &shown : &b), stdout);
	return 0;
}

int fip_explain(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *packet = json_object(), *body = NULL, *reply = NULL;
	const char *fip, *path;
	int r = packet_from_call(call, packet, err);

	if (r == 0)
		r = resolve(cli, noun, call_arg(call, 0), &fip, NULL, err);
	if (r)
		return r;
	path = noun_path(cli, noun, fip, "explain", err);
	if (!path)
		return -EINVAL;
	body = json_pack("{s:O}", "packet", packet);
	r = session_call(cli->session, noun->service, "POST", path, body, &reply, err);
	if (r)
		return r;
	if (!json_is_object(json_object_get(reply, "explanation")))
		return err_set(err, -EPROTO, "the server's answer has no 'explanation'");
	return cli->quiet ? 0 : print_explanation(cli, json_object_get(reply, "explanation"), err);
}
