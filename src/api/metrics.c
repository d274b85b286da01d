/* The table of metrics, their counters, and their text.
 * Fed by the daemon's request and commit hooks; printed by GET /metrics. */
#include "api/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

enum kind { COUNTER, GAUGE, HISTOGRAM };

struct row {
	const char *name, *help;
	enum kind kind;
	const char *labels[METRICS_MAX_LABELS + 1];
	const int64_t *buckets; /* upper bounds in microseconds, ended by 0 */
};

/* Room for each row's bounds and the last, unbounded bucket. */
#define MAX_BUCKETS 16
static const int64_t latency[] = {500,    1000,   2500,   5000,    10000,   25000,   50000,
				  100000, 250000, 500000, 1000000, 2500000, 5000000, 0};

static_assert(ARRAY_SIZE(latency) <= MAX_BUCKETS, "a series has room for every bucket");

static const struct row rows[METRIC_COUNT] = {
	[METRIC_HTTP_REQUESTS] = {"buoy_http_requests_total",
				  "Answered requests.",
				  COUNTER,
				  {"resource", "method", "status"}},
	[METRIC_HTTP_SECONDS] = {"buoy_http_request_seconds",
				 "Time from the first line to the answer.",
				 HISTOGRAM,
				 {"resource", "method"},
				 latency},
	[METRIC_COMMIT_SECONDS] =
		{"buoy_commit_seconds", "Time to make one transaction durable.", HISTOGRAM, {NULL}, latency},
	[METRIC_REVISION] = {"buoy_revision", "Revision of the current snapshot.", GAUGE, {NULL}},
	[METRIC_APPLIED_REVISION] = {"buoy_applied_revision",
				     "Revision that the node's kernel has.",
				     GAUGE,
				     {"node"}},
	[METRIC_FAILED_FACTS] = {"buoy_failed_facts",
				 "Kernel objects that could not be set.",
				 GAUGE,
				 {"node"}},
	[METRIC_FLOATING_IP_PACKETS] = {"buoy_floating_ip_packets_total",
					"Packets of a floating IP.",
					COUNTER,
					{"address", "direction"}},
	[METRIC_FLOATING_IP_BYTES] = {"buoy_floating_ip_bytes_total",
				      "Bytes of a floating IP.",
				      COUNTER,
				      {"address", "direction"}},
	[METRIC_FLOATING_IP_DROPPED] = {"buoy_floating_ip_dropped_packets_total",
					"Packets of a floating IP that the data path dropped.",
					COUNTER,
					{"address", "reason"}},
	[METRIC_RESTING] = {"buoy_resting_addresses",
			    "Released addresses that rest, or are held.",
			    GAUGE,
			    {NULL}},
	[METRIC_RESTED] = {"buoy_rests_ended_total",
			   "Rests that have ended: taken_back, own (its project got it anew), over, "
			   "exhausted (the pool had no other).",
			   COUNTER,
			   {"end"}},
	[METRIC_EXPIRED] = {"buoy_expired_total",
			    "What ended by itself when its time had come.",
			    COUNTER,
			    {"what"}},
	[METRIC_DRIFT_HEALED] = {"buoy_drift_healed_total",
				 "Kernel objects that somebody else had changed, and that were put right.",
				 COUNTER,
				 {"node", "kind"}},
	[METRIC_CONNECTIONS] = {"buoy_connections", "Open HTTP connections.", GAUGE, {NULL}},
};

/* One combination of label values; made once, never removed, so that readers need no lock. */
struct series {
	atomic_uint_fast64_t value; /* of a counter */
	atomic_uint_fast64_t sum_us;
	atomic_uint_fast64_t buckets[MAX_BUCKETS];
	size_t text_len;
	char text[]; /* the label values, each with its NUL */
};

/* Open addressing; twice as many slots as series, so that a probe ends. */
#define SLOTS (2 * METRICS_MAX_SERIES)
struct family {
	_Atomic(struct series *) *slots;
	atomic_uint count; /* of `slots` in use */
	metrics_source_fn source;
	void *arg;
};

struct metrics {
	struct family families[METRIC_COUNT];
};

struct metrics_out {
	const struct row *row;
	struct buf *b;
};

struct metrics *metrics_new(void)
{
	struct metrics *m = xalloc(sizeof(*m));

	for (size_t i = 0; i < METRIC_COUNT; i++)
		m->families[i].slots = xalloc(SLOTS * sizeof(*m->families[i].slots));
	return m;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		for (size_t k = 0; k < SLOTS; k++)
			free(atomic_load(&m->families[i].slots[k]));
		free(m->families[i].slots);
	}
	free(m);
}

/* --- counting --- */

static size_t label_count(const struct row *row)
{
	size_t n = 0;

	while (n < METRICS_MAX_LABELS && row->labels[n])
		n++;
	return n;
}

/* Puts the values into one text; longer ones are cut, which only a programming error could need. */
static size_t join(const struct row *row, const char *const *labels, char *text, size_t size)
{
	size_t n = label_count(row), len = 0;

	for (size_t i = 0; i < n; i++) {
		const char *value = labels && labels[i] ? labels[i] : "";
		size_t k = strnlen(value, size / METRICS_MAX_LABELS - 1);

		memcpy(text + len, value, k);
		text[len + k] = 0;
		len += k + 1;
	}
	return len;
}

static uint32_t hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h;
}

static struct series *new_series(const char *text, size_t len)
{
	struct series *s = xalloc(sizeof(*s) + len);

	s->text_len = len;
	memcpy(s->text, text, len);
	return s;
}

/* The series of that text; NULL when it is new and there is no room. */
static struct series *series_find(struct family *f, const char *text, size_t len, unsigned room)
{
	struct series *fresh = NULL;

