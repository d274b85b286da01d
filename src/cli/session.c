/* A log-in and the calls made with it: token, catalogue, endpoints, pagination.
 * Between the verbs and http.c. */
#include "cli/session.h"

#include "cli/auth.h"
#include "cli/cli.h"
#include "cli/http.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct session {
	const struct settings *settings;
	struct http *http;
	char *token;
	json_t *body; /* of the token; NULL when there is none */
	bool ready;
	bool plan_only;
	json_t *plans;
	const char *as_of; /* NULL: now */
};

static int session_destroy(struct session *s)
{
	json_decref(s->body);
	json_decref(s->plans);
	if (s->token)
		explicit_bzero(s->token, strlen(s->token));
	return 0;
}

int session_new(void *mem, const struct settings *settings, bool debug, long timeout_s, struct session **ret,
		struct err *err)
{
	struct session *s = talloc_zero(mem, struct session);

	s->settings = settings;
	talloc_set_destructor(s, session_destroy);
	*ret = s;
	return http_new(s, settings, debug, timeout_s, &s->http, err);
}

void session_plan_only(struct session *s)
{
	s->plan_only = true;
}

const json_t *session_get_plans(const struct session *s)
{
	return s->plans;
}

void session_look_back(struct session *s, const char *as_of)
{
	s->as_of = as_of;
}

const json_t *session_get_token(const struct session *s)
{
	return s->body;
}

const char *session_get_token_id(const struct session *s)
{
	return s->token;
}

/* OS_AUTH_TYPE=admin_token and none: no log-in, the endpoint is given. */
static bool is_direct(const struct session *s)
{
	const char *type = settings_get(s->settings, "auth_type");

	return type && (!strcmp(type, "none") || !strcmp(type, "admin_token"));
}

static int direct_login(struct session *s, struct err *err)
{
	const char *token = settings_get(s->settings, "token");

	if (!strcmp(settings_get(s->settings, "auth_type"), "admin_token") && !token)
		return err_set(err, -EINVAL, "the token is missing: give --os-token or set OS_TOKEN");
	s->token = token ? talloc_strdup(s, token) : NULL;
	s->ready = true;
	return 0;
}

static int take_token(struct session *s, const struct http_reply *reply, struct err *err)
{
	json_auto_t *body = NULL;
	int r = reply_check(reply, err);

	if (r)
		return err_prefix(err, "log-in");
	r = reply_parse(reply, &body, err);
	if (r)
		return err_prefix(err, "log-in");
	if (!reply->subject_token || !json_is_object(json_object_get(body, "token")))
		return err_set(err, -EPROTO,
			       "log-in: the answer holds no token; is OS_AUTH_URL an Identity (Keystone) v3 "
			       "address?");
	s->token = talloc_steal(s, reply->subject_token);
	s->body = json_incref(json_object_get(body, "token"));
	s->ready = true;
	return 0;
}

int session_login(struct session *s, struct err *err)
{
	const char *auth_url = settings_get(s->settings, "auth_url");
	json_auto_t *body = NULL;
	struct http_reply reply;
	void *mem;
	int r;

	if (s->ready)
		return 0;
	if (is_direct(s))
		return direct_login(s, err);
	if (!auth_url)
		return err_set(err, -EINVAL,
			       "no cloud is named: set OS_AUTH_URL (for a sandbox: '. openrc'), or OS_CLOUD "
			       "for an entry of clouds.yaml, or give --os-auth-url URL");
	r = auth_make_body(s->settings, &body, err);
	if (r)
		return r;
	mem = talloc_new(s);
	r = http_send(s->http,
		      &(struct http_request){.method = "POST",
					     .url = talloc_asprintf(mem, "%s/auth/tokens",
								    versioned_url(mem, auth_url, "/v3")),
					     .body = body},
		      mem, &reply, err);
	r = r ? r : take_token(s, &reply, err);
	talloc_free(mem);
	return r;
}

static const struct service_kind {
	const char *type, *override, *version;
} service_kinds[] = {
	[SERVICE_NONE] = {"network", "network_endpoint_override", ""},
	[SERVICE_NETWORK] = {"network", "network_endpoint_override", "/v2.0"},
	[SERVICE_IDENTITY] = {"identity", "identity_endpoint_override", "/v3"},
	[SERVICE_COMPUTE] = {"compute", "compute_endpoint_override", "/v2.1"},
};

