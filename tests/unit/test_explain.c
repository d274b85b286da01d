/* Explanations: what a packet may be, what is said of it, who may ask, and how long one waits.
 * The texts are pure; the route is asked of a whole API, and the test is the agent. */
#include "api_fixture.h"

#include "api/explain.h"
#include "api/words.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>

/* --- words --- */

static void assert_words(const struct words *w, size_t count, bool there)
{
	for (size_t i = 0; i < count; i++) {
		assert_non_null(w[i].name);
		assert_non_null(w[i].text);
		assert_true(strlen(w[i].text) > 10);
		assert_int_not_equal(w[i].text[strlen(w[i].text) - 1], '.');
		assert_int_equal(w[i].there != NULL, there);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(w[i].name, w[k].name);
	}
}

static void every_decision_has_words(void **state)
{
	assert_words(drop_words, DROP_REASONS, false);
	assert_words(slow_words, SLOW_REASONS, true);
}

/* --- what a packet may be --- */

static int parse(const char *text, struct probe_packet *ret, struct err *err)
{
	json_t *body = json_loads(text, 0, NULL);
	int r;

	assert_non_null(body);
	r = explain_parse(body, ret, err);
	json_decref(body);
	return r;
}

static void a_packet_has_defaults(void **state)
{
	struct probe_packet p = {0};
	struct err err = {0};

	assert_int_equal(parse("{\"explain\": {\"address\": \"192.0.2.1\"}}", &p, &err), 0);
	assert_int_equal(p.protocol, IPPROTO_ICMP);
	assert_int_equal(p.direction, PROBE_IN);
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.length, 84);
	assert_int_equal(p.source_port, 0);
	assert_int_equal(parse("{\"explain\": {\"direction\": \"out\", \"address\": \"192.0.2.1\", "
			       "\"protocol\": \"tcp\", \"port\": 443, "
			       "\"df\": true}}",
			       &p, &err),
			 0);
	assert_int_equal(p.direction, PROBE_OUT);
	assert_int_equal(p.port, 443);
	assert_int_not_equal(p.source_port, 0);
	assert_int_equal(p.do_not_fragment, 1);
}

static void what_is_no_packet_is_refused(void **state)
{
	static const char *const members[] = {
		"",
		"\"address\": \"192.0.2.1\", \"direction\": \"up\"",
		"\"address\": \"0.0.0.0\"",
		"\"address\": \"2001:db8::1\"",
		"\"address\": \"192.0.2.1\", \"protocol\": 0",
		"\"address\": \"192.0.2.1\", \"protocol\": 256",
		"\"address\": \"192.0.2.1\", \"protocol\": null",
		"\"address\": \"192.0.2.1\", \"protocol\": \"tcp\"",
		"\"address\": \"192.0.2.1\", \"protocol\": \"tcp\", \"port\": 65536",
		"\"address\": \"192.0.2.1\", \"protocol\": \"tcp\", \"port\": -1",
		"\"address\": \"192.0.2.1\", \"protocol\": \"tcp\", \"port\": 1.5",
		"\"address\": \"192.0.2.1\", \"port\": 1",
		"\"address\": \"192.0.2.1\", \"ttl\": 0",
		"\"address\": \"192.0.2.1\", \"ttl\": 256",
		"\"address\": \"192.0.2.1\", \"length\": 27",
		"\"address\": \"192.0.2.1\", \"length\": 3401",
		"\"address\": \"192.0.2.1\", \"df\": 1",
		"\"address\": \"192.0.2.1\", \"mac\": \"x\"",
	};
	struct probe_packet untouched = {.ttl = 7}, p = untouched;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		AUTO_FREE char *text = xasprintf("{\"explain\": {%s}}", members[i]);
		struct err err = {0};

		if (parse(text, &p, &err) == 0 || err.status != 400)
			fail_msg("not refused: %s", text);
		assert_memory_equal(&p, &untouched, sizeof(p));
	}
}

