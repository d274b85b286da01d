/* The console's session with an existing Keystone: log in, projects, switch, log out, and when it is not
 * there. The Keystone is a small HTTP server in this process. */
#include "api_fixture.h"

#include "console_fixture.h"
#include "keystone_fixture.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#define ONE "11111111111111111111111111111111"
#define TWO "22222222222222222222222222222222"

/* A token is "USER/PROJECT/NUMBER"; PROJECT may be empty. */
struct fake {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	bool broken;
	const char *expires;
	int tokens, logins;
	char revoked[16][128];
	size_t revoked_count;
	char url[64];
};

struct both {
	struct fixture *f;
	struct fake *fake;
};

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, const char *body,
			      const char *subject)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (subject)
		MHD_add_response_header(r, "X-Subject-Token", subject);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static bool is_good(const struct fake *k, const char *token)
{
	for (size_t i = 0; i < k->revoked_count; i++)
		if (token && strcmp(k->revoked[i], token) == 0)
			return false;
	return token && strchr(token, '/');
}

static void print_token(const struct fake *k, struct buf *b, const char *user, const char *project)
{
	buf_printf(b,
		   "{\"token\": {\"user\": {\"id\": \"id-%s\", \"name\": \"%s\", \"domain\": {\"id\": "
		   "\"dom\"}}, "
		   "\"roles\": [{\"name\": \"%s\"}], \"expires_at\": \"%s\"",
		   user, user, strcmp(project, TWO) == 0 ? "admin" : "member",
		   k->expires ? k->expires : "2090-01-01T00:00:00.000000Z");
	if (*project)
		buf_printf(
			b,
			", \"project\": {\"id\": \"%s\", \"name\": \"%s\", \"domain\": {\"id\": \"other\"}}",
			project, strcmp(project, TWO) == 0 ? "two" : "one");
	buf_puts(b, "}}");
}

static enum MHD_Result give(struct fake *k, struct MHD_Connection *c, const char *user, const char *project)
{
	AUTO_FREE char *token = xasprintf("%s/%s/%d", user, project, ++k->tokens);
	AUTO_BUF struct buf b = {0};

	print_token(k, &b, user, project);
	return answer(c, 201, buf_text(&b), token);
}

static const json_t *at(const json_t *json, const char *a, const char *b, const char *c)
{
	return json_object_get(json_object_get(json_object_get(json, a), b), c);
}

/* carol's default project is one; dave has none; the service user is buoy. */
static enum MHD_Result issue(struct fake *k, struct MHD_Connection *c, const char *body)
{
	json_t *json = json_loads(body, 0, NULL);
	const json_t *auth = json_object_get(json, "auth"), *scope = json_object_get(auth, "scope");
	const json_t *user = at(auth, "identity", "password", "user");
	const char *token = json_string_value(at(auth, "identity", "token", "id"));
	const char *project = json_string_value(json_object_get(json_object_get(scope, "project"), "id"));
	const char *name = json_string_value(json_object_get(user, "name"));
	const char *password = json_string_value(json_object_get(user, "password"));
	AUTO_FREE char *from = token ? strndup(token, strcspn(token, "/")) : NULL;
	enum MHD_Result r;

	k->logins += user && strcmp(name, "buoy") != 0;
	if (!user &&
	    (!is_good(k, token) || !project || (strcmp(project, ONE) != 0 && strcmp(project, TWO) != 0)))
		r = answer(c, 401, "{}", NULL);
	else if (!user)
		r = give(k, c, from, project);
	else if (strcmp(name, "buoy") != 0 && strcmp(password, "secret") != 0)
		r = answer(c, 401, "{}", NULL);
	else
		r = give(k, c, name, strcmp(name, "carol") == 0 && !scope ? ONE : "");
	json_decref(json);
	return r;
}

static enum MHD_Result show(struct fake *k, struct MHD_Connection *c, const char *subject)
{
	AUTO_FREE char *copy = subject ? xstrdup(subject) : NULL;
	AUTO_BUF struct buf b = {0};
	char *slash, *project;

	if (!is_good(k, subject))
		return answer(c, 404, "{}", NULL);
	slash = strchr(copy, '/');
	*slash = '\0';
	project = slash + 1;
	project[strcspn(project, "/")] = '\0';
	print_token(k, &b, copy, project);
	return answer(c, 200, buf_text(&b), NULL);
}

