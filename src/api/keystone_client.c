/* Keystone's v3 API as far as validating tokens needs it: log in with our own user, ask about others' tokens.
 * Runs on jobs; below identity_keystone.c. */
#include "api/identity_keystone.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#define TIMEOUT_S   5
#define MAX_ANSWER  (1024 * 1024)
#define RENEW_US    (60 * 1000000LL) /* our own token is renewed so long before its end */
#define MAX_HANDLES 4

struct keystone_client {
	char *base; /* "http://host:5000", without /v3 */
	char *login;
	pthread_mutex_t lock; /* of the two below */
	CURL *idle[MAX_HANDLES];
	unsigned idle_count;
	pthread_mutex_t token_lock; /* one log-in at a time */
	char *token;
	int64_t token_end_us;
};

/* --- start --- */

static char *make_login(const struct api_config *k)
{
	const char *domain = k->keystone_domain ? k->keystone_domain : "Default";
	json_t *json =
		json_pack("{s:{s:{s:[s],s:{s:{s:s,s:s,s:{s:s}}}},s:{s:{s:s,s:{s:s}}}}}", "auth", "identity",
			  "methods", "password", "password", "user", "name", k->keystone_username, "password",
			  k->keystone_password, "domain", "name", domain, "scope", "project", "name",
			  k->keystone_project, "domain", "name", domain);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return text;
}

int keystone_client_new(const struct api_config *config, struct keystone_client **ret, struct err *err)
{
	struct keystone_client *c;
	size_t len;

	if (!config->keystone_url || !config->keystone_username || !config->keystone_password ||
	    !config->keystone_project)
		return err_set(err, -EINVAL, "Keystone needs a url, a username, a password and a project");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	c = xalloc(sizeof(*c));
	c->base = xstrdup(config->keystone_url);
	len = strlen(c->base);
	while (len && c->base[len - 1] == '/')
		c->base[--len] = '\0';
	if (len > 3 && strcmp(c->base + len - 3, "/v3") == 0)
		c->base[len - 3] = '\0';
	c->login = make_login(config);
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->token_lock, NULL);
	if (!c->login) {
		keystone_client_free(c);
		return err_set(err, -EINVAL,
			       "Keystone's username, password, project and domain must be UTF-8");
	}
	*ret = c;
	return 0;
}

void keystone_client_free(struct keystone_client *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->idle_count; i++)
		curl_easy_cleanup(c->idle[i]);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->token_lock);
	if (c->login)
		sodium_memzero(c->login, strlen(c->login));
	free(c->login);
	free(c->token);
	free(c->base);
	free(c);
}

/* --- one exchange --- */

/* A handle keeps its connection: a question costs one round trip. */
static CURL *take_handle(struct keystone_client *c)
{
	CURL *curl = NULL;

	pthread_mutex_lock(&c->lock);
	if (c->idle_count)
		curl = c->idle[--c->idle_count];
	pthread_mutex_unlock(&c->lock);
	if (curl)
		curl_easy_reset(curl);
	return curl ? curl : curl_easy_init();
}

static void give_handle(struct keystone_client *c, CURL *curl)
{
	pthread_mutex_lock(&c->lock);
	if (c->idle_count < MAX_HANDLES) {
		c->idle[c->idle_count++] = curl;
		curl = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	if (curl)
		curl_easy_cleanup(curl);
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct keystone_answer *a = arg;

	if (a->body.len + size * n > MAX_ANSWER)
		return 0;
	buf_add(&a->body, data, size * n);
	return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	static const char name[] = "X-Subject-Token:";
	struct keystone_answer *a = arg;
	size_t len = size * n, from = sizeof(name) - 1;

	if (len <= from || strncasecmp(data, name, from) != 0)
		return len;
	while (from < len && data[from] == ' ')
		from++;
	free(a->subject);
	a->subject = strndup(data + from, strcspn(data + from, "\r\n"));
	return len;
}

void keystone_answer_done(struct keystone_answer *a)
{
	buf_done(&a->body);
	free(a->subject);
}

bool keystone_client_talk(struct keystone_client *c, const char *method, const char *path,
			  struct curl_slist *headers, const char *body, struct keystone_answer *ret)
{
	AUTO_FREE char *url = xasprintf("%s%s", c->base, path);
	CURL *curl = take_handle(c);
	bool ok;

	if (!curl)
		return false;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	ok = curl_easy_perform(curl) == CURLE_OK &&
	     curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret->status) == CURLE_OK;
	give_handle(c, curl);
	return ok;
}

/* --- what Keystone says --- */

