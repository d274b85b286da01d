/* A load generator: reads requests, sends them from several clients, prints how long each one took.
 *
 *   BUOY_TOKEN=... load HOST PORT CLIENTS TEXT <requests
 *
 * A request is a line METHOD<tab>PATH<tab>BODY. An answer is good when its status is 2xx and its body holds
 * TEXT. Prints a line "start end" for each request, in microseconds since the first was sent; ends with 1
 * when an answer was not good. Used by bench/run. */
#include "client.h"

#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

struct request {
	char *method, *path, *body;
	int64_t start_us, end_us;
};

static struct request *requests;
static size_t request_count;
static atomic_size_t next_request, bad;
static pthread_barrier_t all_connected;
static const char *host, *port, *text, *token;

static void read_requests(void)
{
	AUTO_FREE char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct request r = {0};
		char *save;

		line[strcspn(line, "\n")] = '\0';
		r.method = xstrdup(strtok_r(line, "\t", &save));
		r.path = xstrdup(strtok_r(NULL, "\t", &save));
		r.body = strtok_r(NULL, "\t", &save);
		r.body = xstrdup(r.body ? r.body : "");
		if ((request_count & (request_count + 1)) == 0)
			requests = xrealloc(requests, (2 * request_count + 2) * sizeof(*requests));
		requests[request_count++] = r;
	}
}

static void *client_main(void *arg)
{
	struct client c;
	size_t i;

	client_open(&c, host, port);
	pthread_barrier_wait(&all_connected);
	while ((i = atomic_fetch_add(&next_request, 1)) < request_count) {
		struct request *r = &requests[i];
		int status;

		r->start_us = clock_mono_us();
		status = client_ask(&c, r->method, r->path, token, r->body);
		r->end_us = clock_mono_us();
		if ((status / 100 != 2 || !strstr(c.body, text)) && atomic_fetch_add(&bad, 1) == 0)
			warnx("%s %s: %d %.400s", r->method, r->path, status, c.body);
	}
	client_close(&c);
	return NULL;
}

int main(int argc, char **argv)
{
	int64_t first = INT64_MAX;
	pthread_t threads[256];
	unsigned clients;

	if (argc != 5 || (clients = (unsigned)atoi(argv[3])) < 1 || clients > ARRAY_SIZE(threads))
		errx(2, "usage: load HOST PORT CLIENTS TEXT <requests");
	host = argv[1];
	port = argv[2];
	text = argv[4];
	token = getenv("BUOY_TOKEN");
	read_requests();
	pthread_barrier_init(&all_connected, NULL, clients);
	for (unsigned i = 0; i < clients; i++)
		if (pthread_create(&threads[i], NULL, client_main, NULL) != 0)
			err(1, "thread");
	for (unsigned i = 0; i < clients; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < request_count; i++)
		first = MIN(first, requests[i].start_us);
	for (size_t i = 0; i < request_count; i++)
		printf("%ld %ld\n", requests[i].start_us - first, requests[i].end_us - first);
	if (bad)
		warnx("%zu of %zu answers were not good", (size_t)bad, request_count);
	return bad != 0;
}