static enum MHD_Result dispatch(struct fake *k, struct MHD_Connection *c, const char *url, const char *method,
				const char *body)
{
	const char *mine = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Auth-Token");
	const char *subject = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Subject-Token");

	if (k->broken)
		return answer(c, 500, "{}", NULL);
	if (strcmp(url, "/v3/auth/tokens") == 0 && strcmp(method, "POST") == 0)
		return issue(k, c, body);
	if (!is_good(k, mine))
		return answer(c, 401, "{}", NULL);
	if (strcmp(url, "/v3/auth/projects") == 0)
		return answer(c, 200,
			      "{\"projects\": [{\"id\": \"" TWO "\", \"name\": \"two\", \"enabled\": true}, "
			      "{\"id\": \"x\", \"name\": \"closed\", \"enabled\": false}, "
			      "{\"id\": \"" ONE "\", \"name\": \"one\"}]}",
			      NULL);
	if (strcmp(method, "DELETE") == 0) {
		snprintf(k->revoked[k->revoked_count++], sizeof(k->revoked[0]), "%s", subject);
		return answer(c, 204, "", NULL);
	}
	return show(k, c, subject);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **state)
{
	struct buf *body = *state;
	struct fake *k = cls;
	enum MHD_Result r;

	if (!body) {
		*state = xalloc(sizeof(*body));
		return MHD_YES;
	}
	if (*size) {
		buf_add(body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&k->lock);
	r = dispatch(k, c, url, method, buf_text(body));
	pthread_mutex_unlock(&k->lock);
	return r;
}

static void on_end(void *cls, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	if (*state)
		buf_done(*state);
	free(*state);
}

static int setup(void **state)
{
	struct both *b = xalloc(sizeof(*b));
	struct fake *k = b->fake = xalloc(sizeof(*k));

	pthread_mutex_init(&k->lock, NULL);
	k->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
				     NULL, on_request, k, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
				     MHD_OPTION_END);
	assert_non_null(k->daemon);
	snprintf(k->url, sizeof(k->url), "http://127.0.0.1:%u/v3",
		 MHD_get_daemon_info(k->daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	b->f = fixture_new();
	use_keystone(b->f, k->url);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;

	fixture_free(b->f);
	MHD_stop_daemon(b->fake->daemon);
	pthread_mutex_destroy(&b->fake->lock);
	free(b->fake);
	free(b);
	return 0;
}

static void log_in_and_out(void **state)
{
	struct both *b = *state;
	AUTO_FREE char *page = log_in(b->f, "carol", "secret");

	assert_string_equal(text_at(b->f, "user.id"), "id-carol");
	assert_string_equal(text_at(b->f, "user.domain_id"), "dom");
	assert_string_equal(text_at(b->f, "project.name"), "one");
	assert_int_equal(json_array_size(value_at(b->f, "projects")), 2);
	assert_string_equal(text_at(b->f, "roles.0"), "member");
	assert_true(json_is_false(value_at(b->f, "admin")));
	assert_string_equal(text_at(b->f, "identity"), "keystone");
	assert_string_equal(text_at(b->f, "expires_at"), "2090-01-01T00:00:00Z");
	expect_browse(b->f, 200, "GET", SESSION, page, NULL);
	assert_string_equal(text_at(b->f, "projects.0.name"), "two");
	expect_browse(b->f, 201, "POST", "/v2.0/networks", page, "{\"network\": {}}");
	assert_string_equal(text_at(b->f, "network.project_id"), ONE);
	/* Revoked there, and forgotten here. */
	expect_browse(b->f, 204, "DELETE", SESSION, page, NULL);
	assert_int_equal(b->fake->revoked_count, 1);
	expect_browse(b->f, 401, "GET", "/v2.0/networks", page, NULL);
	expect_browse(b->f, 204, "GET", SESSION, page, NULL);
}

static void projects_are_switched(void **state)
{
	struct both *b = *state;
	AUTO_FREE char *page = log_in(b->f, "carol", "secret"), *cookie = NULL, *moved = NULL;

	expect_browse(b->f, 200, "GET", "/v2.0/networks", page, NULL);
	expect_browse(b->f, 200, "PUT", SESSION, page, "{\"project_id\": \"" TWO "\"}");
	assert_string_equal(text_at(b->f, "project.name"), "two");
	assert_true(json_is_true(value_at(b->f, "admin")));
	cookie = cookie_of(b->f);
	moved = as_page(cookie);
	expect_browse(b->f, 200, "GET", "/v2.0/agents", moved, NULL);
	expect_browse(b->f, 401, "GET", "/v2.0/networks", page, NULL);
	expect_browse(b->f, 404, "PUT", SESSION, moved, "{\"project_id\": \"none\"}");
	expect_browse(b->f, 200, "GET", SESSION, moved, NULL);
}

static void log_in_on_a_project(void **state)
{
	struct both *b = *state;

	expect_browse(b->f, 201, "POST", SESSION, MARK,
		      "{\"username\": \"carol\", \"password\": \"secret\", \"project\": \"two\"}");
	assert_string_equal(text_at(b->f, "project.id"), TWO);
	expect_browse(b->f, 201, "POST", SESSION, MARK,
		      "{\"username\": \"carol\", \"password\": \"secret\", \"project\": \"" ONE "\"}");
	assert_string_equal(text_at(b->f, "project.name"), "one");
	expect_browse(b->f, 401, "POST", SESSION, MARK,
		      "{\"username\": \"carol\", \"password\": \"secret\", \"project\": \"closed\"}");
	/* No default project: the first one there is. */
	expect_browse(b->f, 201, "POST", SESSION, MARK, "{\"username\": \"dave\", \"password\": \"secret\"}");
	assert_string_equal(text_at(b->f, "project.name"), "two");
}

static void wrong_passwords_are_throttled(void **state)
{
	struct both *b = *state;
	int asked;

	for (int i = 0; i < 50 && b->f->status != 429; i++)
		browse(b->f, "POST", SESSION, MARK, "{\"username\": \"carol\", \"password\": \"guess\"}");
	assert_int_equal(b->f->status, 429);
	assert_true(b->fake->logins < 50);
	asked = b->fake->logins;
	browse(b->f, "POST", SESSION, MARK, "{\"username\": \"carol\", \"password\": \"guess\"}");
	assert_int_equal(b->fake->logins, asked);
}

static void other_sites_get_nowhere(void **state)
{
	struct both *b = *state;
	AUTO_FREE char *page = log_in(b->f, "carol", "secret"), *cookie = cookie_of(b->f);
	AUTO_FREE char *form = xasprintf("Cookie: " COOKIE_NAME "=%s", cookie);
	AUTO_FREE char *foreign = xasprintf("%s\nOrigin: http://evil.test", page);

	expect_browse(b->f, 401, "GET", "/v2.0/networks", form, NULL);
	expect_browse(b->f, 401, "DELETE", SESSION, foreign, NULL);
	expect_browse(b->f, 403, "POST", SESSION, NULL,
		      "{\"username\": \"carol\", \"password\": \"secret\"}");
	expect_browse(b->f, 200, "GET", SESSION, page, NULL);
}

static void keystone_is_not_there(void **state)
{
	struct both *b = *state;
	AUTO_FREE char *page = log_in(b->f, "carol", "secret"), *wait = NULL;

	expect_browse(b->f, 200, "GET", "/v2.0/networks", page, NULL);
	b->fake->broken = true;
	expect_browse(b->f, 503, "POST", SESSION, MARK,
		      "{\"username\": \"carol\", \"password\": \"secret\"}");
	wait = reply_header(b->f, "Retry-After");
	assert_non_null(wait);
	expect_browse(b->f, 503, "GET", SESSION, page, NULL);
	expect_browse(b->f, 503, "PUT", SESSION, page, "{\"project_id\": \"" TWO "\"}");
	/* It could not be revoked; here it is worth nothing more until Keystone says otherwise. */
	expect_browse(b->f, 503, "DELETE", SESSION, page, NULL);
	expect_browse(b->f, 503, "GET", "/v2.0/networks", page, NULL);
}

#define KEYSTONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* A stream ends with its token, also when nobody can be asked about it any more. */
static void a_stream_ends_without_keystone(void **state)
{
	struct both *b = *state;
	AUTO_FREE char *page = NULL;
	char expires[TIME_TEXT];

	b->fake->expires = time_print(clock_now_us() / 1000000 + 5, expires);
	page = log_in(b->f, "carol", "secret");
	expect_browse(b->f, 200, "GET", "/v2.0/networks", page, NULL);
	b->fake->broken = true;
	/* The answer is there when the stream is over. */
	expect_browse(b->f, 200, "GET", "/v2.0/buoy/live", page, NULL);
	assert_non_null(strstr(buf_text(&b->f->text), "event: bye\ndata: {\"reason\": \"session\"}"));
}

/* A log-in as a stranger's machine sends it, without waiting for the answer. */
static int guess(struct both *b)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)http_port(b->f->server)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const char text[] = "POST " SESSION " HTTP/1.1\r\nHost: x\r\n" MARK
				   "\r\nContent-Length: 36\r\nConnection: close\r\n\r\n"
				   "{\"username\": \"eve\", \"password\": \"x\"}";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	return fd;
}

