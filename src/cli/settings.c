/* Where the cloud is and who asks: --os-* options, OS_* variables and clouds.yaml, in that order.
 * The first step of a run. */
#include "cli/settings.h"

#include "cli/cloudsfile.h"
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

const struct setting setting_rows[] = {
	{"cloud", NULL, "entry of clouds.yaml to use", false},
	{"auth_url", NULL, "where Identity (Keystone) listens, e.g. http://controller:5000/v3", false},
	{"auth_type", NULL, "password, token, v3applicationcredential, admin_token or none", false},
	{"username", "OS_USER_NAME", "name of the user", false},
	{"user_id", NULL, "id of the user, instead of the name", false},
	{"password", NULL, "the user's password; the variable is safer than the option", true},
	{"project_name", "OS_TENANT_NAME", "name of the project to work in", false, "os-tenant-name"},
	{"project_id", "OS_TENANT_ID", "id of the project, instead of the name", false, "os-tenant-id"},
	{"user_domain_name", NULL, "name of the user's domain", false},
	{"user_domain_id", NULL, "id of the user's domain", false},
	{"project_domain_name", NULL, "name of the project's domain", false},
	{"project_domain_id", NULL, "id of the project's domain", false},
	{"domain_name", NULL, "domain to work in, instead of a project", false},
	{"domain_id", NULL, "id of that domain", false},
	{"default_domain", NULL, "id of the domain where none is given (default)", false},
	{"system_scope", NULL, "'all': work on the system itself", false},
	{"token", NULL, "an existing token", true},
	{"application_credential_id", NULL, "id of an application credential", false},
	{"application_credential_name", NULL, "its name, together with the user", false},
	{"application_credential_secret", NULL, "its secret", true},
	{"endpoint", NULL, "the network API's address, for admin_token and none", false},
	{"region_name", NULL, "region of the endpoints to use", false},
	{"interface", "OS_ENDPOINT_TYPE", "public (default), internal or admin endpoints", false,
	 "endpoint-type"},
	{"network_endpoint_override", NULL, "the network API's address instead of the catalogue's", false},
	{"identity_endpoint_override", NULL, "the same for Identity", false},
	{"compute_endpoint_override", NULL, "the same for Compute", false, "bypass-url"},
	{"cacert", NULL, "file of certificate authorities to trust", false},
	{"cert", NULL, "client certificate", false},
	{"key", NULL, "key of the client certificate", false},
	{"insecure", NULL, "do not check the server's certificate (true or false)", false},
	{0},
};

struct settings {
	char *values[ARRAY_SIZE(setting_rows)];
	char *cloud;
};

static size_t setting_index(const char *key)
{
	for (size_t i = 0; setting_rows[i].key; i++) {
		if (!strcmp(setting_rows[i].key, key))
			return i;
	}
	return ARRAY_SIZE(setting_rows) - 1; /* the closing row, which has no value */
}

const char *settings_get(const struct settings *s, const char *key)
{
	return s->values[setting_index(key)];
}

bool settings_get_bool(const struct settings *s, const char *key)
{
	static const char *const yes[] = {"true", "1", "yes", "on"};
	const char *v = settings_get(s, key);

	for (size_t i = 0; v && i < ARRAY_SIZE(yes); i++) {
		if (!strcasecmp(v, yes[i]))
			return true;
	}
	return false;
}

const char *settings_get_cloud(const struct settings *s)
{
	return s->cloud;
}

/* The first value that is not empty counts. */
static void settle(struct settings *s, size_t i, const char *value)
{
	if (!s->values[i] && value && *value)
		s->values[i] = talloc_strdup(s, value);
}

static void from_options(struct settings *s, const struct call *call)
{
	for (size_t i = 0; setting_rows[i].key; i++) {
		char name[64] = "os-";
		size_t n = strlen(name);

		for (const char *k = setting_rows[i].key; *k && n + 1 < sizeof(name); k++)
			name[n++] = *k == '_' ? '-' : *k;
		settle(s, i, call_get(call, name));
		if (setting_rows[i].option)
			settle(s, i, call_get(call, setting_rows[i].option));
	}
	if (call_has(call, "insecure"))
		settle(s, setting_index("insecure"), "true");
}

static void from_environment(struct settings *s)
{
	for (size_t i = 0; setting_rows[i].key; i++) {
		char name[64] = "OS_";
		size_t n = strlen(name);

		for (const char *k = setting_rows[i].key; *k && n + 1 < sizeof(name); k++)
			name[n++] = (char)toupper((unsigned char)*k);
		settle(s, i, getenv(name));
		if (setting_rows[i].other)
			settle(s, i, getenv(setting_rows[i].other));
	}
}

static void from_cloud(struct settings *s, const json_t *cloud)
{
	const json_t *auth = json_object_get(cloud, "auth");
	const char *verify = json_string_value(json_object_get(cloud, "verify"));

	for (size_t i = 0; setting_rows[i].key; i++) {
		const char *key = setting_rows[i].key;

		if (!strcmp(key, "cloud"))
			continue;
		settle(s, i, json_string_value(json_object_get(auth, key)));
		settle(s, i, json_string_value(json_object_get(cloud, key)));
	}
	settle(s, setting_index("project_name"), json_string_value(json_object_get(auth, "tenant_name")));
	settle(s, setting_index("interface"), json_string_value(json_object_get(cloud, "endpoint_type")));
	if (verify && !strcasecmp(verify, "false"))
		settle(s, setting_index("insecure"), "true");
}

/* Interfaces are spelled "public" or "publicURL"; auth types with or without "v3". */
static void normalise(struct settings *s)
{
	char *interface = s->values[setting_index("interface")],
	     *type = s->values[setting_index("auth_type")];
	size_t n = interface ? strlen(interface) : 0;

	if (n > 3 && !strcmp(interface + n - 3, "URL"))
		interface[n - 3] = 0;
	if (type && !strncmp(type, "v3", 2) && strcmp(type, "v3applicationcredential"))
		memmove(type, type + 2, strlen(type) - 1);
}

int settings_load(void *mem, const struct call *call, struct settings **ret, struct err *err)
{
	struct settings *s = talloc_zero(mem, struct settings);
	json_auto_t *cloud = NULL;
	const char *name;
	int r;

	if (call)
		from_options(s, call);
	from_environment(s);
	name = settings_get(s, "cloud");
	if (name || (!settings_get(s, "auth_url") && !settings_get(s, "endpoint"))) {
		r = cloud_load(s, name, &cloud, &s->cloud, err);
		if (r && (name || r != -ENOENT))
			return r;
		from_cloud(s, cloud);
	}
	normalise(s);
	*ret = s;
	return 0;
}
