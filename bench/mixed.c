/* What many clients at once do with floating IPs: reads, and writes of which each one is remembered.
 *
 *   BUOY_TOKEN=... mixed HOST PORT CLIENTS SECONDS NETWORK
 *
 * Each client has floating IPs of its own from the external network. Seven of ten requests read: one floating
 * IP, one found by its address, a page of twenty. Three write: create, describe, delete. Each answer is held
 * against what the client knows; a connection that breaks leaves the request's outcome open, is counted and
 * made anew. At the end each client asks for all that was acknowledged. Prints one line of JSON with counts
 * and latencies; ends with 1 when an answer was wrong or something acknowledged was lost. Used by bench/run.
 */
#include "client.h"

#include <err.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP    64        /* floating IPs that a client has at most */
#define GRACE_S 30        /* for a server that is being started anew */
#define STEP_US 100       /* of a latency's bucket */
#define STEPS   (1 << 14) /* up to 1.6 s; what is slower is in the last one */

enum fate { GONE, THERE, OPEN };

/* What a client knows of one floating IP. */
struct mine {
	char id[40], address[48];
	enum fate fate;
	unsigned said, asked; /* numbers of descriptions: acknowledged, and sent without an answer */
};

struct worker {
	struct client client;
	unsigned seed, next_description;
	struct mine *list;
	size_t count, cap;
	size_t kept[KEEP], kept_count; /* places in `list` */
	uint64_t requests, reads, broken, refused;
	uint64_t steps[STEPS];
	char *wrong; /* the first answer that was not right */
};

static const char *host, *port, *network, *token;
static int64_t until_us;

static unsigned dice(struct worker *w, unsigned sides)
{
	return (unsigned)rand_r(&w->seed) % sides;
}

PRINTF_LIKE(2, 3)
static void complain(struct worker *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!w->wrong && vasprintf(&w->wrong, fmt, ap) < 0)
		abort();
	va_end(ap);
}

/* Waits for a server that is just being started. */
static void connect_again(struct worker *w)
{
	int64_t end = clock_mono_us() + GRACE_S * 1000000LL;

	client_close(&w->client);
	while (client_try_open(&w->client, host, port) < 0) {
		w->refused++;
		if (clock_mono_us() > end)
			errx(1, "no server at %s:%s for %d s", host, port, GRACE_S);
		usleep(5000);
	}
}

/* The status; -1 when the connection broke and the outcome is open. */
static int ask(struct worker *w, const char *method, const char *path, const char *body)
{
	int64_t start = clock_mono_us();
	int status = client_ask(&w->client, method, path, token, body);
	int64_t step = (clock_mono_us() - start) / STEP_US;

	if (status < 0) {
		w->broken++;
		connect_again(w);
		return -1;
	}
	w->requests++;
	w->reads += *method == 'G';
	w->steps[MIN(step, STEPS - 1)]++;
	return status;
}

/* The text behind "NAME": in the answer, into `ret`. */
static bool take_text(const char *body, const char *name, char *ret, size_t size)
{
	AUTO_FREE char *key = xasprintf("\"%s\":\"", name);
	const char *at = strstr(body, key);
	size_t len;

	if (!at)
		return false;
	at += strlen(key);
	len = strcspn(at, "\"");
	if (len >= size)
		return false;
	memcpy(ret, at, len);
	ret[len] = '\0';
	return true;
}

/* --- writes --- */

static void create(struct worker *w)
{
	AUTO_FREE char *body = xasprintf(
		"{\"floatingip\": {\"floating_network_id\": \"%s\", \"description\": \"0\"}}", network);
	struct mine m = {.fate = THERE};
	int status = ask(w, "POST", "/v2.0/floatingips", body);

	if (status < 0)
		return;
	if (status != 201 || !take_text(w->client.body, "id", m.id, sizeof(m.id)) ||
	    !take_text(w->client.body, "floating_ip_address", m.address, sizeof(m.address))) {
		complain(w, "POST: %d %.200s", status, w->client.body);
		return;
	}
	if (w->count == w->cap) {
		w->cap = MAX(2 * w->cap, (size_t)256);
		w->list = xrealloc(w->list, w->cap * sizeof(*w->list));
	}
	w->list[w->count] = m;
	w->kept[w->kept_count++] = w->count++;
}

static void describe(struct worker *w, struct mine *m)
{
	unsigned n = ++w->next_description;
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", m->id);
	AUTO_FREE char *body = xasprintf("{\"floatingip\": {\"description\": \"%u\"}}", n);
	int status;

	m->asked = n;
	if ((status = ask(w, "PUT", path, body)) == 200)
		m->said = n;
	else if (status >= 0)
		complain(w, "PUT %s: %d %.200s", path, status, w->client.body);
}

static void delete (struct worker *w, size_t at)
{
	struct mine *m = &w->list[w->kept[at]];
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", m->id);
	int status = ask(w, "DELETE", path, "");

	m->fate = status == 204 ? GONE : OPEN;
	if (status >= 0 && status != 204)
		complain(w, "DELETE %s: %d %.200s", path, status, w->client.body);
	w->kept[at] = w->kept[--w->kept_count];
}

/* --- reads --- */

