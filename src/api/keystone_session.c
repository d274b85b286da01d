/* What a person does at an existing Keystone through the console: log in, list projects, switch, log out.
 * Runs on jobs; between console_keystone.c and keystone_client.c. */
#include "api/identity_keystone.h"

#include <curl/curl.h>
#include <string.h>

#define TOKENS "/v3/auth/tokens?nocatalog"

void keystone_session_done(struct keystone_session *s)
{
	if (s->token)
		sodium_memzero(s->token, strlen(s->token));
	free(s->token);
	keystone_user_done(&s->user);
	for (size_t i = 0; i < s->project_count; i++) {
		free(s->projects[i].id);
		free(s->projects[i].name);
	}
	free(s->projects);
	*s = (struct keystone_session){0};
}

static enum keystone_verdict verdict_of(const struct keystone_answer *a, long good)
{
	if (a->status == good)
		return KEYSTONE_GOOD;
	return a->status >= 400 && a->status < 500 && a->status != 429 ? KEYSTONE_BAD : KEYSTONE_DOWN;
}

/* --- tokens --- */

/* Asks for a token; replaces the session's. Takes `auth` over. */
static enum keystone_verdict get_token(struct keystone_client *c, json_t *auth, struct keystone_session *s)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char *body = auth ? json_dumps(auth, JSON_COMPACT) : NULL;
	enum keystone_verdict verdict = KEYSTONE_DOWN;
	struct keystone_answer a = {0};
	struct keystone_user user = {0};

	if (body && keystone_client_talk(c, "POST", TOKENS, headers, body, &a))
		verdict = verdict_of(&a, 201);
	if (verdict == KEYSTONE_GOOD &&
	    (!a.subject || keystone_user_parse(buf_text(&a.body), a.body.len, &user) < 0))
		verdict = KEYSTONE_DOWN;
	if (verdict == KEYSTONE_GOOD) {
		keystone_user_done(&s->user);
		free(s->token);
		s->user = user;
		s->token = TAKE(a.subject);
	}
	if (body)
		sodium_memzero(body, strlen(body));
	free(body);
	json_decref(auth);
	keystone_answer_done(&a);
	curl_slist_free_all(headers);
	return verdict;
}

static enum keystone_verdict scope_to(struct keystone_client *c, const char *token, const char *project_id,
				      struct keystone_session *s)
{
	return get_token(c,
			 json_pack("{s:{s:{s:[s],s:{s:s}},s:{s:{s:s}}}}", "auth", "identity", "methods",
				   "token", "token", "id", token, "scope", "project", "id", project_id),
			 s);
}

/* --- projects --- */

static void read_projects(const struct keystone_answer *a, struct keystone_session *s)
{
	json_t *json = json_loadb(buf_text(&a->body), a->body.len, 0, NULL), *item;
	const json_t *list = json_object_get(json, "projects");
	size_t i;

	s->projects = xalloc((json_array_size(list) + 1) * sizeof(*s->projects));
	json_array_foreach(list, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "id"));
		const char *name = json_string_value(json_object_get(item, "name"));

		if (id && name && !json_is_false(json_object_get(item, "enabled")))
			s->projects[s->project_count++] =
				(struct keystone_project){xstrdup(id), xstrdup(name)};
	}
	json_decref(json);
}

static struct curl_slist *with_token(const char *token)
{
	AUTO_FREE char *line = xasprintf("X-Auth-Token: %s", token);

	return curl_slist_append(NULL, line);
}

static enum keystone_verdict get_projects(struct keystone_client *c, struct keystone_session *s)
{
	struct curl_slist *headers = with_token(s->token);
	enum keystone_verdict verdict = KEYSTONE_DOWN;
	struct keystone_answer a = {0};

	if (keystone_client_talk(c, "GET", "/v3/auth/projects", headers, NULL, &a))
		verdict = verdict_of(&a, 200);
	if (verdict == KEYSTONE_GOOD)
		read_projects(&a, s);
	keystone_answer_done(&a);
	curl_slist_free_all(headers);
	return verdict;
}

/* An id is looked for first: a project may be named like another's id. */
static const char *find_project(const struct keystone_session *s, const char *wanted)
{
	for (size_t i = 0; i < s->project_count; i++)
		if (!wanted || strcmp(s->projects[i].id, wanted) == 0)
			return s->projects[i].id;
	for (size_t i = 0; i < s->project_count; i++)
		if (strcmp(s->projects[i].name, wanted) == 0)
			return s->projects[i].id;
	return NULL;
}

/* --- what is asked for --- */

static enum keystone_verdict finish(struct keystone_session *s, enum keystone_verdict verdict)
{
	if (verdict != KEYSTONE_GOOD)
		keystone_session_done(s);
	return verdict;
}

/* From the first token to one for a project; without any project the first one stays. */
static enum keystone_verdict choose_project(struct keystone_client *c, const char *project,
					    struct keystone_session *s)
{
	const char *id;

	if (!project && s->user.project_id)
		return KEYSTONE_GOOD;
	id = find_project(s, project);
	if (id)
		return scope_to(c, s->token, id, s);
	return project ? KEYSTONE_BAD : KEYSTONE_GOOD;
}

enum keystone_verdict keystone_session_login(struct keystone_client *c, const char *username,
					     const char *password, const char *domain, const char *project,
					     struct keystone_session *s)
{
	json_t *auth = json_pack("{s:{s:{s:[s],s:{s:{s:s,s:s,s:{s:s}}}}}}", "auth", "identity", "methods",
				 "password", "password", "user", "name", username, "password", password,
				 "domain", "name", domain);
	enum keystone_verdict verdict;

	*s = (struct keystone_session){0};
	if (project && auth)
		json_object_set_new(json_object_get(auth, "auth"), "scope", json_string("unscoped"));
	verdict = get_token(c, auth, s);
	if (verdict == KEYSTONE_GOOD)
		verdict = get_projects(c, s);
	if (verdict == KEYSTONE_GOOD)
		verdict = choose_project(c, project, s);
	return finish(s, verdict);
}

enum keystone_verdict keystone_session_read(struct keystone_client *c, const char *token,
					    struct keystone_session *s)
{
	enum keystone_verdict verdict;

	*s = (struct keystone_session){.token = xstrdup(token)};
	verdict = keystone_client_ask(c, token, &s->user);
	if (verdict == KEYSTONE_GOOD)
		verdict = get_projects(c, s);
	return finish(s, verdict);
}

enum keystone_verdict keystone_session_move(struct keystone_client *c, const char *token,
					    const char *project_id, struct keystone_session *s)
{
	enum keystone_verdict verdict;

	*s = (struct keystone_session){0};
	verdict = scope_to(c, token, project_id, s);
	if (verdict == KEYSTONE_GOOD)
		verdict = get_projects(c, s);
	return finish(s, verdict);
}

bool keystone_session_revoke(struct keystone_client *c, const char *token)
{
	AUTO_FREE char *subject = xasprintf("X-Subject-Token: %s", token);
	struct curl_slist *headers = curl_slist_append(with_token(token), subject);
	struct keystone_answer a = {0};
	bool ok = keystone_client_talk(c, "DELETE", "/v3/auth/tokens", headers, NULL, &a) &&
		  (a.status == 204 || a.status == 401 || a.status == 404);

	keystone_answer_done(&a);
	curl_slist_free_all(headers);
	return ok;
}
