/* Users, projects, domains, roles, assignments, application credentials: who may do what, and what goes with
 * what. Through the real frame, over HTTP, with the store in memory. */
#include "identity_fixture.h"

static void test_create_show_change_delete(void **state)
{
	static const char *const kinds[][2] = {
		{"projects", "project"}, {"users", "user"}, {"roles", "role"}, {"domains", "domain"}};
	struct fixture *f = *state;
	AUTO_FREE char *admin = admin_token(f);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *plural = kinds[i][0], *name = kinds[i][1];
		AUTO_FREE char *body = xasprintf("{\"%s\": {\"name\": \"x\", \"description\": \"d\"}}", name);
		AUTO_FREE char *off = xasprintf("{\"%s\": {\"enabled\": false}}", name);
		AUTO_FREE char *other = xasprintf("{\"%s\": {\"name\": \"y\"}}", name);
		AUTO_FREE char *id = make(f, admin, plural, name, body), *where = NULL;
		AUTO_FREE char *list = xasprintf(V3 "/%s", plural);
		AUTO_FREE char *path = xasprintf(V3 "/%s/%s", plural, id);

		expect_as(f, admin, 409, "POST", list, body);
		expect_as(f, admin, 200, "PATCH", path, other);
		where = xasprintf("%s.name", name);
		assert_string_equal(text_at(f, where), "y");
		expect_as(f, admin, 200, "GET", path, NULL);
		free(where);
		where = xasprintf("%s.links.self", name);
		assert_non_null(strstr(text_at(f, where), path));
		expect_as(f, admin, 400, "PATCH", path, "{}");
		if (strcmp(name, "domain") == 0) {
			expect_as(f, admin, 403, "DELETE", path, NULL);
			expect_as(f, admin, 200, "PATCH", path, off);
		}
		expect_as(f, admin, 204, "DELETE", path, NULL);
		expect_as(f, admin, 404, "GET", path, NULL);
		expect_as(f, admin, 404, "DELETE", path, NULL);
		expect_as(f, admin, 404, "PATCH", path, other);
	}
	expect_as(f, admin, 404, "GET", V3 "/users/admin", NULL);
	expect_as(f, admin, 403, "DELETE", V3 "/domains/default", NULL);
	expect_as(f, admin, 404, "GET", V3 "/credentials", NULL);
	assert_int_equal(json_integer_value(value_at(f, "error.code")), 404);
}

static void test_filters(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);

	free(make(f, p.admin, "projects", "project",
		  "{\"project\": {\"name\": \"off\", \"enabled\": false}}"));
	expect_as(f, p.admin, 200, "GET", V3 "/projects?enabled=False", NULL);
	assert_string_equal(names_in(f, "projects"), "off");
	expect_as(f, p.admin, 200, "GET", V3 "/projects?domain_id=default&name=demo&unheard_of=1", NULL);
	assert_string_equal(names_in(f, "projects"), "demo");
	assert_true(json_is_null(value_at(f, "links.next")));
	expect_as(f, p.admin, 200, "GET", V3 "/projects?domain_id=nonsense", NULL);
	assert_string_equal(names_in(f, "projects"), "");
	expect_as(f, p.admin, 200, "GET", V3 "/users?name=bob", NULL);
	assert_string_equal(text_at(f, "users.0.id"), p.bob);
	assert_null(strstr(buf_text(&f->text), "argon2"));
	people_free(&p);
}

static void test_odd_bodies(void **state)
{
	static const struct {
		int status;
		const char *path, *body;
	} cases[] = {
		{201, "/projects",
		 "{\"project\": {\"name\": \"a\", \"parent_id\": \"default\", \"is_domain\": false, "
		 "\"tags\": [], \"options\": {}, \"domain_id\": null}}"},
		{400, "/projects", "{\"project\": {\"name\": \"b\", \"parent_id\": \"" PROJECT "\"}}"},
		{400, "/projects", "{\"project\": {\"name\": \"b\", \"is_domain\": true}}"},
		{404, "/projects", "{\"project\": {\"name\": \"b\", \"domain_id\": \"" PROJECT "\"}}"},
		{400, "/projects", "{\"project\": {\"name\": \"\"}}"},
		{400, "/projects", "{\"project\": {}}"},
		{400, "/projects", "{\"project\": []}"},
		{400, "/projects", "{\"project\": {\"name\": 7}}"},
		{400, "/users", "{\"user\": {\"name\": \"u\", \"password\": \"\"}}"},
		{400, "/users", "{\"user\": {\"name\": \"u\", \"password_hash\": \"x\"}}"},
		{400, "/users", "{\"user\": {\"name\": \"u\", \"tokens_after\": 1}}"},
		{404, "/users", "{\"user\": {\"name\": \"u\", \"default_project_id\": \"" PROJECT "\"}}"},
		{409, "/roles", "{\"role\": {\"name\": \"admin\"}}"},
	};
	struct fixture *f = *state;
	AUTO_FREE char *admin = admin_token(f);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *path = xasprintf(V3 "%s", cases[i].path);

		expect_as(f, admin, cases[i].status, "POST", path, cases[i].body);
	}
}