static char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? xstrdup(s) : NULL;
}

void keystone_user_done(struct keystone_user *u)
{
	for (size_t i = 0; i < u->role_count; i++)
		free(u->roles[i]);
	free(u->roles);
	free(u->user_id);
	free(u->user_name);
	free(u->project_id);
	free(u->project_name);
	free(u->domain_id);
	free(u->user_domain_id);
	*u = (struct keystone_user){0};
}

static void read_roles(const json_t *list, struct keystone_user *u)
{
	u->roles = xalloc((json_array_size(list) + 1) * sizeof(*u->roles));
	for (size_t i = 0; i < json_array_size(list); i++) {
		char *name = text_of(json_array_get(list, i), "name");

		if (name)
			u->roles[u->role_count++] = name;
	}
}

int keystone_user_parse(const char *text, size_t len, struct keystone_user *ret)
{
	json_t *json = json_loadb(text, len, 0, NULL), *token = json_object_get(json, "token");
	const json_t *user = json_object_get(token, "user"), *project = json_object_get(token, "project");
	const char *expires = json_string_value(json_object_get(token, "expires_at"));
	struct keystone_user u = {0};
	int64_t end = 0;
	bool good;

	u.user_id = text_of(user, "id");
	u.user_name = text_of(user, "name");
	u.project_id = text_of(project, "id");
	u.project_name = text_of(project, "name");
	u.domain_id = text_of(json_object_get(project ? project : user, "domain"), "id");
	u.user_domain_id = text_of(json_object_get(user, "domain"), "id");
	read_roles(json_object_get(token, "roles"), &u);
	good = u.user_id && expires && time_parse(expires, &end) == 0;
	json_decref(json);
	if (!good) {
		keystone_user_done(&u);
		return -EBADMSG;
	}
	u.expires_us = end * 1000000;
	*ret = u;
	return 0;
}

/* --- our own token --- */

/* A copy of the service token, made when there is none that lasts. NULL: Keystone does not give one. */
static char *service_token(struct keystone_client *c)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	struct keystone_answer a = {0};
	struct keystone_user me = {0};
	char *token = NULL;

	pthread_mutex_lock(&c->token_lock);
	if ((!c->token || c->token_end_us < clock_now_us() + RENEW_US) &&
	    keystone_client_talk(c, "POST", "/v3/auth/tokens?nocatalog", headers, c->login, &a) &&
	    a.status == 201 && a.subject && keystone_user_parse(buf_text(&a.body), a.body.len, &me) == 0) {
		free(c->token);
		c->token = TAKE(a.subject);
		c->token_end_us = me.expires_us;
	}
	if (c->token && c->token_end_us > clock_now_us())
		token = xstrdup(c->token);
	pthread_mutex_unlock(&c->token_lock);
	keystone_user_done(&me);
	keystone_answer_done(&a);
	curl_slist_free_all(headers);
	return token;
}

static void forget_token(struct keystone_client *c, const char *token)
{
	pthread_mutex_lock(&c->token_lock);
	if (c->token && strcmp(c->token, token) == 0) {
		free(c->token);
		c->token = NULL;
	}
	pthread_mutex_unlock(&c->token_lock);
}

static bool validate(struct keystone_client *c, const char *service, const char *token,
		     struct keystone_answer *ret)
{
	AUTO_FREE char *mine = xasprintf("X-Auth-Token: %s", service);
	AUTO_FREE char *subject = xasprintf("X-Subject-Token: %s", token);
	struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, mine), subject);
	bool ok = keystone_client_talk(c, "GET", "/v3/auth/tokens?nocatalog", headers, NULL, ret);

	curl_slist_free_all(headers);
	return ok;
}

enum keystone_verdict keystone_client_ask(struct keystone_client *c, const char *token,
					  struct keystone_user *ret)
{
	enum keystone_verdict verdict = KEYSTONE_DOWN;

	/* Twice, because our own token may have been revoked: then Keystone says 401. */
	for (int i = 0; i < 2; i++) {
		AUTO_FREE char *service = service_token(c);
		struct keystone_answer a = {0};
		bool again = false;

		if (service && validate(c, service, token, &a)) {
			if (a.status == 200 && keystone_user_parse(buf_text(&a.body), a.body.len, ret) == 0)
				verdict = KEYSTONE_GOOD;
			else if (a.status == 404)
				verdict = KEYSTONE_BAD;
			else if (a.status == 401)
				again = true;
		}
		keystone_answer_done(&a);
		if (!again)
			break;
		forget_token(c, service);
	}
	return verdict;
}