/* What the agent checks again. */
static void the_check_knows_all_bounds(void **state)
{
	const struct probe_packet good = {
		.other = ip_from_v4(0xc0000201), .length = 84, .protocol = IPPROTO_ICMP, .ttl = 1};
	struct probe_packet p = good;

	assert_int_equal(probe_check(&p, NULL), 0);
#define REFUSED(change)                                                                                      \
	p = good;                                                                                            \
	change;                                                                                              \
	assert_true(probe_check(&p, NULL) < 0)
	REFUSED(p.direction = 2);
	REFUSED(p.do_not_fragment = 2);
	REFUSED(p.ttl = 0);
	REFUSED(p.protocol = 0);
	REFUSED(p.length = 20);
	REFUSED(p.length = UINT16_MAX);
	REFUSED(p.port = 1);
	REFUSED(memset(&p.other, 0xff, sizeof(p.other)));
#undef REFUSED
}

/* --- what is said --- */

static const struct explain_facts facts = {.project = "p",
					   .status = "ACTIVE",
					   .port = "web1",
					   .router = "r1",
					   .router_up = true,
					   .port_up = true,
					   .plugged = true};

static json_t *tell(const struct explain_facts *f, const struct probe_answer *a)
{
	const struct probe_packet p = {
		.other = ip_from_v4(0xc0000201), .length = 84, .protocol = 1, .ttl = 64};
	struct buf b = {0};
	json_t *all, *told;

	explain_print(f, &p, a, &b);
	all = json_loads(buf_text(&b), 0, NULL);
	if (!all)
		fail_msg("no JSON: %s", buf_text(&b));
	told = json_incref(json_object_get(all, "explanation"));
	json_decref(all);
	buf_done(&b);
	return told;
}

static void assert_told(const struct explain_facts *f, const struct probe_answer *a, const char *verdict,
			const char *word)
{
	json_t *told = tell(f, a);
	char *text = json_dumps(told, 0);

	assert_string_equal(json_string_value(json_object_get(told, "verdict")), verdict);
	if (!strstr(text, word))
		fail_msg("no \"%s\" in %s", word, text);
	free(text);
	json_decref(told);
}

static void each_state_is_told(void **state)
{
	struct explain_facts f = facts;
	struct probe_answer a = {.state = PROBE_UNPLANNED};

	assert_told(&f, &a, "nobody", "This node does not translate it");
	a.state = PROBE_NFT;
	assert_told(&f, &a, "router", "\"datapath\": \"nft\"");
	a.state = PROBE_MISSING;
	assert_told(&f, &a, "nobody", "no entry");
	a = (struct probe_answer){.state = PROBE_FAILED, .why = "a \"reason\""};
	assert_told(&f, &a, "nobody", "a \\\"reason\\\"");
	f.router_up = false;
	assert_told(&f, &a, "nobody", "switched off");
	f.router = NULL;
	assert_told(&f, &a, "nobody", "No router leads to it");
	f.port = NULL;
	assert_told(&f, NULL, "nobody", "no port");
	f.failure = "somebody else answers";
	assert_told(&f, NULL, "nobody", "somebody else answers");
}

/* Whatever the agent answers, each decision is told. */
static void each_decision_is_told(void **state)
{
	for (uint8_t verdict = 0; verdict <= VERDICT_TRANSLATE + 1; verdict++)
		for (uint8_t reason = 0; reason <= SLOW_REASONS; reason++) {
			struct probe_answer a = {.has_after = 1};
			json_t *told;

			a.run[PROBE_FIRST] = (struct probe_run){1, 1, verdict, reason};
			told = tell(&facts, &a);
			assert_true(json_array_size(json_object_get(told, "steps")) >= 4);
			json_decref(told);
			if (verdict == VERDICT_DROP && reason < DROP_REASONS)
				assert_told(&facts, &a, "drop", drop_words[reason].text);
			if (verdict == VERDICT_ROUTER && reason < SLOW_REASONS && reason != SLOW_TTL)
				assert_told(&facts, &a, "router", slow_words[reason].text);
		}
}

