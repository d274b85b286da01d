/* Log-in attempts: many at once, many in a row; what they cost is bounded, and others still get in.
 * The throttle alone with times made up, then everything over HTTP. */
#include "identity_fixture.h"

#define SECOND 1000000LL

static int passwords_setup(void **state)
{
	return passwords_new((struct passwords **)state, NULL);
}

static int passwords_teardown(void **state)
{
	passwords_free(*state);
	return 0;
}

static void fail_times(struct passwords *p, int n, const char *who, const char *peer, int64_t now_us)
{
	for (int i = 0; i < n; i++)
		throttle_note(p, who, peer, false, now_us);
}

static void test_throttle_grows(void **state)
{
	struct passwords *p = *state;
	int64_t now = 1000 * SECOND;

	fail_times(p, 9, "bob", "10.0.0.1", now);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 0);
	fail_times(p, 1, "bob", "10.0.0.1", now);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 1);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now + SECOND), 0);
	fail_times(p, 1, "bob", "10.0.0.1", now);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 2);
	fail_times(p, 10, "bob", "10.0.0.1", now);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 60);
	/* Others, and the same user from elsewhere. */
	assert_int_equal(throttle_wait(p, "eve", "10.0.0.1", now), 0);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.2", now), 0);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now + 3600 * SECOND), 0);
}

static void test_throttle_clears(void **state)
{
	struct passwords *p = *state;
	int64_t now = 1000 * SECOND;

	fail_times(p, 12, "bob", "10.0.0.1", now);
	throttle_note(p, "bob", "10.0.0.1", true, now);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 0);
}

static void test_throttle_address_and_user(void **state)
{
	struct passwords *p = *state;
	int64_t now = 1000 * SECOND;
	char text[32];

	/* One address that tries many names; an own account there does not clear it. */
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "user%d", i);
		throttle_note(p, text, "10.0.0.9", false, now);
	}
	throttle_note(p, "mine", "10.0.0.9", true, now);
	assert_int_equal(throttle_wait(p, "another", "10.0.0.9", now), 60);
	/* Many addresses, one user: it is slowed down, never locked out. */
	for (int i = 0; i < 20000; i++) { /* many more than there are slots */
		snprintf(text, sizeof(text), "10.1.%d.%d", i / 250, i % 250);
		throttle_note(p, "bob", text, false, now);
	}
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 2);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now + 2 * SECOND), 0);
}

static void test_bucket(void **state)
{
	struct passwords *p = *state;
	int64_t now = 1000 * SECOND;

	for (int i = 0; i < 30; i++) {
		assert_int_equal(hashes_wait(p, "bob", now), 0);
		hashes_note(p, "bob", now);
	}
	assert_int_equal(hashes_wait(p, "bob", now), 1);
	assert_int_equal(hashes_wait(p, "eve", now), 0);
	assert_int_equal(throttle_wait(p, "bob", "10.0.0.1", now), 0);
	/* Asking often does not stop the drips. */
	for (int i = 0; i < 10; i++)
		hashes_wait(p, "bob", now + i * SECOND / 10);
	assert_int_equal(hashes_wait(p, "bob", now + SECOND), 0);
	hashes_note(p, "bob", now + SECOND);
	assert_int_equal(hashes_wait(p, "bob", now + SECOND), 1);
	assert_int_equal(hashes_wait(p, "bob", now + 3600 * SECOND), 0);
}

static void test_recent(void **state)
{
	const struct uuid bob = {{1}}, eve = {{2}};
	struct passwords *p = *state;

	assert_false(password_recent(p, &bob, "hash", "pw"));
	password_remember(p, &bob, "hash", "pw");
	assert_true(password_recent(p, &bob, "hash", "pw"));
	assert_false(password_recent(p, &bob, "hash", "pw2"));
	assert_false(password_recent(p, &bob, "hash2", "pw"));
	assert_false(password_recent(p, &eve, "hash", "pw"));
}

static void test_hashes(void **state)
{
	struct passwords *p = *state;
	void *region = talloc_new(NULL);
	const char *hash = password_hash(region, "pw"), *fast = secret_hash(region, "s3cret");
	char a[SECRET_TEXT], b[SECRET_TEXT];

	assert_true(password_verify(p, hash, "pw"));
	assert_false(password_verify(p, hash, "pW"));
	assert_false(password_verify(p, NULL, "pw"));
	assert_false(password_verify(p, "garbage", "pw"));
	assert_true(secret_verify(fast, "s3cret"));
	assert_false(secret_verify(fast, "s3cre"));
	assert_false(secret_verify("$buoy-b2$x", "s3cret"));
	assert_true(secret_is_fast(fast) && !secret_is_fast(hash));
	secret_make(a);
	secret_make(b);
	assert_string_not_equal(a, b);
	talloc_free(region);
}

