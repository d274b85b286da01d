/* The log-in: from settings to the body of POST /v3/auth/tokens.
 * Under session.c. */
#include "cli/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <termios.h>

static int missing(struct err *err, const char *what, const char *option, const char *variable)
{
	return err_set(err, -EINVAL,
		       "%s is missing: give --os-%s, or set %s, or name an entry of clouds.yaml (OS_CLOUD)",
		       what, option, variable);
}

/* Adds "domain": by id or name, or the default one. */
static void add_domain(json_t *obj, const struct settings *s, const char *id_key, const char *name_key)
{
	const char *id = settings_get(s, id_key), *name = settings_get(s, name_key);
	json_t *domain = json_object();

	if (!id && !name)
		id = settings_get(s, "default_domain") ? settings_get(s, "default_domain") : "default";
	if (id)
		json_object_set_new(domain, "id", json_string(id));
	else
		json_object_set_new(domain, "name", json_string(name));
	json_object_set_new(obj, "domain", domain);
}

static int add_user(json_t *obj, const struct settings *s, struct err *err)
{
	json_t *user = json_object();

	json_object_set_new(obj, "user", user);
	if (settings_get(s, "user_id")) {
		json_object_set_new(user, "id", json_string(settings_get(s, "user_id")));
		return 0;
	}
	if (!settings_get(s, "username"))
		return missing(err, "the user", "username", "OS_USERNAME");
	json_object_set_new(user, "name", json_string(settings_get(s, "username")));
	add_domain(user, s, "user_domain_id", "user_domain_name");
	return 0;
}

static int add_password(json_t *identity, const struct settings *s, struct err *err)
{
	json_t *method = json_object();
	const char *password = settings_get(s, "password");
	int r;

	json_object_set_new(identity, "password", method);
	r = add_user(method, s, err);
	if (r)
		return r;
	if (!password) {
		char *asked;

		if (password_ask(NULL, "Password: ", &asked, NULL))
			return missing(err, "the password", "password", "OS_PASSWORD");
		json_object_set_new(json_object_get(method, "user"), "password", json_string(asked));
		talloc_free(asked);
		return 0;
	}
	json_object_set_new(json_object_get(method, "user"), "password", json_string(password));
	return 0;
}

static int add_token(json_t *identity, const struct settings *s, struct err *err)
{
	if (!settings_get(s, "token"))
		return missing(err, "the token", "token", "OS_TOKEN");
	json_object_set_new(identity, "token", json_pack("{s:s}", "id", settings_get(s, "token")));
	return 0;
}

static int add_application_credential(json_t *identity, const struct settings *s, struct err *err)
{
	json_t *method = json_object();
	const char *id = settings_get(s, "application_credential_id");
	const char *name = settings_get(s, "application_credential_name");
	const char *secret = settings_get(s, "application_credential_secret");

	json_object_set_new(identity, "application_credential", method);
	if (!secret)
		return missing(err, "the application credential's secret", "application-credential-secret",
			       "OS_APPLICATION_CREDENTIAL_SECRET");
	json_object_set_new(method, "secret", json_string(secret));
	if (id) {
		json_object_set_new(method, "id", json_string(id));
		return 0;
	}
	if (!name)
		return missing(err, "the application credential's id", "application-credential-id",
			       "OS_APPLICATION_CREDENTIAL_ID");
	json_object_set_new(method, "name", json_string(name));
	return add_user(method, s, err);
}

/* "scope": what the token is for; nothing for an application credential, which knows its project. */
static void add_scope(json_t *auth, const struct settings *s)
{
	json_t *scope = json_object();
	const char *id = settings_get(s, "project_id"), *name = settings_get(s, "project_name");

	if (id || name) {
		json_t *project = json_object();

		json_object_set_new(project, id ? "id" : "name", json_string(id ? id : name));
		if (!id)
			add_domain(project, s, "project_domain_id", "project_domain_name");
		json_object_set_new(scope, "project", project);
	} else if (settings_get(s, "domain_id")) {
		json_object_set_new(scope, "domain", json_pack("{s:s}", "id", settings_get(s, "domain_id")));
	} else if (settings_get(s, "domain_name")) {
		json_object_set_new(scope, "domain",
				    json_pack("{s:s}", "name", settings_get(s, "domain_name")));
	} else if (settings_get(s, "system_scope")) {
		json_object_set_new(scope, "system", json_pack("{s:b}", "all", 1));
	}
	if (json_object_size(scope) > 0)
		json_object_set(auth, "scope", scope);
	json_decref(scope);
}

