/* Fuzz target: what stands before any log-in. The input is taken as a token, as the body of a log-in on a
 * database with one user, and as an answer of an existing Keystone. Built with libFuzzer (option fuzz), and
 * with replay_main.c for the ordinary tests. */
#include "api/identity_keystone.h"
#include "store/store.h"

#include <assert.h>
#include <semaphore.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct api *api;

static void wait_forever(void *arg)
{
	while (sem_wait(arg) < 0)
		continue;
}

/* The queue of jobs is full for good, so that a log-in ends where a password would be hashed. */
static void fill_jobs(void)
{
	static sem_t never;

	sem_init(&never, 0, 0);
	jobs_free(api->jobs);
	assert(jobs_new(1, 1, &api->jobs, NULL) == 0);
	while (jobs_put(api->jobs, wait_forever, &never) == 0)
		continue;
	/* The first may have been taken from the queue in between. */
	usleep(10000);
	while (jobs_put(api->jobs, wait_forever, &never) == 0)
		continue;
}

static void start(void)
{
	const struct api_config config = {.public_url = "http://[::1]:9696",
					  .region = "R",
					  .node_name = "n",
					  .tenant_network_type = "local",
					  .token_lifetime_s = 60};
	const struct bootstrap b = {"admin", "admin", "secret"};
	void *region = talloc_new(NULL);
	const char *password;
	struct ledger *ledger;

	assert(ledger_new(store_memory_new(), NULL, NULL, &ledger, NULL) == 0);
	assert(identity_bootstrap(ledger, region, &b, &password, NULL) == 0);
	api = api_new(&config, ledger, nodes_new(), NULL);
	assert(api);
	talloc_free(region);
	fill_jobs();
}

static void log_in(const char *body, size_t len)
{
	struct http_request *req = talloc_zero(NULL, struct http_request);
	struct http_response resp = {.status = 200};

	req->region = req;
	req->method = HTTP_POST;
	req->method_name = "POST";
	req->path = "/identity/v3/auth/tokens";
	req->body = body;
	req->body_len = len;
	strcpy(req->id, "req-fuzz");
	strcpy(req->peer, "::1");
	assert(api_handle(api, req, &resp) == HTTP_DONE);
	/* Nobody gets in without the password. */
	assert(resp.status >= 400 && resp.status != 500);
	buf_done(&resp.body);
	talloc_free(req);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size);
	struct keystone_user user;
	struct token token;

	if (!api)
		start();
	assert(token_open(api->identity->token_key, text, &token) < 0);
	log_in(text, strlen(text));
	if (keystone_user_parse((const char *)data, size, &user) == 0) {
		assert(user.user_id);
		keystone_user_done(&user);
	}
	talloc_free(text);
	return 0;
}