/* The service's address without its version. Borrowed. */
static int find_endpoint(const struct session *s, enum service service, const char **ret, struct err *err)
{
	const struct service_kind *k = &service_kinds[service];
	const char *interface = settings_get(s->settings, "interface");
	const char *region = settings_get(s->settings, "region_name");
	const char *url = settings_get(s->settings, k->override);

	if (!url && service != SERVICE_IDENTITY && is_direct(s))
		url = settings_get(s->settings, "endpoint");
	if (url && service == SERVICE_COMPUTE && url == settings_get(s->settings, "endpoint"))
		url = versioned_url(s->http, url, "/compute"); /* beside the network API, as buoyd has it */
	interface = interface ? interface : "public";
	if (!url)
		url = catalog_find(s->body, k->type, interface, region);
	if (!url && service == SERVICE_IDENTITY)
		url = settings_get(s->settings, "auth_url");
	if (!url && is_direct(s))
		return err_set(err, -EINVAL,
			       "the network API's address is missing: give --os-endpoint or set OS_ENDPOINT");
	if (!url && !json_object_get(s->body, "catalog"))
		return err_set(err, -EINVAL,
			       "the log-in is for no project, so there is no catalogue: set OS_PROJECT_NAME "
			       "or OS_PROJECT_ID");
	if (!url)
		return err_set(err, -ENOENT,
			       "the catalogue has no %s endpoint of type '%s'%s%s: see OS_INTERFACE and "
			       "OS_REGION_NAME",
			       interface, k->type, region ? " in region " : "", region ? region : "");
	*ret = url;
	return 0;
}

static int send_request(struct session *s, const struct http_request *req, json_t **ret, struct err *err)
{
	void *mem = talloc_new(s);
	struct http_reply reply;
	int r = http_send(s->http, req, mem, &reply, err);

	if (r == 0)
		r = reply_check(&reply, err);
	if (r == 0 && ret)
		r = reply_parse(&reply, ret, err);
	talloc_free(mem);
	return r;
}

/* Compute's version need not be last: some clouds put the project behind it. */
static char *service_root(struct session *s, enum service service, const char *base, const char *version)
{
	const char *v2 = service == SERVICE_COMPUTE ? strstr(base, "/v2") : NULL;
	const char *behind = v2 ? strchr(v2 + 1, '/') : NULL;

	return behind && behind[1] ? talloc_strdup(s, base) : versioned_url(s, base, version);
}

/* The whole URL of a path, after a log-in where that is needed; talloc'd on the session. */
static int make_url(struct session *s, enum service service, const char *version, const char *path,
		    char **ret, struct err *err)
{
	const char *base;
	char *root;
	int r = session_login(s, err);

	if (r == 0)
		r = find_endpoint(s, service, &base, err);
	if (r)
		return r;
	root = service_root(s, service, base, version);
	*ret = talloc_asprintf(s, "%s%s", root, path);
	talloc_free(root);
	return 0;
}

/* An answer that is a plan is kept. A server that knows no plans has done what was asked. */
static int keep_plan(struct session *s, const json_t *reply, struct err *err)
{
	json_t *plan = json_object_get(reply, "plan");

	if (!json_is_object(plan))
		return err_set(err, -EPROTO,
			       "this server knows no plans ('buoy extension list' has no buoy-plan): it may "
			       "have done it");
	if (!s->plans)
		s->plans = json_array();
	json_array_append(s->plans, plan);
	return err_set(err, -ECANCELED, "planned only");
}

/* What --plan and --as-of add to a path, or forbid. */
static int amend(struct session *s, enum service service, const char *method, char **url, struct err *err)
{
	bool read = !strcmp(method, "GET"), network = service == SERVICE_NETWORK;

	if (!read && s->as_of)
		return err_set(err, -EINVAL, "--as-of looks at the past, which can not be changed");
	if (!read && s->plan_only && !network)
		return err_set(err, -EINVAL, "--plan is there for the network API's commands only");
	if (read && network && s->as_of)
		*url = query_add(*url, "as_of", s->as_of);
	if (!read && s->plan_only)
		*url = query_add(*url, "plan", "1");
	return 0;
}

static int call_version(struct session *s, enum service service, const char *version, const char *method,
			const char *path, const json_t *body, json_t **ret, struct err *err)
{
	bool planned = s->plan_only && strcmp(method, "GET");
	json_auto_t *plan = NULL;
	char *url;
	int r = make_url(s, service, version, path, &url, err);

	if (r == 0)
		r = amend(s, service, method, &url, err);
	if (r)
		return r;
	r = send_request(
		s, &(struct http_request){.method = method, .url = url, .token = s->token, .body = body},
		planned ? &plan : ret, err);
	talloc_free(url);
	return r == 0 && planned ? keep_plan(s, plan, err) : r;
}