static void the_slow_way_has_ends(void **state)
{
	struct probe_answer a = {.routed = 1, .route = -ENETUNREACH};

	a.run[PROBE_FIRST] = (struct probe_run){1, 1, VERDICT_ROUTER, SLOW_STATION};
	assert_told(&facts, &a, "drop", "does not route it");
	a.route = 0;
	a.local = 1;
	assert_told(&facts, &a, "router", "for itself");
	a.run[PROBE_LEG_IN] = (struct probe_run){1, 1, VERDICT_DROP, DROP_RATE_IN};
	assert_told(&facts, &a, "drop", "rate_in");
}

/* --- the route --- */

static struct probe_question asked;
static bool refuses;

static bool take_question(const struct probe_question *q)
{
	asked = *q;
	return !refuses;
}

struct place {
	struct fixture *f;
	struct world w;
};

static int setup(void **state)
{
	struct place *p = xalloc(sizeof(*p));

	p->f = fixture_new();
	p->w = world_new(p->f);
	assert_int_equal(asks_new(take_question, &p->f->api->asks, NULL), 0);
	refuses = false;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	world_free(&p->w);
	fixture_free(p->f);
	free(p);
	return 0;
}

static void only_its_project_may_ask(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s/explain", p->w.floatingip);
	const char *body = "{\"explain\": {\"address\": \"192.0.2.1\"}}";

	expect_as(p->f, "stranger", 404, "POST", path, body);
	expect_as(p->f, "member", 400, "POST", path, "{}");
	expect_as(p->f, "member", 200, "POST", path, body); /* associated with no port: nobody is asked */
	assert_string_equal(text_at(p->f, "explanation.verdict"), "nobody");
	assert_string_equal(text_at(p->f, "explanation.packet.before.source"), "192.0.2.1");
	assert_true(json_is_null(value_at(p->f, "explanation.packet.after")));
	expect_as(p->f, "member", 405, "GET", path, NULL);
}

/* --- waiting --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static int answers, late;

static void on_answer(void *arg, const struct probe_answer *a)
{
	pthread_mutex_lock(&lock);
	answers += a != NULL;
	late += a == NULL;
	pthread_cond_signal(&came);
	pthread_mutex_unlock(&lock);
}

static void questions_end(void **state)
{
	struct probe_question q = {0};
	struct err err = {0};
	struct asks *a;

	answers = late = 0;
	assert_int_equal(asks_new(take_question, &a, NULL), 0);
	/* Answered: once, and by its own answer. */
	assert_int_equal(asks_put(a, &q, INT64_MAX, on_answer, NULL, &err), 0);
	asks_answer(a, &(struct probe_answer){.id = asked.id + 1});
	asks_answer(a, &(struct probe_answer){.id = 0});
	assert_int_equal(answers, 0);
	asks_answer(a, &(struct probe_answer){.id = asked.id});
	asks_answer(a, &(struct probe_answer){.id = asked.id});
	assert_int_equal(answers, 1);
	/* Too late. */
	assert_int_equal(asks_put(a, &q, clock_mono_us(), on_answer, NULL, &err), 0);
	pthread_mutex_lock(&lock);
	while (!late)
		pthread_cond_wait(&came, &lock);
	pthread_mutex_unlock(&lock);
	/* Too many, and nobody to send to. */
	for (int i = 0; i < ASKS_MAX; i++)
		assert_int_equal(asks_put(a, &q, INT64_MAX, on_answer, NULL, &err), 0);
	assert_true(asks_put(a, &q, INT64_MAX, on_answer, NULL, &err) < 0);
	assert_int_equal(err.status, 503);
	asks_free(a); /* who still waits is told */
	assert_int_equal(late, 1 + ASKS_MAX);
	assert_int_equal(asks_new(take_question, &a, NULL), 0);
	refuses = true;
	assert_true(asks_put(a, &q, INT64_MAX, on_answer, NULL, &err) < 0);
	refuses = false;
	asks_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_decision_has_words),
		cmocka_unit_test(a_packet_has_defaults),
		cmocka_unit_test(what_is_no_packet_is_refused),
		cmocka_unit_test(the_check_knows_all_bounds),
		cmocka_unit_test(each_state_is_told),
		cmocka_unit_test(each_decision_is_told),
		cmocka_unit_test(the_slow_way_has_ends),
		cmocka_unit_test_setup_teardown(only_its_project_may_ask, setup, teardown),
		cmocka_unit_test(questions_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
