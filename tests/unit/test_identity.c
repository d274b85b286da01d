/* Tokens and log-ins: what opens a door and what does not.
 * Through the real frame, over HTTP, with the store in memory. */
#include "identity_fixture.h"

/* --- tokens --- */

static struct token sample(void)
{
	struct token t = {.methods = METHOD_PASSWORD,
			  .scope = SCOPE_PROJECT,
			  .issued_us = 1700000000123456,
			  .expires_us = 1700003600123456,
			  .generation = 42};

	memset(&t.user_id, 1, 16);
	memset(&t.scope_id, 2, 16);
	memset(&t.audit_id, 3, 16);
	return t;
}

static void test_token_round_trip(void **state)
{
	uint8_t key[TOKEN_KEY_BYTES] = {7}, other[TOKEN_KEY_BYTES] = {8};
	struct token in = sample(), out = {0};
	char text[TOKEN_TEXT], again[TOKEN_TEXT], micros[MICROS_TEXT];

	token_seal(key, &in, text);
	assert_int_equal(strlen(text), TOKEN_TEXT - 1);
	assert_true(strlen(text) < 255);
	assert_int_equal(token_open(key, text, &out), 0);
	assert_memory_equal(&out.user_id, &in.user_id, 16);
	assert_memory_equal(&out.scope_id, &in.scope_id, 16);
	assert_memory_equal(&out.audit_id, &in.audit_id, 16);
	assert_int_equal(out.methods, in.methods);
	assert_int_equal(out.scope, in.scope);
	assert_true(out.issued_us == in.issued_us && out.expires_us == in.expires_us && out.generation == 42);
	assert_int_equal(token_open(other, text, &out), -EACCES);
	token_seal(key, &in, again);
	assert_string_not_equal(text, again);
	assert_string_equal(micros_print(in.issued_us, micros), "2023-11-14T22:13:20.123456Z");
}

/* Every bit of every byte: nothing but what was sealed opens. */
static void test_token_damaged(void **state)
{
	uint8_t key[TOKEN_KEY_BYTES] = {7};
	struct token in = sample(), out;
	char text[TOKEN_TEXT], bad[TOKEN_TEXT + 8];

	token_seal(key, &in, text);
	for (size_t i = 0; i < TOKEN_TEXT - 1; i++)
		for (int bit = 0; bit < 8; bit++) {
			strcpy(bad, text);
			bad[i] = (char)(bad[i] ^ (1 << bit));
			assert_int_equal(token_open(key, bad, &out), -EACCES);
		}
	for (size_t i = 0; i < TOKEN_TEXT - 1; i++) {
		strcpy(bad, text);
		bad[i] = '\0';
		assert_int_equal(token_open(key, bad, &out), -EACCES);
	}
	snprintf(bad, sizeof(bad), "%sA", text);
	assert_int_equal(token_open(key, bad, &out), -EACCES);
	snprintf(bad, sizeof(bad), "%s=", text);
	assert_int_equal(token_open(key, bad, &out), -EACCES);
}

/* --- log-ins --- */

static void test_versions(void **state)
{
	struct fixture *f = *state;

	expect_as(f, NULL, 300, "GET", "/identity", NULL);
	assert_string_equal(text_at(f, "versions.values.0.id"), "v3.14");
	assert_string_equal(text_at(f, "versions.values.0.links.0.href"),
			    "http://buoy.test:9696/identity/v3/");
	expect_as(f, NULL, 200, "GET", "/identity/v3/", NULL);
	assert_string_equal(text_at(f, "version.links.0.href"), "http://buoy.test:9696/identity/v3/");
}

static void test_login(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f), *other = NULL;

	assert_int_equal(strlen(token), TOKEN_TEXT - 1);
	assert_string_equal(text_at(f, "token.user.name"), "admin");
	assert_string_equal(text_at(f, "token.user.domain.id"), "default");
	assert_string_equal(text_at(f, "token.project.name"), "admin");
	assert_string_equal(text_at(f, "token.project.domain.name"), "Default");
	assert_string_equal(text_at(f, "token.methods.0"), "password");
	assert_string_equal(text_at(f, "token.catalog.1.type"), "network");
	assert_string_equal(text_at(f, "token.catalog.1.endpoints.0.url"), "http://buoy.test:9696");
	assert_int_equal(json_array_size(value_at(f, "token.roles")), 3);
	assert_int_equal(strlen(text_at(f, "token.expires_at")), 27);
	assert_true(json_is_null(value_at(f, "token.user.password_expires_at")));
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens?nocatalog",
		  LOGIN("admin", ADMIN_PASSWORD, ON_PROJECT("admin")));
	assert_null(value_at(f, "token.catalog"));
	/* Without a scope: the default project. */
	other = token_from(f, LOGIN("admin", ADMIN_PASSWORD, ""));
	assert_string_equal(text_at(f, "token.project.name"), "admin");
	expect_as(f, other, 200, "GET", "/v2.0/networks", NULL);
	free(other);
	other = token_from(f, LOGIN("admin", ADMIN_PASSWORD, ", \"scope\": {\"unscoped\": {}}"));
	assert_null(value_at(f, "token.project"));
	assert_null(value_at(f, "token.roles"));
	expect_as(f, other, 403, "GET", "/v2.0/networks", NULL);
	expect_as(f, other, 200, "GET", V3 "/auth/projects", NULL);
	assert_string_equal(names_in(f, "projects"), "admin");
}

