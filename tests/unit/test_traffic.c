/* Rates and the last hour from counters: time and counters are made up.
 * The floating IPs are those of an API over the store in memory. */
#include "api_fixture.h"

#include "api/traffic.h"

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)
#define BEGIN  (1000000 * MINUTE) /* of a minute */

struct place {
	struct fixture *f;
	struct world w;
	struct traffic *t;
	struct uuid id;
	struct ip ip;
};

static const struct floatingip *floatingip(struct place *p, const struct snap *s)
{
	return snap_get(s, KIND_FLOATINGIP, &p->id);
}

static int setup(void **state)
{
	struct place *p = xalloc(sizeof(*p));

	p->f = fixture_new();
	p->w = world_new(p->f);
	p->t = traffic_new();
	assert_int_equal(uuid_parse(p->w.floatingip, &p->id), 0);
	{
		AUTO_SNAP const struct snap *s = ledger_snap(p->f->ledger);

		p->ip = floatingip(p, s)->floating_ip_address;
	}
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	traffic_free(p->t);
	world_free(&p->w);
	fixture_free(p->f);
	free(p);
	return 0;
}

/* The node counts so many packets in, with 100 bytes each, and half of it out. */
static void sample(struct place *p, int64_t at_us, uint64_t packets)
{
	AUTO_SNAP const struct snap *s = ledger_snap(p->f->ledger);
	const struct node_traffic t = {p->ip, packets, packets * 100, packets / 2, packets / 2 * 100};

	nodes_report(p->f->nodes, &(struct node_report){.node = "n", .traffic = &t, .traffic_count = 1});
	traffic_sample(p->t, p->f->nodes, s, at_us, at_us);
}

static void sample_nothing(struct place *p, int64_t at_us)
{
	AUTO_SNAP const struct snap *s = ledger_snap(p->f->ledger);
	const struct node_traffic none = {0};

	nodes_report(p->f->nodes, &(struct node_report){.node = "n", .traffic = &none});
	traffic_sample(p->t, p->f->nodes, s, at_us, at_us);
}

struct seen {
	int count;
	double rate[TRAFFIC_COUNTERS];
};

static void see(void *arg, const struct uuid *id, const double rate[TRAFFIC_COUNTERS])
{
	struct seen *seen = arg;

	seen->count++;
	memcpy(seen->rate, rate, sizeof(seen->rate));
}

static struct seen rates(struct place *p)
{
	struct seen seen = {0};

	traffic_each_rate(p->t, see, &seen);
	return seen;
}

static void assert_near(double is, double wanted)
{
	if (is < wanted * 0.999 - 1e-9 || is > wanted * 1.001 + 1e-9)
		fail_msg("%f instead of %f", is, wanted);
}

static void rates_are_differences(void **state)
{
	struct place *p = *state;
	struct seen seen;

	sample(p, BEGIN, 1000);
	assert_int_equal(rates(p).count, 0); /* one counter tells nothing */
	sample(p, BEGIN + 2 * SECOND, 1200);
	seen = rates(p);
	assert_int_equal(seen.count, 1);
	assert_near(seen.rate[IN_PACKETS], 100);
	assert_near(seen.rate[IN_BYTES], 10000);
	assert_near(seen.rate[OUT_PACKETS], 50);
	assert_near(traffic_each_rate(p->t, see, &seen), 2.0);
	/* At rest: told once, then no more. */
	sample(p, BEGIN + 4 * SECOND, 1200);
	seen = rates(p);
	assert_int_equal(seen.count, 1);
	assert_near(seen.rate[IN_PACKETS], 0);
	sample(p, BEGIN + 6 * SECOND, 1200);
	assert_int_equal(rates(p).count, 0);
}

static void counters_made_anew_count_from_zero(void **state)
{
	struct place *p = *state;

	sample(p, BEGIN, 1000);
	sample(p, BEGIN + 2 * SECOND, 40);
	assert_near(rates(p).rate[IN_PACKETS], 20);
	/* Not associated for a while, then again. */
	sample_nothing(p, BEGIN + 4 * SECOND);
	assert_near(rates(p).rate[IN_PACKETS], 0);
	sample_nothing(p, BEGIN + 6 * SECOND);
	assert_int_equal(rates(p).count, 0);
	sample(p, BEGIN + 8 * SECOND, 60);
	assert_true(rates(p).rate[IN_PACKETS] >= 0);
	/* The same time twice, or one that runs backwards, makes no rate. */
	sample(p, BEGIN + 8 * SECOND, 70);
	assert_near(rates(p).rate[IN_PACKETS], 0);
	sample(p, BEGIN + 7 * SECOND, 80);
	assert_near(rates(p).rate[IN_PACKETS], 0);
}

