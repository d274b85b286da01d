/* Tokens of an existing Keystone: asked for on a job, kept for a minute, each asked for once at a time.
 * Serves identity_authenticate when the configuration names a Keystone; the talking is in keystone_client.c.
 */
#include "api/identity_keystone.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <talloc.h>
#include <uthash.h>

#define MAX_CACHED      4096
#define MAX_TOKEN_BYTES 8192
#define GOOD_LIFE_US    (60 * 1000000LL)
#define BAD_LIFE_US     (5 * 1000000LL)
#define DOWN_LIFE_US    (1 * 1000000LL)
#define KEY_BYTES       32

struct waiter {
	struct http_request *req;
	struct waiter *next;
};

/* One token: being asked for, or what Keystone said. The hash keeps the order of use: oldest first. */
struct cached {
	uint8_t key[KEY_BYTES]; /* a keyed hash: tokens are not kept */
	bool pending;
	enum keystone_verdict verdict;
	int64_t until_us; /* monotonic */
	struct keystone_user user;
	struct waiter *waiters;
	UT_hash_handle hh;
};

struct keystone {
	struct api *api;
	struct keystone_client *client;
	uint8_t hash_key[crypto_generichash_KEYBYTES];
	pthread_mutex_t lock;
	struct cached *cached;
};

struct question {
	struct keystone *k;
	struct cached *entry; /* pending, so nobody evicts it */
	char *token;
};

int keystone_new(struct api *api, struct keystone **ret, struct err *err)
{
	struct keystone *k = xalloc(sizeof(*k));
	int r = keystone_client_new(&api->config, &k->client, err);

	if (r < 0) {
		free(k);
		return r;
	}
	k->api = api;
	crypto_generichash_keygen(k->hash_key);
	pthread_mutex_init(&k->lock, NULL);
	*ret = k;
	return 0;
}

static void entry_free(struct cached *e)
{
	keystone_user_done(&e->user);
	free(e);
}