/* A description that an answer may have: what was acknowledged, or what was sent last without an answer. */
static void check(struct worker *w, const struct mine *m, int status)
{
	char description[16], id[40];
	unsigned n;

	if (status < 0)
		return;
	if (status != 200 || !take_text(w->client.body, "id", id, sizeof(id)) || strcmp(id, m->id) != 0 ||
	    !take_text(w->client.body, "description", description, sizeof(description))) {
		complain(w, "%s is lost: %d %.200s", m->id, status, w->client.body);
		return;
	}
	n = (unsigned)atoi(description);
	if (n != m->said && n != m->asked)
		complain(w, "%s has the description %u instead of %u", m->id, n, m->said);
}

static void show(struct worker *w, const struct mine *m)
{
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", m->id);

	check(w, m, ask(w, "GET", path, ""));
}

static void find(struct worker *w, const struct mine *m)
{
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips?floating_ip_address=%s", m->address);

	check(w, m, ask(w, "GET", path, ""));
}

static void list(struct worker *w)
{
	int status = ask(w, "GET", "/v2.0/floatingips?limit=20", "");

	if (status >= 0 && status != 200)
		complain(w, "GET: %d %.200s", status, w->client.body);
}

/* --- a client --- */

static void act(struct worker *w)
{
	unsigned what = dice(w, 100);
	size_t at = w->kept_count ? dice(w, (unsigned)w->kept_count) : 0;
	struct mine *m = w->kept_count ? &w->list[w->kept[at]] : NULL;

	if (!m || (what < 12 && w->kept_count < KEEP))
		create(w);
	else if (what < 20)
		describe(w, m);
	else if (what < 30)
		delete (w, at);
	else if (what < 70)
		show(w, m);
	else if (what < 90)
		find(w, m);
	else
		list(w);
}

/* The status, however often the server ends meanwhile. */
static int ask_until_answered(struct worker *w, const char *path)
{
	int status;

	while ((status = client_ask(&w->client, "GET", path, token, "")) < 0)
		connect_again(w);
	return status;
}

/* All that was acknowledged is there, and what was deleted is not. */
static void verify(struct worker *w)
{
	for (size_t i = 0; i < w->count && !w->wrong; i++) {
		struct mine *m = &w->list[i];
		AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", m->id);
		int status = ask_until_answered(w, path);

		if (m->fate == THERE)
			check(w, m, status);
		else if (m->fate == GONE && status != 404)
			complain(w, "%s was deleted, and is there: %d", m->id, status);
	}
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	client_open(&w->client, host, port);
	while (clock_mono_us() < until_us && !w->wrong)
		act(w);
	return NULL;
}

static void *verify_main(void *arg)
{
	verify(arg);
	return NULL;
}

static void run_all(struct worker *workers, unsigned count, void *(*fn)(void *arg))
{
	AUTO_FREE pthread_t *threads = xalloc(count * sizeof(*threads));

	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, fn, &workers[i]) != 0)
			err(1, "thread");
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static double percentile(const struct worker *sum, double p)
{
	uint64_t left = (uint64_t)ceil((double)sum->requests * p);

	for (int i = 0; i < STEPS; i++) {
		if (sum->steps[i] >= left)
			return (i + 1) * STEP_US / 1e3;
		left -= sum->steps[i];
	}
	return STEPS * STEP_US / 1e3;
}

static int report(const struct worker *workers, unsigned count, double seconds)
{
	struct worker *sum = xalloc(sizeof(*sum));
	size_t made = 0;
	int wrong = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct worker *w = &workers[i];

		made += w->count;
		sum->requests += w->requests;
		sum->reads += w->reads;
		sum->broken += w->broken;
		sum->refused += w->refused;
		for (int s = 0; s < STEPS; s++)
			sum->steps[s] += w->steps[s];
		if (w->wrong && !wrong++)
			warnx("%s", w->wrong);
	}
	printf("{\"seconds\": %.3f, \"requests\": %lu, \"reads\": %lu, \"made\": %zu, \"broken\": %lu, "
	       "\"refused\": %lu, \"wrong\": %d, \"p50\": %.2f, \"p99\": %.2f, \"p999\": %.2f}\n",
	       seconds, sum->requests, sum->reads, made, sum->broken, sum->refused, wrong,
	       percentile(sum, 0.5), percentile(sum, 0.99), percentile(sum, 0.999));
	free(sum);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	unsigned count = argc == 6 ? (unsigned)atoi(argv[3]) : 0;
	struct worker *workers;
	int64_t start;

	if (!count || count > 256)
		errx(2, "usage: mixed HOST PORT CLIENTS SECONDS NETWORK");
	host = argv[1];
	port = argv[2];
	network = argv[5];
	token = getenv("BUOY_TOKEN");
	workers = xalloc(count * sizeof(*workers));
	for (unsigned i = 0; i < count; i++)
		workers[i].seed = i + 1;
	start = clock_mono_us();
	until_us = start + atoi(argv[4]) * 1000000LL;
	run_all(workers, count, worker_main);
	double seconds = (double)(clock_mono_us() - start) / 1e6;
	run_all(workers, count, verify_main);
	return report(workers, count, seconds);
}