static void history_is_by_the_minute(void **state)
{
	struct place *p = *state;
	struct traffic_stats stats;

	sample(p, BEGIN + 30 * SECOND, 0);
	sample(p, BEGIN + 90 * SECOND, 600); /* half of it belongs to either minute */
	traffic_read(p->t, &p->id, BEGIN + 90 * SECOND, &stats);
	assert_int_equal(stats.counter[IN_PACKETS], 600);
	assert_int_equal(stats.last_seen_us, BEGIN + 90 * SECOND);
	assert_int_equal(stats.minutes, 2);
	assert_int_equal(stats.history[0].time, BEGIN / SECOND);
	assert_near(stats.history[0].rate[IN_PACKETS], 300 / 60.0);
	assert_near(stats.history[1].rate[IN_PACKETS], 300 / 30.0); /* a minute that is not over */
	assert_near(stats.history[1].rate[IN_BYTES], 30000 / 30.0);
	/* An hour shows the last sixty minutes; later ones push earlier ones out. */
	for (int64_t m = 2; m < 200; m++)
		sample(p, BEGIN + m * MINUTE, 600 * (uint64_t)m);
	traffic_read(p->t, &p->id, BEGIN + 199 * MINUTE, &stats);
	assert_int_equal(stats.minutes, TRAFFIC_MINUTES);
	assert_int_equal(stats.history[TRAFFIC_MINUTES - 1].time, (BEGIN + 199 * MINUTE) / SECOND);
	for (size_t i = 0; i + 1 < TRAFFIC_MINUTES; i++)
		assert_near(stats.history[i].rate[IN_PACKETS], 10);
	/* A pause shows as zeros. */
	traffic_read(p->t, &p->id, BEGIN + 210 * MINUTE, &stats);
	assert_int_equal(stats.minutes, TRAFFIC_MINUTES);
	assert_near(stats.history[TRAFFIC_MINUTES - 1].rate[IN_PACKETS], 0);
	/* After an hour without traffic nothing is kept. */
	sample(p, BEGIN + 300 * MINUTE, 600 * 199);
	traffic_read(p->t, &p->id, BEGIN + 300 * MINUTE, &stats);
	assert_int_equal(stats.minutes, 0);
	assert_int_not_equal(stats.last_seen_us, 0);
}

static void a_new_floating_ip_has_no_past(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", p->w.floatingip), *body = NULL, *id = NULL;
	struct traffic_stats stats;
	char ip[IP_TEXT];

	sample(p, BEGIN, 0);
	sample(p, BEGIN + 2 * SECOND, 600);
	expect_as(p->f, "member", 204, "DELETE", path, NULL);
	body = xasprintf(
		"{\"floatingip\": {\"floating_network_id\": \"%s\", \"floating_ip_address\": \"%s\"}}",
		p->w.external, ip_print(&p->ip, ip));
	id = create(p->f, "admin", "floatingips", "floatingip", body);
	sample(p, BEGIN + 4 * SECOND, 700);
	assert_int_equal(rates(p).count, 0);
	traffic_read(p->t, &p->id, BEGIN + 4 * SECOND, &stats);
	assert_int_equal(stats.minutes, 0);
	assert_int_equal(uuid_parse(id, &p->id), 0);
	traffic_read(p->t, &p->id, BEGIN + 4 * SECOND, &stats);
	assert_int_equal(stats.minutes, 0);
	assert_int_equal(stats.last_seen_us, 0);
	assert_int_equal(stats.counter[IN_PACKETS], 700);
}