static const char *guess_type(const struct settings *s)
{
	if (settings_get(s, "auth_type"))
		return settings_get(s, "auth_type");
	if (settings_get(s, "application_credential_id") || settings_get(s, "application_credential_name"))
		return "v3applicationcredential";
	if (settings_get(s, "token") && !settings_get(s, "username") && !settings_get(s, "user_id"))
		return "token";
	return "password";
}

int auth_make_body(const struct settings *s, json_t **ret, struct err *err)
{
	static const struct {
		const char *type, *method;
		int (*add)(json_t *identity, const struct settings *s, struct err *err);
	} kinds[] = {
		{"password", "password", add_password},
		{"token", "token", add_token},
		{"v3applicationcredential", "application_credential", add_application_credential},
	};
	const char *type = guess_type(s);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_auto_t *auth = json_object();
		json_t *identity = json_pack("{s:[s]}", "methods", kinds[i].method);
		int r;

		json_object_set_new(auth, "identity", identity);
		if (strcmp(type, kinds[i].type))
			continue;
		r = kinds[i].add(identity, s, err);
		if (r)
			return r;
		if (strcmp(type, "v3applicationcredential"))
			add_scope(auth, s);
		*ret = json_pack("{s:O}", "auth", auth);
		return 0;
	}
	return err_set(err, -EINVAL,
		       "OS_AUTH_TYPE=%s: the types are password, token, v3applicationcredential, admin_token "
		       "and none",
		       type);
}

int password_ask(void *mem, const char *prompt, char **ret, struct err *err)
{
	AUTO_CLOSE int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios shown, hidden;
	char line[1024];
	size_t n = 0;
	char c;

	/* A command in the background must not steal the terminal, and one in a pipeline may still ask. */
	if (fd < 0 || !isatty(STDERR_FILENO) || tcgetattr(fd, &shown))
		return err_set(err, -ENOTTY, "there is no terminal to ask for the password on");
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	/* First hidden, then asked: what is typed upon the prompt is neither shown nor flushed away. */
	tcsetattr(fd, TCSAFLUSH, &hidden);
	dprintf(fd, "%s", prompt);
	while (n + 1 < sizeof(line) && read(fd, &c, 1) == 1 && c != '\n')
		line[n++] = c;
	line[n] = 0;
	tcsetattr(fd, TCSAFLUSH, &shown);
	dprintf(fd, "\n");
	*ret = talloc_strdup(mem, line);
	explicit_bzero(line, sizeof(line));
	return 0;
}

char *versioned_url(void *mem, const char *url, const char *version)
{
	size_t len = strlen(url);
	const char *last;

	while (len > 0 && url[len - 1] == '/')
		len--;
	last = memrchr(url, '/', len);
	if (last && last[1] == 'v' && last[2] >= '1' && last[2] <= '9' && last > url + 7)
		len = (size_t)(last - url);
	return talloc_asprintf(mem, "%.*s%s", (int)len, url, version);
}

static const char *endpoint_url(const json_t *service, const char *interface, const char *region)
{
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(service, "endpoints"), i, e)
	{
		const char *kind = json_string_value(json_object_get(e, "interface"));
		const char *where = json_string_value(json_object_get(e, "region_id"));

		if (!where)
			where = json_string_value(json_object_get(e, "region"));
		if (kind && !strcmp(kind, interface) && (!region || (where && !strcmp(where, region))))
			return json_string_value(json_object_get(e, "url"));
	}
	return NULL;
}

const char *catalog_find(const json_t *token, const char *type, const char *interface, const char *region)
{
	size_t i;
	json_t *service;

	json_array_foreach(json_object_get(token, "catalog"), i, service)
	{
		const char *t = json_string_value(json_object_get(service, "type"));
		const char *url = t && !strcmp(t, type) ? endpoint_url(service, interface, region) : NULL;

		if (url)
			return url;
	}
	return NULL;
}
