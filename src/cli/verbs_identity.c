/* Verbs of users, roles, tokens and the catalogue that mean more than one generic request.
 * Beside verbs.c. */
#include "cli/auth.h"
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* The first line of the standard input, talloc'd. */
static int read_password(void *mem, char **ret, struct err *err)
{
	char line[1024];

	if (!fgets(line, sizeof(line), stdin))
		return err_set(err, -EINVAL, "the standard input holds no password");
	line[strcspn(line, "\n")] = 0;
	*ret = talloc_strdup(mem, line);
	explicit_bzero(line, sizeof(line));
	return 0;
}

/* Asks twice, as what is typed is not seen. */
static int ask_password(void *mem, char **ret, struct err *err)
{
	char *first, *second;
	int r = password_ask(mem, "New password: ", &first, err);

	if (r == 0)
		r = password_ask(mem, "Again: ", &second, err);
	if (r)
		return r;
	if (strcmp(first, second))
		return err_set(err, -EINVAL, "the two passwords differ");
	*ret = first;
	return 0;
}

int user_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	bool prompt = call_has(call, "password-prompt"), pipe = call_has(call, "password-stdin");
	char *password = NULL;
	int r;

	if (!prompt && !pipe)
		return 0;
	if ((prompt && pipe) || json_object_get(body, "password"))
		return err_set(err, -EINVAL,
			       "--password, --password-prompt and --password-stdin exclude each other");
	r = prompt ? ask_password(cli->mem, &password, err) : read_password(cli->mem, &password, err);
	if (r)
		return r;
	json_object_set_new(body, "password", json_string(password));
	return 0;
}

int application_credential_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body,
				   struct err *err)
{
	json_t *names = json_object_get(body, "roles"), *roles = json_array(), *name;
	size_t i;

	json_array_foreach(names, i, name) json_array_append_new(roles, json_pack("{s:O}", "name", name));
	if (json_array_size(roles) > 0)
		json_object_set(body, "roles", roles);
	json_decref(roles);
	return 0;
}

/* PUT or DELETE of /projects/P/users/U/roles/R. */
static int change_role(struct cli *cli, const struct call *call, const char *method, struct err *err)
{
	const char *user = call_get(call, "user"), *project = call_get(call, "project");
	const char *domain = call_get(call, "domain"), *role, *who, *where;
	const struct noun *scope = noun_find(project ? "project" : "domain");
	char *path;
	int r;

	if (!user || (!project && !domain))
		return err_set(err, -EINVAL,
			       "--user USER and --project PROJECT (or --domain DOMAIN) are needed");
	if (project && domain)
		return err_set(err, -EINVAL, "--project and --domain exclude each other");
	r = resolve(cli, scope, project ? project : domain, &where, NULL, err);
	if (r == 0)
		r = resolve(cli, noun_find("user"), user, &who, NULL, err);
	if (r == 0)
		r = resolve(cli, noun_find("role"), call_arg(call, 0), &role, NULL, err);
	if (r)
		return r;
	path = talloc_asprintf(cli->mem, "%s/%s/users/%s/roles/%s", scope->path,
			       percent_encode(cli->mem, where), percent_encode(cli->mem, who),
			       percent_encode(cli->mem, role));
	return session_call(cli->session, SERVICE_IDENTITY, method, path, NULL, NULL, err);
}

int role_add(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return change_role(cli, call, "PUT", err);
}

int role_remove(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return change_role(cli, call, "DELETE", err);
}

int role_assignment_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const struct {
		const char *option, *filter;
	} filters[] = {
		{"user", "user.id"},
		{"project", "scope.project.id"},
		{"domain", "scope.domain.id"},
		{"role", "role.id"},
	};
	char *path = query_add(talloc_strdup(cli->mem, noun->path), "include_names", "true");
	const char *columns = noun->columns, *id;
	json_auto_t *rows = NULL;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(filters) && r == 0; i++) {
		const char *text = call_get(call, filters[i].option);

		if (!text)
			continue;
		r = resolve(cli, noun_find(filters[i].option), text, &id, NULL, err);
		if (r == 0)
			path = query_add(path, filters[i].filter, id);
	}
	if (r == 0)
		r = session_list(cli->session, noun->service, path, noun->many, 0, &rows, err);
	if (r)
		return r;
	if (cli->out.all)
		columns = talloc_asprintf(cli->mem, "%s,%s", noun->columns, noun->more);
	return output_list(&cli->out, columns, rows, err);
}

int token_issue(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *row = NULL;
	const json_t *token;
	int r = session_login(cli->session, err);

	if (r)
		return r;
	token = session_get_token(cli->session);
	if (!token)
		return err_set(err, -EINVAL, "OS_AUTH_TYPE=none and admin_token log in nowhere");
	row = json_pack("{s:s, s:O?, s:O?, s:O?, s:O?}", "id", session_get_token_id(cli->session), "expires",
			json_object_get(token, "expires_at"), "user_id", json_get_path(token, "user.id"),
			"project_id", json_get_path(token, "project.id"), "domain_id",
			json_get_path(token, "domain.id"));
	return output_object(&cli->out, row, err);
}

int token_revoke(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	return session_revoke(cli->session, call_arg(call, 0), err);
}

int catalog_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *rows = json_array();
	size_t i, j;
	json_t *service, *endpoint;
	int r = session_login(cli->session, err);

	if (r)
		return r;
	json_array_foreach(json_object_get(session_get_token(cli->session), "catalog"), i, service)
	{
		json_array_foreach(json_object_get(service, "endpoints"), j, endpoint)
		{
			json_t *row = json_pack("{s:O?, s:O?}", "type", json_object_get(service, "type"),
						"name", json_object_get(service, "name"));

			json_object_update_missing(row, endpoint);
			json_array_append_new(rows, row);
		}
	}
	return output_list(&cli->out, "name,type,interface,region_id,url", rows, err);
}