int session_listen(struct session *s, enum service service, const char *path,
		   int (*fn)(void *arg, const char *line), void *arg, struct err *err)
{
	struct http_reply reply;
	char *url;
	int r = make_url(s, service, service_kinds[service].version, path, &url, err);

	if (r)
		return r;
	r = http_listen(s->http, &(struct http_request){.method = "GET", .url = url, .token = s->token}, url,
			fn, arg, &reply, err);
	if (r == 0)
		r = reply_check(&reply, err);
	talloc_free(url);
	return r;
}

int session_call(struct session *s, enum service service, const char *method, const char *path,
		 const json_t *body, json_t **ret, struct err *err)
{
	return call_version(s, service, service_kinds[service].version, method, path, body, ret, err);
}

int session_call_raw(struct session *s, const char *method, const char *path, const json_t *body,
		     json_t **ret, struct err *err)
{
	bool identity = !strncmp(path, "/v3", 3);

	return call_version(s, identity ? SERVICE_IDENTITY : SERVICE_NETWORK, "", method, path, body, ret,
			    err);
}

/* The link to the next page: Neutron's <key>_links, Keystone's links.next; NULL on the last page. */
static const char *next_link(const json_t *page, const char *key)
{
	AUTO_FREE char *links_key = xasprintf("%s_links", key);
	size_t i;
	json_t *link;

	json_array_foreach(json_object_get(page, links_key), i, link)
	{
		if (!strcmp(json_get_text(link, "rel"), "next"))
			return json_string_value(json_object_get(link, "href"));
	}
	return json_string_value(json_object_get(json_object_get(page, "links"), "next"));
}

/* Follows a link: its query on our own path. Its host is not used: behind a proxy it is often wrong, and
 * a token must go nowhere but to the endpoint. NULL when the link does not lead on. */
static char *next_path(void *mem, const char *first, const char *now, const char *link)
{
	const char *query = link ? strchr(link, '?') : NULL;
	char *path;

	if (!query)
		return NULL;
	path = talloc_asprintf(mem, "%.*s%s", (int)strcspn(first, "?"), first, query);
	return strcmp(path, now) ? path : NULL;
}

int session_list(struct session *s, enum service service, const char *path, const char *key, size_t limit,
		 json_t **ret, struct err *err)
{
	void *mem = talloc_new(s);
	json_auto_t *rows = json_array();
	const char *now = path;
	int r = 0;

	while (r == 0 && now) {
		json_auto_t *page = NULL;
		json_t *part;

		r = session_call(s, service, "GET", now, NULL, &page, err);
		if (r)
			break;
		part = json_object_get(page, key);
		if (!json_is_array(part)) {
			r = err_set(err, -EPROTO, "the server's answer has no list '%s'", key);
			break;
		}
		json_array_extend(rows, part);
		/* An empty page ends the list whatever it links to: no server makes us walk for ever. */
		now = json_array_size(part) > 0 && (!limit || json_array_size(rows) < limit)
			      ? next_path(mem, path, now, next_link(page, key))
			      : NULL;
	}
	while (limit && json_array_size(rows) > limit)
		json_array_remove(rows, json_array_size(rows) - 1);
	if (r == 0)
		*ret = json_incref(rows);
	talloc_free(mem);
	return r;
}

int session_revoke(struct session *s, const char *token, struct err *err)
{
	const char *base;
	char *url;
	int r = session_login(s, err);

	if (r == 0)
		r = find_endpoint(s, SERVICE_IDENTITY, &base, err);
	if (r)
		return r;
	url = talloc_asprintf(s, "%s/auth/tokens", versioned_url(s, base, "/v3"));
	return send_request(
		s,
		&(struct http_request){
			.method = "DELETE", .url = url, .token = s->token, .subject_token = token},
		NULL, err);
}

int session_get_project(struct session *s, const char **ret, struct err *err)
{
	int r = session_login(s, err);

	if (r)
		return r;
	*ret = json_string_value(json_object_get(json_object_get(s->body, "project"), "id"));
	if (!*ret)
		*ret = settings_get(s->settings, "project_id");
	return *ret ? 0
		    : err_set(err, -EINVAL, "the log-in is for no project: name one, or set OS_PROJECT_NAME");
}

int session_get_user(struct session *s, const char **ret, struct err *err)
{
	int r = session_login(s, err);

	if (r)
		return r;
	*ret = json_string_value(json_object_get(json_object_get(s->body, "user"), "id"));
	if (!*ret)
		*ret = settings_get(s->settings, "user_id");
	return *ret ? 0 : err_set(err, -EINVAL, "the token does not say who the user is: set OS_USER_ID");
}
