/* An existing Keystone: asked once for each token, cached, and what happens when it does not answer as it
 * should. The Keystone is a small HTTP server in this process. */
#include "api_fixture.h"

#include "keystone_fixture.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

enum mood { HEALTHY, BROKEN, GARBAGE, HALF, FORGETFUL };

/* What the fake says, and what it was asked. */
struct fake {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum mood mood;
	bool holding; /* validations wait until this is over */
	int logins, questions;
	const char *role;
	char service[32]; /* the service token that is good now */
};

struct both {
	struct fixture *f;
	struct fake *fake;
};

static enum MHD_Result say(struct MHD_Connection *c, unsigned status, const char *body, const char *subject)
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

static const char *token_body(const char *user, const char *role, char *out, size_t size)
{
	snprintf(out, size,
		 "{\"token\": {\"user\": {\"id\": \"id-%s\", \"name\": \"%s\", \"domain\": {\"id\": "
		 "\"default\"}}, "
		 "\"project\": {\"id\": \"" PROJECT
		 "\", \"name\": \"p\", \"domain\": {\"id\": \"default\"}}, "
		 "\"roles\": [{\"name\": \"%s\"}], \"expires_at\": \"2090-01-01T00:00:00.000000Z\"}}",
		 user, user, role);
	return out;
}

/* Locked. */
static enum MHD_Result validate(struct fake *k, struct MHD_Connection *c)
{
	const char *mine = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Auth-Token");
	const char *subject = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Subject-Token");
	char body[1024];

	k->questions++;
	pthread_cond_broadcast(&k->changed);
	while (k->holding)
		pthread_cond_wait(&k->changed, &k->lock);
	if (!mine || strcmp(mine, k->service) != 0)
		return say(c, 401, "{}", NULL);
	if (k->mood == BROKEN)
		return say(c, 500, "{}", NULL);
	if (k->mood == GARBAGE)
		return say(c, 200, "<html>welcome to the portal</html>", NULL);
	if (k->mood == HALF)
		return say(c, 200, "{\"token\": {\"user\": 7, \"roles\": {}, \"expires_at\": []}}", NULL);
	if (!subject || strncmp(subject, "good", 4) != 0)
		return say(c, 404, "{}", NULL);
	return say(c, 200, token_body("carol", k->role, body, sizeof(body)), NULL);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **state)
{
	static int begun;
	struct fake *k = cls;
	enum MHD_Result r;
	char body[1024];

	if (!*state) {
		*state = &begun;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&k->lock);
	if (strcmp(url, "/v3/auth/tokens") != 0) {
		r = say(c, 404, "{}", NULL);
	} else if (strcmp(method, "POST") == 0) {
		snprintf(k->service, sizeof(k->service), "service-%d", ++k->logins);
		r = say(c, 201, token_body("buoy", "service", body, sizeof(body)), k->service);
	} else {
		r = validate(k, c);
	}
	pthread_mutex_unlock(&k->lock);
	return r;
}

static char url[64];

static int setup(void **state)
{
	struct both *b = xalloc(sizeof(*b));
	struct fake *k = b->fake = xalloc(sizeof(*k));
	const union MHD_DaemonInfo *info;

	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->changed, NULL);
	k->role = "member";
	k->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
				     NULL, on_request, k, MHD_OPTION_END);
	assert_non_null(k->daemon);
	info = MHD_get_daemon_info(k->daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/v3/", info->port);
	b->f = fixture_new();
	use_keystone(b->f, url);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;

	fixture_free(b->f);
	MHD_stop_daemon(b->fake->daemon);
	pthread_mutex_destroy(&b->fake->lock);
	pthread_cond_destroy(&b->fake->changed);
	free(b->fake);
	free(b);
	return 0;
}

static void test_valid(void **state)
{
	struct both *b = *state;

	expect_as(b->f, "good1", 201, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"n\"}}");
	assert_string_equal(text_at(b->f, "network.project_id"), PROJECT);
	for (int i = 0; i < 5; i++)
		expect_as(b->f, "good1", 200, "GET", "/v2.0/networks", NULL);
	assert_int_equal(b->fake->questions, 1);
	assert_int_equal(b->fake->logins, 1);
	expect_as(b->f, "good2", 200, "GET", "/v2.0/networks", NULL);
	assert_int_equal(b->fake->questions, 2);
	assert_int_equal(b->fake->logins, 1);
}

static void test_roles(void **state)
{
	struct both *b = *state;

	b->fake->role = "reader";
	expect_as(b->f, "good-reader", 403, "POST", "/v2.0/networks", "{\"network\": {}}");
	expect_as(b->f, "good-reader", 403, "GET", "/v2.0/quotas", NULL);
	b->fake->role = "admin";
	expect_as(b->f, "good-admin", 200, "GET", "/v2.0/agents", NULL);
}