/* What an ordinary user may do: look at itself and at where it belongs. */
static void test_policy(void **state)
{
	static const char *const closed[][2] = {
		{"GET", "/users"},    {"GET", "/projects"},  {"GET", "/domains"},          {"GET", "/roles"},
		{"GET", "/services"}, {"GET", "/endpoints"}, {"GET", "/role_assignments"}, {"POST", "/users"},
		{"POST", "/roles"},   {"POST", "/projects"}, {"POST", "/domains"},         {"GET", "/groups"},
	};
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *self = xasprintf(V3 "/users/%s", p.bob),
		       *own = xasprintf(V3 "/projects/%s", p.project);
	AUTO_FREE char *projects = xasprintf("%s/projects", self),
		       *boss = id_of(f, p.admin, "users", "admin");
	AUTO_FREE char *other = xasprintf(V3 "/users/%s", boss),
		       *home = id_of(f, p.admin, "projects", "admin");
	AUTO_FREE char *foreign = xasprintf(V3 "/projects/%s", home),
		       *theirs = xasprintf("%s/projects", other);

	for (size_t i = 0; i < ARRAY_SIZE(closed); i++) {
		AUTO_FREE char *path = xasprintf(V3 "%s", closed[i][1]);

		expect_as(f, p.token, 403, closed[i][0], path, "{}");
	}
	expect_as(f, p.token, 200, "GET", self, NULL);
	expect_as(f, p.token, 200, "GET", own, NULL);
	expect_as(f, p.token, 200, "GET", projects, NULL);
	assert_string_equal(names_in(f, "projects"), "demo");
	expect_as(f, p.token, 200, "GET", V3 "/domains/default", NULL);
	/* Others, whether they are there or not. */
	expect_as(f, p.token, 403, "GET", other, NULL);
	expect_as(f, p.token, 403, "GET", theirs, NULL);
	expect_as(f, p.token, 403, "GET", foreign, NULL);
	expect_as(f, p.token, 403, "GET", V3 "/users/" PROJECT, NULL);
	expect_as(f, p.token, 403, "GET", V3 "/projects/" PROJECT, NULL);
	expect_as(f, p.token, 403, "PATCH", self, "{\"user\": {\"name\": \"king\"}}");
	expect_as(f, p.token, 403, "DELETE", self, NULL);
	grant(f, p.token, 403, "PUT", p.project, p.bob, p.member);
	people_free(&p);
}

static void test_assignments(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *path =
		xasprintf(V3 "/role_assignments?user.id=%s&scope.project.id=%s", p.bob, p.project);
	AUTO_FREE char *all = xasprintf("%s&effective&include_names=True", path);
	AUTO_FREE char *roles = xasprintf(V3 "/projects/%s/users/%s/roles", p.project, p.bob);
	AUTO_FREE char *domain = xasprintf(V3 "/domains/default/users/%s/roles/%s", p.bob, p.member),
		       *token = NULL;

	grant(f, p.admin, 204, "PUT", p.project, p.bob, p.member); /* again */
	grant(f, p.admin, 204, "HEAD", p.project, p.bob, p.member);
	grant(f, p.admin, 404, "HEAD", p.project, p.bob, p.reader);
	grant(f, p.admin, 404, "DELETE", p.project, p.bob, p.reader);
	grant(f, p.admin, 404, "PUT", p.project, p.bob, PROJECT);
	grant(f, p.admin, 404, "PUT", p.project, "nobody", p.member);
	expect_as(f, p.admin, 200, "GET", roles, NULL);
	assert_string_equal(names_in(f, "roles"), "member");
	expect_as(f, p.admin, 200, "GET", path, NULL);
	assert_int_equal(json_array_size(value_at(f, "role_assignments")), 1);
	assert_string_equal(text_at(f, "role_assignments.0.scope.project.id"), p.project);
	expect_as(f, p.admin, 200, "GET", all, NULL);
	assert_int_equal(json_array_size(value_at(f, "role_assignments")), 2);
	assert_string_equal(text_at(f, "role_assignments.0.user.domain.name"), "Default");
	expect_as(f, p.admin, 200, "GET", V3 "/role_assignments?scope.system=all", NULL);
	assert_int_equal(json_array_size(value_at(f, "role_assignments")), 0);
	/* On a domain: a token for it, which is of no use for networks. */
	expect_as(f, p.admin, 204, "PUT", domain, NULL);
	token = token_from(f, LOGIN("bob", "pw", ", \"scope\": {\"domain\": {\"name\": \"Default\"}}"));
	assert_string_equal(text_at(f, "token.domain.id"), "default");
	expect_as(f, token, 200, "GET", V3 "/auth/domains", NULL);
	assert_string_equal(names_in(f, "domains"), "Default");
	expect_as(f, token, 403, "GET", "/v2.0/networks", NULL);
	people_free(&p);
}