static int status_on(int fd)
{
	char text[64] = "";

	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	return atoi(text + strlen("HTTP/1.1 "));
}

/* Whoever waits for a slow Keystone's word on a token does not wait behind all who want to log in. */
static void log_ins_leave_room(void **state)
{
	struct both *b = *state;
	int fds[40], refused = 0;

	pthread_mutex_lock(&b->fake->lock);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = guess(b);
	/* Most of them are answered while it keeps silent. */
	for (int left = 20000; refused < 20 && left; left--) {
		refused = 0;
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
			refused += poll(&(struct pollfd){.fd = fds[i], .events = POLLIN}, 1, 0) > 0;
		poll(NULL, 0, 1);
	}
	pthread_mutex_unlock(&b->fake->lock);
	assert_true(refused >= 20);
	refused = 0;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		refused += status_on(fds[i]) == 429;
		close(fds[i]);
	}
	assert_true(refused >= 20);
	free(log_in(b->f, "carol", "secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYSTONE(log_in_and_out),
		KEYSTONE(projects_are_switched),
		KEYSTONE(log_in_on_a_project),
		KEYSTONE(wrong_passwords_are_throttled),
		KEYSTONE(other_sites_get_nowhere),
		KEYSTONE(keystone_is_not_there),
		KEYSTONE(a_stream_ends_without_keystone),
		KEYSTONE(log_ins_leave_room),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