	for (uint32_t i = hash(text, len);; i++) {
		_Atomic(struct series *) *slot = &f->slots[i % SLOTS];
		struct series *s = atomic_load_explicit(slot, memory_order_acquire);

		if (!s && !fresh) {
			if (atomic_fetch_add(&f->count, 1) >= room) {
				atomic_fetch_sub(&f->count, 1);
				return NULL;
			}
			fresh = new_series(text, len);
		}
		if (!s && atomic_compare_exchange_strong(slot, &s, fresh))
			return fresh;
		if (s->text_len == len && !memcmp(s->text, text, len)) {
			if (fresh) /* another thread was faster */
				atomic_fetch_sub(&f->count, 1);
			free(fresh);
			return s;
		}
	}
}

static struct series *series_get(struct metrics *m, enum metric id, const char *const *labels)
{
	static const char *const other[METRICS_MAX_LABELS] = {"other", "other", "other"};
	struct family *f = &m->families[id];
	char text[384];
	size_t len = join(&rows[id], labels, text, sizeof(text));
	struct series *s = series_find(f, text, len, METRICS_MAX_SERIES - 1);

	if (s)
		return s;
	len = join(&rows[id], other, text, sizeof(text));
	return series_find(f, text, len, SLOTS);
}

void metrics_add(struct metrics *m, enum metric id, const char *const *labels, uint64_t n)
{
	assert(rows[id].kind == COUNTER);
	atomic_fetch_add_explicit(&series_get(m, id, labels)->value, n, memory_order_relaxed);
}

void metrics_observe(struct metrics *m, enum metric id, const char *const *labels, int64_t us)
{
	struct series *s = series_get(m, id, labels);
	const int64_t *bound = rows[id].buckets;
	size_t i = 0;

	assert(rows[id].kind == HISTOGRAM);
	us = MAX(us, 0);
	while (bound[i] && us > bound[i])
		i++;
	atomic_fetch_add_explicit(&s->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->sum_us, (uint64_t)us, memory_order_relaxed);
}

void metrics_source(struct metrics *m, enum metric id, metrics_source_fn fn, void *arg)
{
	m->families[id].source = fn;
	m->families[id].arg = arg;
}

/* --- printing --- */

static void print_escaped(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			buf_printf(b, "\\%c", *text);
		else if (*text == '\n')
			buf_puts(b, "\\n");
		else
			buf_putc(b, *text);
	}
}

/* `bound_us`: of a bucket; 0: no "le" label; negative: le="+Inf". */
static void print_name(struct buf *b, const struct row *row, const char *suffix, const char *const *labels,
		       int64_t bound_us)
{
	size_t n = label_count(row);
	char separator = '{';

	buf_printf(b, "%s%s", row->name, suffix);
	for (size_t i = 0; i < n; i++, separator = ',') {
		buf_printf(b, "%c%s=\"", separator, row->labels[i]);
		print_escaped(b, labels && labels[i] ? labels[i] : "");
		buf_putc(b, '"');
	}
	if (bound_us > 0)
		buf_printf(b, "%cle=\"%g\"", separator, (double)bound_us / 1e6);
	else if (bound_us < 0)
		buf_printf(b, "%cle=\"+Inf\"", separator);
	if (n || bound_us)
		buf_putc(b, '}');
	buf_putc(b, ' ');
}

void metrics_sample(struct metrics_out *out, const char *const *labels, int64_t value)
{
	print_name(out->b, out->row, "", labels, 0);
	buf_printf(out->b, "%" PRId64 "\n", value);
}

static void print_histogram(struct buf *b, const struct row *row, struct series *s, const char *const *labels)
{
	uint64_t below = 0, sum = atomic_load(&s->sum_us);
	size_t i = 0;

	/* The count is the sum of the buckets, so that a scrape is consistent whatever is counted meanwhile.
	 */
	for (; row->buckets[i]; i++) {
		below += atomic_load(&s->buckets[i]);
		print_name(b, row, "_bucket", labels, row->buckets[i]);
		buf_printf(b, "%" PRIu64 "\n", below);
	}
	below += atomic_load(&s->buckets[i]);
	print_name(b, row, "_bucket", labels, -1);
	buf_printf(b, "%" PRIu64 "\n", below);
	print_name(b, row, "_sum", labels, 0);
	buf_printf(b, "%" PRIu64 ".%06" PRIu64 "\n", sum / 1000000, sum % 1000000);
	print_name(b, row, "_count", labels, 0);
	buf_printf(b, "%" PRIu64 "\n", below);
}

static void print_series(struct buf *b, const struct row *row, struct series *s)
{
	const char *labels[METRICS_MAX_LABELS], *p = s->text;
	size_t n = label_count(row);

	for (size_t i = 0; i < n; i++, p += strlen(p) + 1)
		labels[i] = p;
	if (row->kind == HISTOGRAM) {
		print_histogram(b, row, s, labels);
		return;
	}
	print_name(b, row, "", labels, 0);
	buf_printf(b, "%" PRIu64 "\n", (uint64_t)atomic_load(&s->value));
}

void metrics_print(struct metrics *m, struct buf *b)
{
	static const char *const kinds[] = {
		[COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};

	for (size_t i = 0; i < METRIC_COUNT; i++) {
		struct family *f = &m->families[i];
		struct metrics_out out = {&rows[i], b};
		struct series *s;

		buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", rows[i].name, rows[i].help, rows[i].name,
			   kinds[rows[i].kind]);
		if (f->source)
			f->source(f->arg, &out);
		for (size_t k = 0; k < SLOTS; k++)
			if ((s = atomic_load_explicit(&f->slots[k], memory_order_acquire)))
				print_series(b, &rows[i], s);
	}
}