/* --- what goes with what --- */

static size_t count(struct fixture *f, enum kind kind)
{
	AUTO_SNAP const struct snap *s = ledger_snap(f->ledger);

	return snap_count(s, kind);
}

static void test_delete_takes_along(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *creds = xasprintf("users/%s/application_credentials", p.bob);
	AUTO_FREE char *project = xasprintf(V3 "/projects/%s", p.project),
		       *user = xasprintf(V3 "/users/%s", p.bob);
	AUTO_FREE char *net = NULL, *path = NULL;

	expect_as(f, p.admin, 200, "PATCH", user,
		  (path = xasprintf("{\"user\": {\"default_project_id\": \"%s\"}}", p.project)));
	free(TAKE(path));
	free(make(f, p.token, creds, "application_credential",
		  "{\"application_credential\": {\"name\": \"c\"}}"));
	expect_as(f, p.token, 201, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"n\"}}");
	net = xstrdup(text_at(f, "network.id"));
	expect_as(f, p.admin, 409, "DELETE", project, NULL);
	assert_non_null(strstr(text_at(f, "error.message"), "1 network"));
	path = xasprintf("/v2.0/networks/%s", net);
	expect_as(f, p.token, 204, "DELETE", path, NULL);
	expect_as(f, p.admin, 204, "DELETE", project, NULL);
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	assert_int_equal(count(f, KIND_ASSIGNMENT), 1);
	assert_int_equal(count(f, KIND_APPCRED), 0);
	expect_as(f, p.admin, 200, "GET", user, NULL);
	assert_true(json_is_null(value_at(f, "user.default_project_id")));
	grant(f, p.admin, 404, "PUT", p.project, p.bob, p.member);
	people_free(&p);
}

static const struct uuid *victim;

static int delete_victim(struct txn *t, void *arg, struct err *err)
{
	return txn_del(t, KIND_PROJECT, victim, err);
}

/* The project goes between a request's authentication and its write. */
static int authenticate_then_delete(struct call *c, struct err *err)
{
	const struct actor actor = {.request_id = "test", .admin = true};
	void *region = talloc_new(NULL);
	int r = identity_authenticate(c, err);

	if (r == 0)
		r = ledger_write_sync(c->api->ledger, region, &actor, "test", delete_victim, NULL, err);
	talloc_free(region);
	return r;
}

static void test_project_goes_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *theirs =
		xasprintf("{\"network\": {\"name\": \"n\", \"project_id\": \"%s\"}}", p.project);
	struct uuid id;

	assert_int_equal(hexid_parse(p.project, &id), 0);
	victim = &id;
	expect_as(f, p.admin, 201, "POST", "/v2.0/networks", theirs);
	f->api->authenticate = authenticate_then_delete;
	expect_as(f, p.token, 401, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"n\"}}");
	f->api->authenticate = identity_authenticate;
	expect_as(f, p.admin, 404, "POST", "/v2.0/networks", theirs);
	assert_int_equal(count(f, KIND_NETWORK), 1);
	people_free(&p);
}

/* Neither is a server registered for it, though nothing else is made. */
static void test_project_goes_before_its_server(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	struct uuid id;

	assert_int_equal(hexid_parse(p.project, &id), 0);
	victim = &id;
	f->api->authenticate = authenticate_then_delete;
	expect_as(f, p.token, 401, "POST", "/compute/v2.1/servers",
		  "{\"server\": {\"name\": \"s\", \"networks\": \"none\"}}");
	assert_int_equal(count(f, KIND_SERVER), 0);
	people_free(&p);
}