static void test_login_refused(void **state)
{
	static const struct {
		int status;
		const char *body;
	} cases[] = {
		{401, LOGIN("admin", "wrong", "")},
		{401, LOGIN("nobody", ADMIN_PASSWORD, "")},
		{401, LOGIN("admin", ADMIN_PASSWORD, ON_PROJECT("nowhere"))},
		{401, LOGIN("admin", ADMIN_PASSWORD, ", \"scope\": {\"domain\": {\"id\": \"default\"}}")},
		{401, LOGIN("admin", ADMIN_PASSWORD, ", \"scope\": {\"system\": {\"all\": true}}")},
		{401, LOGIN("admin", ADMIN_PASSWORD, ", \"scope\": {\"OS-TRUST:trust\": {\"id\": \"1\"}}")},
		{401, "{\"auth\": {\"identity\": {\"methods\": [\"totp\"], \"totp\": {}}}}"},
		{401, "{\"auth\": {\"identity\": {\"methods\": [\"password\", \"token\"]}}}"},
		{401, "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"x\"}}}}"},
		{400, "{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": 1}}}}"},
		{400, "{\"auth\": {\"identity\": {\"methods\": [\"password\"]}}}"},
		{400,
		 "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": 1}}}}"},
		{400, "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": "
		      "{\"name\": \"admin\", \"password\": \"x\"}}}}}"},
		{400, "{\"auth\": {\"identity\": {\"methods\": []}}}"},
		{400, "{\"auth\": {\"identity\": {\"methods\": \"password\"}}}"},
		{400, "{\"auth\": {\"scope\": 7, \"identity\": {\"methods\": [\"token\"], \"token\": "
		      "{\"id\": \"\"}}}}"},
		{400, "{\"auth\": []}"},
		{400, "{}"},
		{400, "not JSON"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		expect_as(f, NULL, cases[i].status, "POST", V3 "/auth/tokens", cases[i].body);
		assert_int_equal(json_integer_value(value_at(f, "error.code")), cases[i].status);
	}
	expect_as(f, NULL, 401, "GET", V3 "/auth/projects", NULL);
	expect_as(f, "buoy_nonsense", 401, "GET", V3 "/auth/projects", NULL);
	assert_non_null(strcasestr(buf_text(&f->headers), "WWW-Authenticate"));
}

static void test_token_method(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *first = token_from(f, LOGIN("bob", "pw", "")), *ends = NULL, *body = NULL,
		       *second = NULL;

	ends = xstrdup(text_at(f, "token.expires_at"));
	assert_null(value_at(f, "token.project"));
	body = xasprintf("{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"%s\"}}, "
			 "\"scope\": {\"project\": {\"id\": \"%s\"}}}}",
			 first, p.project);
	second = token_from(f, body);
	assert_string_equal(text_at(f, "token.project.name"), "demo");
	/* No token lives on by being exchanged. */
	assert_string_equal(text_at(f, "token.expires_at"), ends);
	assert_string_equal(text_at(f, "token.methods.1"), "token");
	people_free(&p);
}

/* --- tokens that were good once --- */

static char *sealed(const struct fixture *f, const char *from, int64_t expires_us, bool other_audit)
{
	struct token t;
	char text[TOKEN_TEXT];

	assert_int_equal(token_open(f->api->identity->token_key, from, &t), 0);
	t.expires_us = expires_us;
	if (other_audit)
		t.audit_id.b[0] ^= 1;
	token_seal(f->api->identity->token_key, &t, text);
	return xstrdup(text);
}

static void test_expired(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *good = admin_token(f);
	AUTO_FREE char *old = sealed(f, good, clock_now_us() - 1, false);
	AUTO_FREE char *fresh = sealed(f, good, clock_now_us() + 60000000, false);

	expect_as(f, old, 401, "GET", V3 "/auth/projects", NULL);
	expect_as(f, fresh, 200, "GET", V3 "/auth/projects", NULL);
}

static void test_revoked(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *second = token_from(f, LOGIN("bob", "pw", ON_PROJECT("demo")));

	assert_int_equal(about(f, "GET", p.token, p.token), 200);
	assert_string_equal(text_at(f, "token.user.name"), "bob");
	assert_int_equal(about(f, "HEAD", p.token, p.token), 200);
	assert_int_equal(about(f, "GET", p.admin, p.token), 200);
	assert_int_equal(about(f, "GET", p.token, p.admin), 403);
	assert_int_equal(about(f, "DELETE", p.token, p.admin), 403);
	assert_int_equal(about(f, "GET", p.admin, "nonsense"), 404);
	expect_as(f, p.token, 400, "GET", V3 "/auth/tokens", NULL);
	assert_int_equal(about(f, "DELETE", p.token, p.token), 204);
	expect_as(f, p.token, 401, "GET", V3 "/auth/projects", NULL);
	assert_int_equal(about(f, "GET", p.admin, p.token), 404);
	expect_as(f, second, 200, "GET", V3 "/auth/projects", NULL);
	people_free(&p);
}