/* What the data path knows itself comes before what follows from counters. */
static void drops_and_the_last_packet_are_as_told(void **state)
{
	struct place *p = *state;
	AUTO_SNAP const struct snap *s = ledger_snap(p->f->ledger);
	struct node_traffic t = {.floating_ip = p->ip,
				 .in_packets = 5,
				 .seen_us = {[EXPRESS_IN] = BEGIN - SECOND},
				 .dropped = {[DROP_RATE_IN] = 3, [DROP_TTL] = 1}};
	struct node_report report = {.node = "n", .traffic = &t, .traffic_count = 1};
	struct traffic_stats stats;

	nodes_report(p->f->nodes, &report);
	traffic_sample(p->t, p->f->nodes, s, BEGIN, BEGIN);
	traffic_read(p->t, &p->id, BEGIN, &stats);
	assert_int_equal(stats.last_seen_us, BEGIN - SECOND);
	assert_int_equal(stats.seen_us[EXPRESS_IN], BEGIN - SECOND);
	assert_int_equal(stats.seen_us[EXPRESS_OUT], 0);
	assert_int_equal(stats.dropped[DROP_RATE_IN], 3);
	assert_int_equal(stats.dropped[DROP_TTL], 1);
	/* Counted, and the data path says when. */
	t.in_packets = 6;
	t.seen_us[EXPRESS_IN] = BEGIN + SECOND;
	nodes_report(p->f->nodes, &report);
	traffic_sample(p->t, p->f->nodes, s, BEGIN + 2 * SECOND, BEGIN + 2 * SECOND);
	traffic_read(p->t, &p->id, BEGIN + 2 * SECOND, &stats);
	assert_int_equal(stats.last_seen_us, BEGIN + SECOND);
	assert_near(stats.rate[IN_PACKETS], 0.5);
	/* Counted by nftables, which does not say. */
	t.out_packets = 1;
	nodes_report(p->f->nodes, &report);
	traffic_sample(p->t, p->f->nodes, s, BEGIN + 4 * SECOND, BEGIN + 4 * SECOND);
	traffic_read(p->t, &p->id, BEGIN + 4 * SECOND, &stats);
	assert_int_equal(stats.last_seen_us, BEGIN + 4 * SECOND);
}

/* A copy of a row, with the lowest of ids. */
static void *copy_of(struct txn *t, enum kind kind, const struct uuid *id)
{
	const struct row *row = txn_get(t, kind, id);
	struct row *draft = txn_new(t, kind), head = *draft;

	assert_non_null(row);
	memcpy(draft, row, shape_of(kind)->size);
	head.id = (struct uuid){.b = {[15] = 1}};
	draft->kind = head.kind;
	draft->id = head.id;
	draft->revision = draft->revision_number = draft->created_at = draft->updated_at = 0;
	return draft;
}

static int number_alike(struct txn *t, void *arg, struct err *err)
{
	struct floatingip *f = copy_of(t, KIND_FLOATINGIP, arg);
	struct network *n = copy_of(t, KIND_NETWORK, &f->floating_network_id);
	struct subnet *sub = copy_of(t, KIND_SUBNET, &f->subnet_id);
	int r;

	n->network_type = "local";
	n->physical_network = NULL;
	sub->network_id = f->floating_network_id = n->row.id;
	f->subnet_id = sub->row.id;
	f->port_id = f->router_id = (struct uuid){0};
	f->fixed_ip_address = (struct ip){0};
	f->project_id = "mallory";
	if ((r = txn_put(t, n, err)) < 0 || (r = txn_put(t, sub, err)) < 0)
		return r;
	return txn_put(t, f, err);
}

/* Who numbers a network of his own as the one outside is not shown what passes another one's address. */
static void the_network_outside_comes_first(void **state)
{
	struct place *p = *state;
	void *region = talloc_new(NULL);
	struct traffic_stats stats;

	assert_int_equal(ledger_write_sync(p->f->ledger, region, &(struct actor){0}, "test", number_alike,
					   &p->id, NULL),
			 0);
	talloc_free(region);
	sample(p, BEGIN, 1000);
	sample(p, BEGIN + 2 * SECOND, 1200);
	traffic_read(p->t, &p->id, BEGIN + 2 * SECOND, &stats);
	assert_near(stats.rate[IN_PACKETS], 100);
	traffic_read(p->t, &(struct uuid){.b = {[15] = 1}}, BEGIN + 2 * SECOND, &stats);
	assert_near(stats.rate[IN_PACKETS], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rates_are_differences, setup, teardown),
		cmocka_unit_test_setup_teardown(counters_made_anew_count_from_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(history_is_by_the_minute, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_floating_ip_has_no_past, setup, teardown),
		cmocka_unit_test_setup_teardown(drops_and_the_last_packet_are_as_told, setup, teardown),
		cmocka_unit_test_setup_teardown(the_network_outside_comes_first, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