static void test_delete_user_and_role(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *role = make(f, p.admin, "roles", "role", "{\"role\": {\"name\": \"extra\"}}");
	AUTO_FREE char *role_path = xasprintf(V3 "/roles/%s", role), *user = xasprintf(V3 "/users/%s", p.bob);
	AUTO_FREE char *member = xasprintf(V3 "/roles/%s", p.member);

	grant(f, p.admin, 204, "PUT", p.project, p.bob, role);
	assert_int_equal(count(f, KIND_ASSIGNMENT), 3);
	expect_as(f, p.admin, 204, "DELETE", role_path, NULL);
	assert_int_equal(count(f, KIND_ASSIGNMENT), 2);
	expect_as(f, p.admin, 403, "DELETE", member, NULL);
	expect_as(f, p.admin, 403, "PATCH", member, "{\"role\": {\"name\": \"guest\"}}");
	expect_as(f, p.admin, 200, "PATCH", member, "{\"role\": {\"description\": \"may change things\"}}");
	expect_as(f, p.admin, 204, "DELETE", user, NULL);
	assert_int_equal(count(f, KIND_ASSIGNMENT), 1);
	expect_as(f, p.token, 401, "GET", "/v2.0/networks", NULL);
	expect_as(f, NULL, 401, "POST", V3 "/auth/tokens", LOGIN("bob", "pw", ""));
	people_free(&p);
}

/* Whatever an administrator does, one who can log in remains. */
static void test_last_admin(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *boss = id_of(f, p.admin, "users", "admin"),
		       *home = id_of(f, p.admin, "projects", "admin"),
		       *role = id_of(f, p.admin, "roles", "admin");
	AUTO_FREE char *user = xasprintf(V3 "/users/%s", boss), *project = xasprintf(V3 "/projects/%s", home);
	uint64_t before = revision(f);

	expect_as(f, p.admin, 409, "DELETE", user, NULL);
	assert_non_null(strstr(text_at(f, "error.message"), "administrator"));
	expect_as(f, p.admin, 409, "PATCH", user, "{\"user\": {\"enabled\": false}}");
	expect_as(f, p.admin, 409, "PATCH", user, "{\"user\": {\"password\": null}}");
	expect_as(f, p.admin, 409, "DELETE", project, NULL);
	expect_as(f, p.admin, 409, "PATCH", project, "{\"project\": {\"enabled\": false}}");
	expect_as(f, p.admin, 409, "PATCH", V3 "/domains/default", "{\"domain\": {\"enabled\": false}}");
	grant(f, p.admin, 409, "DELETE", home, boss, role);
	assert_int_equal(revision(f), before);
	expect_as(f, p.admin, 200, "PATCH", user, "{\"user\": {\"email\": \"a@b\"}}");
	/* With another one the first may go; then the other is the last. */
	grant(f, p.admin, 204, "PUT", p.project, p.bob, role);
	expect_as(f, p.token, 204, "DELETE", user, NULL);
	grant(f, p.token, 409, "DELETE", p.project, p.bob, role);
	people_free(&p);
}

/* --- application credentials --- */

#define CRED(members) "{\"application_credential\": {" members "}}"

static char *cred_login(struct fixture *f, int status, const char *id, const char *secret)
{
	AUTO_FREE char *body =
		xasprintf("{\"auth\": {\"identity\": {\"methods\": [\"application_credential\"], "
			  "\"application_credential\": {\"id\": \"%s\", \"secret\": \"%s\"}}}}",
			  id, secret);

	expect_as(f, NULL, status, "POST", V3 "/auth/tokens", body);
	return status == 201 ? header_of(f, "X-Subject-Token") : NULL;
}

