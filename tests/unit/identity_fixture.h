/* The API fixture with identity as it is: a bootstrapped administrator, real tokens, real log-ins.
 * Shared by the tests of identity. */
#pragma once
#include "api/identity_int.h"
#include "api_fixture.h"

#include <errno.h>

#define ADMIN_PASSWORD "correct horse"
#define V3             "/identity/v3"

static inline struct fixture *identity_fixture(void)
{
	const struct bootstrap b = {"admin", "admin", ADMIN_PASSWORD};
	struct fixture *f = fixture_new();
	void *region = talloc_new(NULL);
	const char *password = NULL;
	struct err err = {0};

	if (identity_bootstrap(f->ledger, region, &b, &password, &err) < 0)
		fail_msg("%s", err.message);
	assert_string_equal(password, ADMIN_PASSWORD);
	talloc_free(region);
	f->api->authenticate = identity_authenticate;
	f->token = NULL;
	return f;
}

static inline int identity_setup(void **state)
{
	*state = identity_fixture();
	return 0;
}

/* The value of a header of the last reply, malloc'd; NULL when absent. */
static inline char *header_of(const struct fixture *f, const char *name)
{
	const char *at = strcasestr(buf_text(&f->headers), name);

	if (!at)
		return NULL;
	at += strlen(name) + 1;
	at += strspn(at, " ");
	return strndup(at, strcspn(at, "\r\n"));
}

#define LOGIN(user, password, scope)                                                                         \
	"{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"name\": "       \
	"\"" user "\", \"domain\": {\"name\": \"Default\"}, \"password\": \"" password "\"}}}" scope "}}"
#define ON_PROJECT(name)                                                                                     \
	", \"scope\": {\"project\": {\"name\": \"" name "\", \"domain\": {\"id\": \"default\"}}}"

/* Logs in with a body; the token, malloc'd. The reply stands in the fixture. */
static inline char *token_from(struct fixture *f, const char *body)
{
	char *token;

	expect_as(f, NULL, 201, "POST", V3 "/auth/tokens", body);
	token = header_of(f, "X-Subject-Token");
	assert_non_null(token);
	return token;
}

static inline char *admin_token(struct fixture *f)
{
	return token_from(f, LOGIN("admin", ADMIN_PASSWORD, ON_PROJECT("admin")));
}

/* Creates something below /identity/v3 and returns its id, malloc'd. */
static inline char *make(struct fixture *f, const char *token, const char *plural, const char *name,
			 const char *body)
{
	AUTO_FREE char *path = xasprintf(V3 "/%s", plural), *where = xasprintf("%s.id", name);

	expect_as(f, token, 201, "POST", path, body);
	return xstrdup(text_at(f, where));
}

/* The id of the row of that name. */
static inline char *id_of(struct fixture *f, const char *token, const char *plural, const char *name)
{
	AUTO_FREE char *path = xasprintf(V3 "/%s?name=%s", plural, name),
		       *where = xasprintf("%s.0.id", plural);

	expect_as(f, token, 200, "GET", path, NULL);
	return xstrdup(text_at(f, where));
}

static inline void grant(struct fixture *f, const char *admin, int status, const char *method,
			 const char *project, const char *user, const char *role)
{
	AUTO_FREE char *path = xasprintf(V3 "/projects/%s/users/%s/roles/%s", project, user, role);

	expect_as(f, admin, status, method, path, NULL);
}

/* Two headers: the caller's token and the token that it asks about. */
static inline int about(struct fixture *f, const char *method, const char *token, const char *subject)
{
	AUTO_FREE char *both = xasprintf("%s\r\nX-Subject-Token: %s", token, subject);

	f->token = both;
	request(f, method, V3 "/auth/tokens", NULL);
	f->token = NULL;
	return f->status;
}

/* An administrator's token; project "demo" with the user "bob" (password "pw"), who is a member of it. */
struct people {
	char *admin, *project, *bob, *member, *reader, *token;
};

static inline struct people people_new(struct fixture *f)
{
	struct people p = {.admin = admin_token(f)};

	p.project = make(f, p.admin, "projects", "project", "{\"project\": {\"name\": \"demo\"}}");
	p.bob = make(f, p.admin, "users", "user", "{\"user\": {\"name\": \"bob\", \"password\": \"pw\"}}");
	p.member = id_of(f, p.admin, "roles", "member");
	p.reader = id_of(f, p.admin, "roles", "reader");
	grant(f, p.admin, 204, "PUT", p.project, p.bob, p.member);
	p.token = token_from(f, LOGIN("bob", "pw", ON_PROJECT("demo")));
	return p;
}

static inline void people_free(struct people *p)
{
	free(p->admin);
	free(p->project);
	free(p->bob);
	free(p->member);
	free(p->reader);
	free(p->token);
}

#define IDENTITY(test) cmocka_unit_test_setup_teardown(test, identity_setup, fixture_teardown)
