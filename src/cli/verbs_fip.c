/* What a floating IP carries: buoy fip stats.
 * Beside verbs_network.c. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#define WATCH_S 2

static const struct {
	const char *name; /* as members of the answer begin */
	const char *text;
} directions[] = {{"in", "to the instance"}, {"out", "from the instance"}};

/* The member "<direction>_<what>"; borrowed. */
static json_t *directed(const json_t *obj, const char *direction, const char *what)
{
	AUTO_FREE char *key = xasprintf("%s_%s", direction, what);

	return json_object_get(obj, key);
}

/* 1234567 as "1.2 M". */
static json_t *short_rate(double v)
{
	static const char *const units[] = {"", " k", " M", " G", " T"};
	size_t unit = 0;
	AUTO_FREE char *text = NULL;

	while (v >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
		v /= 1000;
		unit++;
	}
	text = xasprintf("%.*f%s", v < 10 && v > 0 ? 1 : 0, v, units[unit]);
	return json_string(text);
}

static json_t *seen(const json_t *stats, const char *direction)
{
	AUTO_FREE char *key = xasprintf("last_seen_%s", direction);
	json_t *at = json_object_get(stats, key);

	/* Where the data path does not tell the directions apart. */
	return json_is_string(at) ? at : json_object_get(stats, "last_seen");
}

static int print_counters(struct cli *cli, const json_t *stats, struct err *err)
{
	json_auto_t *rows = json_array();
	const json_t *rates = json_object_get(stats, "rates");

	for (size_t i = 0; i < ARRAY_SIZE(directions); i++) {
		const char *name = directions[i].name;

		json_array_append_new(
			rows, json_pack("{s:s, s:O?, s:O?, s:o, s:o, s:O?}", "direction", directions[i].text,
					"packets", directed(stats, name, "packets"), "bytes",
					directed(stats, name, "bytes"), "packets/s",
					short_rate(json_number_value(directed(rates, name, "pps"))), "bit/s",
					short_rate(json_number_value(directed(rates, name, "bps"))),
					"last seen", seen(stats, name)));
	}
	return output_list(&cli->out, "direction,packets,bytes,packets/s,bit/s,last seen", rows, err);
}

static int print_drops(struct cli *cli, const json_t *stats, struct err *err)
{
	json_auto_t *rows = json_array();
	const char *reason;
	json_t *n;

	json_object_foreach(json_object_get(stats, "dropped"), reason, n)
	{
		if (json_integer_value(n))
			json_array_append_new(rows, json_pack("{s:s, s:O}", "dropped", reason, "packets", n));
	}
	if (json_array_size(rows) == 0) {
		puts("nothing dropped");
		return 0;
	}
	return output_list(&cli->out, "dropped,packets", rows, err);
}

/* The counters as tables for people, the whole answer for programs. `line`: on one line. */
static int print_stats(struct cli *cli, const json_t *stats, bool line, struct err *err)
{
	int r;

	if (cli->out.format == FORMAT_JSON && line && cli->out.n_columns == 0)
		return output_line(stats, err);
	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return output_object(&cli->out, stats, err);
	printf("%s\n", json_get_text(stats, "floating_ip_address"));
	r = print_counters(cli, stats, err);
	return r ? r : print_drops(cli, stats, err);
}

static void pause_s(int seconds)
{
	const struct timespec ts = {.tv_sec = seconds};

	nanosleep(&ts, NULL);
}

/* The cursor to the upper left corner, and nothing below it. */
static void clear_screen(const struct cli *cli)
{
	if (cli->out.format == FORMAT_TABLE && cli->out.visible)
		fputs("\033[H\033[J", stdout);
}

int fip_stats(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	bool watch = call_has(call, "watch");
	const char *fip, *path;
	int r = resolve(cli, noun, call_arg(call, 0), &fip, NULL, err);

	if (r)
		return r;
	path = noun_path(cli, noun, fip, "stats", err);
	if (!path)
		return -EINVAL;
	do {
		json_auto_t *reply = NULL;

		r = session_call(cli->session, noun->service, "GET", path, NULL, &reply, err);
		if (r == 0 && !json_is_object(json_object_get(reply, "stats")))
			r = err_set(err, -EPROTO, "the server's answer has no 'stats'");
		if (r)
			return r;
		if (watch)
			clear_screen(cli);
		r = cli->quiet ? 0 : print_stats(cli, json_object_get(reply, "stats"), watch, err);
		if (r == 0 && watch)
			pause_s(WATCH_S);
	} while (r == 0 && watch);
	return r;
}