static void test_invalid(void **state)
{
	struct both *b = *state;

	for (int i = 0; i < 3; i++)
		expect_as(b->f, "bad", 401, "GET", "/v2.0/networks", NULL);
	assert_int_equal(b->fake->questions, 1);
	expect_as(b->f, NULL, 401, "GET", "/v2.0/networks", NULL);
	expect_as(b->f, "with blank", 401, "GET", "/v2.0/networks", NULL);
	/* Where there are good ones. */
	assert_non_null(strstr(buf_text(&b->f->headers), url));
	assert_int_equal(b->fake->questions, 1);
}

/* Our own token was revoked: another one is fetched, once. */
static void test_service_token_gone(void **state)
{
	struct both *b = *state;

	expect_as(b->f, "good1", 200, "GET", "/v2.0/networks", NULL);
	strcpy(b->fake->service, "another");
	expect_as(b->f, "good2", 200, "GET", "/v2.0/networks", NULL);
	assert_int_equal(b->fake->logins, 2);
}

static void test_broken(void **state)
{
	struct both *b = *state;

	b->fake->mood = BROKEN;
	expect_as(b->f, "good1", 503, "GET", "/v2.0/networks", NULL);
	b->fake->mood = GARBAGE;
	expect_as(b->f, "good2", 503, "GET", "/v2.0/networks", NULL);
	b->fake->mood = HALF;
	expect_as(b->f, "good3", 503, "GET", "/v2.0/networks", NULL);
	b->fake->mood = HEALTHY;
	expect_as(b->f, "good4", 200, "GET", "/v2.0/networks", NULL);
}

static void test_down(void **state)
{
	struct both *b = *state;

	use_keystone(b->f, "http://127.0.0.1:1");
	expect_as(b->f, "good1", 503, "GET", "/v2.0/networks", NULL);
	assert_non_null(strcasestr(buf_text(&b->f->headers), "Retry-After"));
}

/* Somebody listens and never answers: the request ends, after the client's own limit of some seconds. */
static void test_silent(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct both *b = *state;
	socklen_t len = sizeof(at);
	char silent[64];

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(silent, sizeof(silent), "http://127.0.0.1:%u", ntohs(at.sin_port));
	use_keystone(b->f, silent);
	expect_as(b->f, "good1", 503, "GET", "/v2.0/networks", NULL);
}

#define AT_ONCE 20

/* Many requests with one token while Keystone thinks: it is asked once. */
static void test_asked_once(void **state)
{
	struct both *b = *state;
	AUTO_FREE char *where = xasprintf("http://127.0.0.1:%u/v2.0/networks", http_port(b->f->server));
	struct curl_slist *headers = curl_slist_append(NULL, "X-Auth-Token: good");
	AUTO_BUF struct buf sink = {0};
	CURLM *multi = curl_multi_init();
	CURL *list[AT_ONCE];
	int running = 1, rounds = 0;

	b->fake->holding = true;
	for (int i = 0; i < AT_ONCE; i++) {
		list[i] = curl_easy_init();
		curl_easy_setopt(list[i], CURLOPT_URL, where);
		curl_easy_setopt(list[i], CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(list[i], CURLOPT_WRITEFUNCTION, take_bytes);
		curl_easy_setopt(list[i], CURLOPT_WRITEDATA, &sink);
		curl_multi_add_handle(multi, list[i]);
	}
	while (running) {
		assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
		if (running)
			curl_multi_poll(multi, NULL, 0, 50, NULL);
		pthread_mutex_lock(&b->fake->lock);
		/* Held back until all requests have been sent for a while. */
		if (b->fake->questions && ++rounds == 10) {
			b->fake->holding = false;
			pthread_cond_broadcast(&b->fake->changed);
		}
		pthread_mutex_unlock(&b->fake->lock);
	}
	for (int i = 0; i < AT_ONCE; i++) {
		long status = 0;

		curl_easy_getinfo(list[i], CURLINFO_RESPONSE_CODE, &status);
		assert_int_equal(status, 200);
		curl_multi_remove_handle(multi, list[i]);
		curl_easy_cleanup(list[i]);
	}
	curl_multi_cleanup(multi);
	curl_slist_free_all(headers);
	assert_int_equal(b->fake->questions, 1);
}

static void test_identity_is_elsewhere(void **state)
{
	static const char *const paths[] = {"/identity", "/identity/v3", "/identity/v3/projects",
					    "/identity/v3/auth/projects"};
	struct both *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		expect_as(b->f, "good", 404, "GET", paths[i], NULL);
	expect_as(b->f, NULL, 404, "POST", "/identity/v3/auth/tokens", "{\"auth\": {}}");
}

#define KEYSTONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYSTONE(test_valid),
		KEYSTONE(test_roles),
		KEYSTONE(test_invalid),
		KEYSTONE(test_broken),
		KEYSTONE(test_down),
		KEYSTONE(test_silent),
		KEYSTONE(test_service_token_gone),
		KEYSTONE(test_asked_once),
		KEYSTONE(test_identity_is_elsewhere),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
