/* Metrics: what is printed, that strangers cannot make series, and counting from several threads.
 * Unit test, no I/O. */
#include "api/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_line(struct metrics *m, const char *line)
{
	AUTO_BUF struct buf b = {0};
	AUTO_FREE char *want = xasprintf("\n%s\n", line);

	metrics_print(m, &b);
	if (!strstr(buf_text(&b), want))
		fail_msg("no line \"%s\" in:\n%s", line, buf_text(&b));
}

static void counters_and_histograms(void **state)
{
	struct metrics *m = metrics_new();

	metrics_add(m, METRIC_HTTP_REQUESTS, METRIC_LABELS("ports", "GET", "200"), 1);
	metrics_add(m, METRIC_HTTP_REQUESTS, METRIC_LABELS("ports", "GET", "200"), 2);
	metrics_add(m, METRIC_HTTP_REQUESTS, METRIC_LABELS("a\"b\\\n", "GET", NULL), 1);
	metrics_observe(m, METRIC_COMMIT_SECONDS, NULL, 1000);
	metrics_observe(m, METRIC_COMMIT_SECONDS, NULL, 1001);
	metrics_observe(m, METRIC_COMMIT_SECONDS, NULL, 99000000);
	metrics_observe(m, METRIC_HTTP_SECONDS, METRIC_LABELS("ports", "PUT"), 400);
	assert_line(m, "# TYPE buoy_http_requests_total counter");
	assert_line(m, "buoy_http_requests_total{resource=\"ports\",method=\"GET\",status=\"200\"} 3");
	assert_line(m, "buoy_http_requests_total{resource=\"a\\\"b\\\\\\n\",method=\"GET\",status=\"\"} 1");
	assert_line(m, "buoy_commit_seconds_bucket{le=\"0.0005\"} 0");
	assert_line(m, "buoy_commit_seconds_bucket{le=\"0.001\"} 1");
	assert_line(m, "buoy_commit_seconds_bucket{le=\"0.0025\"} 2");
	assert_line(m, "buoy_commit_seconds_bucket{le=\"5\"} 2");
	assert_line(m, "buoy_commit_seconds_bucket{le=\"+Inf\"} 3");
	assert_line(m, "buoy_commit_seconds_sum 99.002001");
	assert_line(m, "buoy_commit_seconds_count 3");
	assert_line(m, "buoy_http_request_seconds_bucket{resource=\"ports\",method=\"PUT\",le=\"0.0005\"} 1");
	metrics_free(m);
}

static void two_samples(void *arg, struct metrics_out *out)
{
	metrics_sample(out, METRIC_LABELS("10.10.10.3", "in"), *(const int64_t *)arg);
	metrics_sample(out, METRIC_LABELS("10.10.10.3", "out"), 0);
}

static void one_sample(void *arg, struct metrics_out *out)
{
	metrics_sample(out, NULL, *(const int64_t *)arg);
}

static void sources_are_asked_at_scrape(void **state)
{
	struct metrics *m = metrics_new();
	int64_t value = 7;

	metrics_source(m, METRIC_FLOATING_IP_PACKETS, two_samples, &value);
	metrics_source(m, METRIC_REVISION, one_sample, &value);
	assert_line(m, "buoy_floating_ip_packets_total{address=\"10.10.10.3\",direction=\"in\"} 7");
	value = 1234567890123;
	assert_line(m, "buoy_revision 1234567890123");
	assert_line(m, "buoy_floating_ip_packets_total{address=\"10.10.10.3\",direction=\"out\"} 0");
	metrics_free(m);
}

static size_t count_lines(struct metrics *m, const char *prefix)
{
	AUTO_BUF struct buf b = {0};
	size_t n = 0;

	metrics_print(m, &b);
	for (const char *p = buf_text(&b); (p = strstr(p, prefix)); p++)
		n++;
	return n;
}

static void series_are_bounded(void **state)
{
	struct metrics *m = metrics_new();
	char text[32];

	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "made-up-%d", i);
		metrics_add(m, METRIC_HTTP_REQUESTS, METRIC_LABELS(text, "GET", "404"), 1);
	}
	assert_int_equal(count_lines(m, "\nbuoy_http_requests_total{"), METRICS_MAX_SERIES);
	assert_line(m, "buoy_http_requests_total{resource=\"other\",method=\"other\",status=\"other\"} 3977");
	metrics_free(m);
}

static void *count_many(void *arg)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

	for (size_t i = 0; i < 8000; i++)
		metrics_add(arg, METRIC_HTTP_REQUESTS,
			    METRIC_LABELS(names[i % ARRAY_SIZE(names)], "GET", "200"), 1);
	return NULL;
}

static void threads_lose_no_count(void **state)
{
	struct metrics *m = metrics_new();
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, count_many, m);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(count_lines(m, "\nbuoy_http_requests_total{"), 8);
	assert_line(m, "buoy_http_requests_total{resource=\"c\",method=\"GET\",status=\"200\"} 4000");
	metrics_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_and_histograms),
		cmocka_unit_test(sources_are_asked_at_scrape),
		cmocka_unit_test(series_are_bounded),
		cmocka_unit_test(threads_lose_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