static void test_roles_at_once(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);

	expect_as(f, p.token, 201, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"n\"}}");
	grant(f, p.admin, 204, "PUT", p.project, p.bob, p.reader);
	grant(f, p.admin, 204, "DELETE", p.project, p.bob, p.member);
	/* A reader now, with the same token. */
	expect_as(f, p.token, 200, "GET", "/v2.0/networks", NULL);
	expect_as(f, p.token, 403, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"n2\"}}");
	grant(f, p.admin, 204, "DELETE", p.project, p.bob, p.reader);
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	people_free(&p);
}

static void change(struct fixture *f, const char *admin, const char *plural, const char *id, const char *body)
{
	AUTO_FREE char *path = xasprintf(V3 "/%s/%s", plural, id);

	expect_as(f, admin, 200, "PATCH", path, body);
}

static void test_disabled(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);

	change(f, p.admin, "projects", p.project, "{\"project\": {\"enabled\": false}}");
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("bob", "pw", ON_PROJECT("demo")));
	change(f, p.admin, "projects", p.project, "{\"project\": {\"enabled\": true}}");
	expect_as(f, p.token, 200, "GET", "/v2.0/networks", NULL);
	change(f, p.admin, "users", p.bob, "{\"user\": {\"enabled\": false}}");
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("bob", "pw", ""));
	change(f, p.admin, "users", p.bob, "{\"user\": {\"enabled\": true}}");
	/* What was voided stays void. */
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", LOGIN("bob", "pw", ""));
	people_free(&p);
}

static void test_password_changed(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *path = xasprintf(V3 "/users/%s/password", p.bob), *fresh = NULL;

	expect_as(f, p.token, 401, "POST", path,
		  "{\"user\": {\"original_password\": \"no\", \"password\": \"p2\"}}");
	expect_as(f, p.token, 400, "POST", path, "{\"user\": {\"original_password\": \"pw\"}}");
	expect_as(f, p.admin, 403, "POST", path,
		  "{\"user\": {\"original_password\": \"pw\", \"password\": \"p2\"}}");
	expect_as(f, p.token, 204, "POST", path,
		  "{\"user\": {\"original_password\": \"pw\", \"password\": \"p2\"}}");
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("bob", "pw", ""));
	fresh = token_from(f, LOGIN("bob", "p2", ON_PROJECT("demo")));
	change(f, p.admin, "users", p.bob, "{\"user\": {\"password\": \"p3\"}}");
	expect_as(f, fresh, 401, "GET", "/v2.0/networks", NULL);
	expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("bob", "p2", ""));
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", LOGIN("bob", "p3", ""));
	change(f, p.admin, "users", p.bob, "{\"user\": {\"password\": null}}");
	expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("bob", "p3", ""));
	people_free(&p);
}

/* --- the first administrator, the key --- */

static void test_bootstrap(void **state)
{
	struct fixture *f = *state;
	const struct bootstrap again = {"admin", "admin", NULL}, empty = {"a", "b", ""};
	void *region = talloc_new(NULL);
	const char *password = NULL;
	struct err err = {0};

	assert_int_equal(identity_bootstrap(f->ledger, region, &again, &password, &err), -EEXIST);
	assert_int_equal(identity_bootstrap(f->ledger, region, &empty, &password, &err), -EINVAL);
	assert_null(password);
	talloc_free(region);
}

/* The key is the database's: a daemon that starts anew knows the tokens of the one before. */
static void test_key_stays(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f);
	struct err err = {0};

	identity_free(f->api->identity);
	assert_int_equal(identity_new(f->api, &f->api->identity, &err), 0);
	expect_as(f, token, 200, "GET", V3 "/auth/projects", NULL);
}

/* Hashes and keys do not reach the event log. */
static void test_events_hold_no_secrets(void **state)
{
	struct fixture *f = *state;
	AUTO_SNAP const struct snap *s = ledger_snap(f->ledger);
	const enum kind kinds[] = {KIND_USER, KIND_SECRET};
	AUTO_BUF struct buf b = {0};
	struct scan scan;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		encode_event(scan_kind(&scan, s, kinds[i], NULL), &b);
	assert_non_null(strstr(buf_text(&b), "admin"));
	assert_null(strstr(buf_text(&b), "argon2"));
	assert_null(strstr(buf_text(&b), "\"value\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token_round_trip),
		cmocka_unit_test(test_token_damaged),
		IDENTITY(test_versions),
		IDENTITY(test_login),
		IDENTITY(test_login_refused),
		IDENTITY(test_token_method),
		IDENTITY(test_expired),
		IDENTITY(test_revoked),
		IDENTITY(test_roles_at_once),
		IDENTITY(test_disabled),
		IDENTITY(test_password_changed),
		IDENTITY(test_bootstrap),
		IDENTITY(test_key_stays),
		IDENTITY(test_events_hold_no_secrets),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