static void test_credentials(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *base = xasprintf(V3 "/users/%s/application_credentials", p.bob);
	AUTO_FREE char *id = NULL, *secret = NULL, *token = NULL, *path = NULL, *name = NULL;

	expect_as(f, p.token, 201, "POST", base,
		  CRED("\"name\": \"ci\", \"roles\": [{\"name\": \"reader\"}]"));
	id = xstrdup(text_at(f, "application_credential.id"));
	secret = xstrdup(text_at(f, "application_credential.secret"));
	assert_int_equal(strlen(secret), 43);
	path = xasprintf("%s/%s", base, id);
	expect_as(f, p.token, 200, "GET", path, NULL);
	assert_null(value_at(f, "application_credential.secret"));
	assert_null(strstr(buf_text(&f->text), secret));
	expect_as(f, p.token, 200, "GET", base, NULL);
	assert_string_equal(names_in(f, "application_credentials"), "ci");
	expect_as(f, p.token, 409, "POST", base, CRED("\"name\": \"ci\""));
	token = cred_login(f, 201, id, secret);
	assert_string_equal(text_at(f, "token.project.name"), "demo");
	assert_true(json_is_true(value_at(f, "token.application_credential.restricted")));
	/* A reader, whatever its user is; and it makes no others. */
	expect_as(f, token, 200, "GET", "/v2.0/networks", NULL);
	expect_as(f, token, 403, "POST", "/v2.0/networks", "{\"network\": {}}");
	expect_as(f, token, 403, "POST", base, CRED("\"name\": \"more\""));
	expect_as(f, token, 403, "DELETE", path, NULL);
	name = xasprintf(
		"{\"auth\": {\"identity\": {\"methods\": [\"token\"], \"token\": {\"id\": \"%s\"}}}}", token);
	expect_as(f, NULL, 403, "POST", V3 "/auth/tokens", name);
	cred_login(f, 401, id, "wrong");
	cred_login(f, 401, PROJECT, secret);
	/* It lends what its user has. */
	grant(f, p.admin, 204, "DELETE", p.project, p.bob, p.member);
	expect_as(f, token, 401, "GET", "/v2.0/networks", NULL);
	grant(f, p.admin, 204, "PUT", p.project, p.bob, p.member);
	expect_as(f, token, 200, "GET", "/v2.0/networks", NULL);
	expect_as(f, p.token, 204, "DELETE", path, NULL);
	expect_as(f, token, 401, "GET", "/v2.0/networks", NULL);
	cred_login(f, 401, id, secret);
	people_free(&p);
}

static void test_credentials_chosen(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *base = xasprintf(V3 "/users/%s/application_credentials", p.bob), *id = NULL,
		       *token = NULL;
	AUTO_FREE char *by_name = NULL;

	expect_as(f, p.token, 201, "POST", base,
		  CRED("\"name\": \"c\", \"secret\": \"short\", \"expires_at\": "
		       "\"2090-01-01T00:00:00.000000\""));
	id = xstrdup(text_at(f, "application_credential.id"));
	assert_string_equal(text_at(f, "application_credential.expires_at"), "2090-01-01T00:00:00.000000");
	token = cred_login(f, 201, id, "short");
	by_name = xasprintf(
		"{\"auth\": {\"identity\": {\"methods\": [\"application_credential\"], "
		"\"application_credential\": {\"name\": \"c\", \"secret\": \"short\", \"user\": {\"id\": "
		"\"%s\"}}}}}",
		p.bob);
	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", by_name);
	cred_login(f, 401, id, "shor");
	expect_as(f, p.token, 400, "POST", base,
		  CRED("\"name\": \"d\", \"expires_at\": \"2001-01-01T00:00:00\""));
	expect_as(f, p.token, 400, "POST", base, CRED("\"name\": \"d\", \"roles\": [{\"name\": \"admin\"}]"));
	expect_as(f, p.token, 400, "POST", base, CRED("\"name\": \"d\", \"roles\": [7]"));
	expect_as(f, p.token, 400, "POST", base,
		  CRED("\"name\": \"d\", \"access_rules\": [{\"path\": \"/\"}]"));
	expect_as(f, p.token, 400, "POST", base, CRED("\"name\": \"d\", \"secret\": \"\""));
	expect_as(f, p.admin, 403, "POST", base, CRED("\"name\": \"d\""));
	expect_as(f, p.admin, 200, "GET", base, NULL);
	people_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IDENTITY(test_create_show_change_delete),
		IDENTITY(test_filters),
		IDENTITY(test_odd_bodies),
		IDENTITY(test_policy),
		IDENTITY(test_assignments),
		IDENTITY(test_delete_takes_along),
		IDENTITY(test_project_goes_meanwhile),
		IDENTITY(test_project_goes_before_its_server),
		IDENTITY(test_delete_user_and_role),
		IDENTITY(test_last_admin),
		IDENTITY(test_credentials),
		IDENTITY(test_credentials_chosen),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