/* --- over HTTP --- */

static void test_many_in_a_row(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f), *after = NULL;

	for (int i = 0; i < 10; i++)
		expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("admin", "guess", ""));
	expect_as(f, NULL, 429, "POST", V3 "/auth/tokens", LOGIN("admin", "guess", ""));
	after = header_of(f, "Retry-After");
	assert_non_null(after);
	assert_true(atoi(after) >= 1);
	/* Who is in stays in, and who has logged in lately gets in. */
	expect_as(f, token, 200, "GET", V3 "/auth/projects", NULL);
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", LOGIN("admin", ADMIN_PASSWORD, ""));
	/* A name that nobody has is answered in the same way. */
	for (int i = 0; i < 10; i++)
		expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("ghost", "guess", ""));
	expect_as(f, NULL, 429, "POST", V3 "/auth/tokens", LOGIN("ghost", "guess", ""));
	/* Also when its domain is called otherwise, as it is for a user who exists. */
	expect_as(
		f, NULL, 429, "POST", V3 "/auth/tokens",
		"{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"name\": "
		"\"ghost\", \"domain\": {\"id\": \"default\"}, \"password\": \"guess\"}}}}}");
}

/* Nobody keeps the hashing threads busy with what it may do: own secrets, its password, log-ins. */
static void test_own_hashes(void **state)
{
	static const char cred[] = "{\"application_credential\": {\"name\": \"x\", \"secret\": \"weak\"}}";
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *creds = xasprintf(V3 "/users/%s/application_credentials", p.bob);
	AUTO_FREE char *password = xasprintf(V3 "/users/%s/password", p.bob), *after = NULL;

	for (int i = 0; i < 1000; i++)
		hashes_note(f->api->identity->passwords, p.bob, clock_mono_us());
	expect_as(f, p.token, 429, "POST", creds, cred);
	after = header_of(f, "Retry-After");
	assert_true(after && atoi(after) > 1);
	expect_as(f, p.token, 429, "POST", password,
		  "{\"user\": {\"original_password\": \"pw\", \"password\": \"new\"}}");
	/* What costs nothing goes on: a secret that we make, a password that is remembered. */
	expect_as(f, p.token, 201, "POST", creds, "{\"application_credential\": {\"name\": \"x\"}}");
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", LOGIN("bob", "pw", ""));
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", LOGIN("admin", ADMIN_PASSWORD, ""));
	people_free(&p);
}

#define AT_ONCE 50 /* less than the connections that the fixture's server takes */

static CURL *attempt(struct fixture *f, const char *url, const char *body, struct buf *sink)
{
	CURL *curl = curl_easy_init();

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
	return curl;
}

static void run_all(CURLM *multi)
{
	int running = 1;

	while (running) {
		assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
		if (running)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

/* More at once than the queue holds: some are checked, the others are told to come back; nothing else
 * suffers. */
static void test_many_at_once(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f), *url = NULL;
	AUTO_BUF struct buf sink = {0};
	CURLM *multi = curl_multi_init();
	CURL *list[AT_ONCE];
	int refused = 0, checked = 0;

	jobs_free(f->api->jobs);
	assert_int_equal(jobs_new(1, 4, &f->api->jobs, NULL), 0);

	url = xasprintf("http://127.0.0.1:%u" V3 "/auth/tokens", http_port(f->server));
	for (int i = 0; i < AT_ONCE; i++) {
		AUTO_FREE char *body =
			xasprintf("{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": "
				  "{\"user\": {\"id\": \"nobody%d\", \"password\": \"x\"}}}}}",
				  i);

		list[i] = attempt(f, url, body, &sink);
		curl_multi_add_handle(multi, list[i]);
	}
	run_all(multi);
	for (int i = 0; i < AT_ONCE; i++) {
		long status = 0;

		curl_easy_getinfo(list[i], CURLINFO_RESPONSE_CODE, &status);
		if (status == 401)
			checked++;
		else if (status == 503)
			refused++;
		else
			fail_msg("status %ld", status);
		curl_multi_remove_handle(multi, list[i]);
		curl_easy_cleanup(list[i]);
	}
	curl_multi_cleanup(multi);
	assert_true(checked > 0 && refused > 0);
	expect_as(f, token, 200, "GET", V3 "/auth/projects", NULL);
}

#define ALONE(test) cmocka_unit_test_setup_teardown(test, passwords_setup, passwords_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_throttle_grows),
		ALONE(test_throttle_clears),
		ALONE(test_throttle_address_and_user),
		ALONE(test_bucket),
		ALONE(test_recent),
		ALONE(test_hashes),
		IDENTITY(test_many_in_a_row),
		IDENTITY(test_own_hashes),
		IDENTITY(test_many_at_once),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