void keystone_free(struct keystone *k)
{
	struct cached *e, *next;

	if (!k)
		return;
	HASH_ITER (hh, k->cached, e, next) {
		HASH_DEL(k->cached, e);
		entry_free(e);
	}
	keystone_client_free(k->client);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* --- asking --- */

static int64_t life_us(const struct keystone_user *user, enum keystone_verdict verdict)
{
	switch (verdict) {
	case KEYSTONE_GOOD:
		return MIN(GOOD_LIFE_US, user->expires_us - clock_now_us());
	case KEYSTONE_BAD:
		return BAD_LIFE_US;
	case KEYSTONE_DOWN:
		break;
	}
	return DOWN_LIFE_US;
}

static void resume_all(struct waiter *list)
{
	while (list) {
		struct waiter *next = list->next;

		http_resume(list->req);
		free(list);
		list = next;
	}
}

/* On a worker thread. */
static void ask(void *arg)
{
	struct question *q = arg;
	struct keystone *k = q->k;
	struct keystone_user user = {0};
	enum keystone_verdict verdict = keystone_client_ask(k->client, q->token, &user);
	struct waiter *waiters;

	if (verdict == KEYSTONE_GOOD && user.expires_us <= clock_now_us())
		verdict = KEYSTONE_BAD;
	pthread_mutex_lock(&k->lock);
	keystone_user_done(&q->entry->user);
	q->entry->user = user;
	q->entry->verdict = verdict;
	q->entry->until_us = clock_mono_us() + life_us(&user, verdict);
	q->entry->pending = false;
	waiters = TAKE(q->entry->waiters);
	pthread_mutex_unlock(&k->lock);
	sodium_memzero(q->token, strlen(q->token));
	free(q->token);
	free(q);
	resume_all(waiters);
}

static void add_waiter(struct cached *e, struct http_request *req)
{
	struct waiter *w = xalloc(sizeof(*w));

	w->req = req;
	w->next = e->waiters;
	e->waiters = w;
}

static void evict(struct keystone *k)
{
	struct cached *e, *next;

	HASH_ITER (hh, k->cached, e, next) {
		if (HASH_COUNT(k->cached) < MAX_CACHED)
			break;
		if (e->pending)
			continue;
		HASH_DEL(k->cached, e);
		entry_free(e);
	}
}

/* Locked. Puts the entry of a token at the young end of the order. */
static struct cached *find_or_make(struct keystone *k, const uint8_t key[KEY_BYTES])
{
	struct cached *e;

	HASH_FIND(hh, k->cached, key, KEY_BYTES, e);
	if (e) {
		HASH_DEL(k->cached, e);
	} else {
		evict(k);
		e = xalloc(sizeof(*e));
		memcpy(e->key, key, KEY_BYTES);
	}
	HASH_ADD(hh, k->cached, key, KEY_BYTES, e);
	return e;
}

/* Locked. False when too many questions wait already. */
static bool put_question(struct keystone *k, struct cached *e, const char *token)
{
	struct question *q = xalloc(sizeof(*q));

	*q = (struct question){k, e, xstrdup(token)};
	e->pending = true;
	if (jobs_put(k->api->jobs, ask, q) == 0)
		return true;
	e->pending = false;
	e->until_us = 0;
	sodium_memzero(q->token, strlen(q->token));
	free(q->token);
	free(q);
	return false;
}

/* Locked. */
static int start(struct keystone *k, struct call *c, struct cached *e, const char *token, struct err *err)
{
	add_waiter(e, c->req);
	if (put_question(k, e, token))
		return CALL_WAIT;
	free(TAKE(e->waiters));
	http_add_header(c->req, c->resp, "Retry-After", "1");
	return err_api(err, 503, "ServiceUnavailable", "Too many tokens wait to be validated; try again");
}

/* --- using --- */

static bool has_role(const struct keystone_user *u, const char *name)
{
	for (size_t i = 0; i < u->role_count; i++)
		if (strcasecmp(u->roles[i], name) == 0)
			return true;
	return false;
}

static const char *copy(void *region, const char *s)
{
	return s ? talloc_strdup(region, s) : NULL;
}

static void fill(struct call *c, const struct keystone_user *u)
{
	struct caller *who = &c->caller;
	void *region = c->req->region;

	who->admin = has_role(u, "admin");
	who->member = who->admin || has_role(u, "member") || has_role(u, "_member_");
	who->actor = (struct actor){
		.user_id = copy(region, u->user_id),
		.user_name = copy(region, u->user_name),
		.project_id = copy(region, u->project_id),
		.project_name = copy(region, u->project_name),
		.request_id = c->req->id,
		.admin = who->admin,
	};
	who->domain_id = copy(region, u->domain_id);
	who->authenticated = true;
}

/* Locked. */
static int answer(struct call *c, const struct cached *e, struct err *err)
{
	switch (e->verdict) {
	case KEYSTONE_GOOD:
		fill(c, &e->user);
		return 0;
	case KEYSTONE_BAD:
		return unauthorized(err);
	case KEYSTONE_DOWN:
		break;
	}
	http_add_header(c->req, c->resp, "Retry-After", "5");
	return err_api(err, 503, "ServiceUnavailable", "Keystone does not answer as it should; try again");
}

/* Anything that can stand in a header line without changing it. */
static bool is_plain(const char *token)
{
	size_t n = strnlen(token, MAX_TOKEN_BYTES + 1);

	for (size_t i = 0; i < n; i++)
		if (token[i] <= ' ' || token[i] > '~')
			return false;
	return n > 0 && n <= MAX_TOKEN_BYTES;
}

struct keystone_client *keystone_client_of(struct keystone *k)
{
	return k->client;
}

static void hash_token(const struct keystone *k, const char *token, uint8_t key[KEY_BYTES])
{
	crypto_generichash(key, KEY_BYTES, (const uint8_t *)token, strlen(token), k->hash_key,
			   sizeof(k->hash_key));
}

void keystone_forget(struct keystone *k, const char *token)
{
	uint8_t key[KEY_BYTES];
	struct cached *e;

	hash_token(k, token, key);
	pthread_mutex_lock(&k->lock);
	HASH_FIND(hh, k->cached, key, KEY_BYTES, e);
	if (e)
		e->until_us = 0;
	pthread_mutex_unlock(&k->lock);
}

int keystone_authenticate(struct keystone *k, struct call *c, const char *token, struct err *err)
{
	uint8_t key[KEY_BYTES];
	struct cached *e;
	int r;

	if (!is_plain(token))
		return unauthorized(err);
	hash_token(k, token, key);
	c->resumed =
		identity_authenticate; /* after a wait, the answer is looked up as if it had been there */
	pthread_mutex_lock(&k->lock);
	e = find_or_make(k, key);
	if (e->pending) {
		add_waiter(e, c->req);
		r = CALL_WAIT;
	} else if (e->until_us > clock_mono_us()) {
		r = answer(c, e, err);
	} else {
		r = start(k, c, e, token, err);
	}
	pthread_mutex_unlock(&k->lock);
	return r;
}

/* Locked. */
static int recheck(const struct cached *e, struct token_state *ret)
{
	if (e->verdict == KEYSTONE_BAD)
		return -EACCES;
	if (e->verdict == KEYSTONE_DOWN)
		return -EAGAIN;
	*ret = (struct token_state){has_role(&e->user, "admin"), e->user.expires_us};
	return 0;
}

int keystone_recheck(struct keystone *k, const char *token, struct token_state *ret)
{
	uint8_t key[KEY_BYTES];
	struct cached *e;
	int r = -EAGAIN;

	if (!is_plain(token))
		return -EACCES;
	hash_token(k, token, key);
	pthread_mutex_lock(&k->lock);
	e = find_or_make(k, key);
	if (!e->pending && e->until_us > clock_mono_us())
		r = recheck(e, ret);
	else if (!e->pending)
		put_question(k, e, token);
	pthread_mutex_unlock(&k->lock);
	return r;
}
