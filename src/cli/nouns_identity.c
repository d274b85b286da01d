/* The nouns of the Identity API, and the commands that are no resource.
 * Rows for noun.h's tables. */
#include "cli/nouns.h"

#include "cli/cli.h"

#define ID_NAME_ROW                                                                                          \
	{                                                                                                    \
		"name", .flags = FIELD_SAME | FIELD_ARG                                                      \
	}
#define ID_SWITCH_ROW                                                                                        \
	{                                                                                                    \
		"enabled", "enable", "disable"                                                               \
	}

/* --- users --- */

static const struct field user_fields[] = {
	ID_NAME_ROW,
	ID_SWITCH_ROW,
	{"password", .doc = "Password; others on this machine can see it while the command runs"},
	{0},
};
static const struct opt prompt_opts[] = {
	{"password-prompt", NULL, "Ask for the password on the terminal"},
	{"password-stdin", NULL, "Read the password from the first line of the standard input"},
	{0},
};
static const char *const user_examples[] = {
	"buoy user create alice --password-prompt --default-project demo",
	"pwgen 20 1 | buoy user create bot --password-stdin",
	"buoy user set alice --disable",
	NULL,
};
const struct noun noun_user = {
	.name = "user",
	.aliases = ",users,",
	.title = "user",
	.service = SERVICE_IDENTITY,
	.path = "/users",
	.one = "user",
	.many = "users",
	.label = "name",
	.columns = "id,name",
	.more = "domain_id,enabled,email,description",
	.verbs = VERB_ALL,
	.kind = KIND_USER,
	.fields = user_fields,
	.opts = prompt_opts,
	.examples = user_examples,
	.prepare = user_prepare,
};

/* --- projects, domains, roles --- */

static const struct field project_fields[] = {ID_NAME_ROW, ID_SWITCH_ROW, {0}};
static const char *const project_examples[] = {
	"buoy project create demo --description 'for trials'",
	"buoy project list",
	NULL,
};
const struct noun noun_project = {
	.name = "project",
	.aliases = ",projects,tenant,",
	.title = "project",
	.service = SERVICE_IDENTITY,
	.path = "/projects",
	.own_path = "/auth/projects",
	.one = "project",
	.many = "projects",
	.label = "name",
	.columns = "id,name",
	.more = "domain_id,enabled,description",
	.verbs = VERB_ALL,
	.kind = KIND_PROJECT,
	.fields = project_fields,
	.examples = project_examples,
};

const struct noun noun_domain = {
	.name = "domain",
	.aliases = ",domains,",
	.title = "domain",
	.service = SERVICE_IDENTITY,
	.path = "/domains",
	.own_path = "/auth/domains",
	.one = "domain",
	.many = "domains",
	.label = "name",
	.columns = "id,name,enabled",
	.more = "description",
	.verbs = VERB_ALL,
	.kind = KIND_DOMAIN,
	.fields = project_fields,
};

static const struct field role_fields[] = {ID_NAME_ROW, {0}};
static const struct arg role_arg[] = {{"ROLE", "role"}, {0}};
static const struct opt role_opts[] = {
	{"user", "USER", "Who gets or loses the role"},
	{"project", "PROJECT", "Where the role counts"},
	{"domain", "DOMAIN", "Where the role counts, instead of a project"},
	{0},
};
static const struct verb role_verbs[] = {
	{"add", "Give a user a %s on a project", role_arg, role_opts, .run = role_add},
	{"remove", "Take a %s on a project from a user", role_arg, role_opts, .run = role_remove},
	{0},
};
static const char *const role_examples[] = {"buoy role add member --user alice --project demo", NULL};
const struct noun noun_role = {
	.name = "role",
	.aliases = ",roles,",
	.title = "role",
	.service = SERVICE_IDENTITY,
	.path = "/roles",
	.one = "role",
	.many = "roles",
	.label = "name",
	.columns = "id,name",
	.more = "description",
	.verbs = VERB_ALL,
	.kind = KIND_ROLE,
	.fields = role_fields,
	.own = role_verbs,
	.examples = role_examples,
};

static const struct opt assignment_opts[] = {
	{"user", "USER", "Only this user's"},
	{"project", "PROJECT", "Only on this project"},
	{"domain", "DOMAIN", "Only on this domain"},
	{"role", "ROLE", "Only of this role"},
	{0},
};
static const struct verb assignment_verbs[] = {
	{"list", "List every %s that you may see", NULL, assignment_opts, .run = role_assignment_list},
	{0},
};
static const char *const assignment_examples[] = {"buoy role-assignment list --project demo", NULL};
const struct noun noun_role_assignment = {
	.name = "role-assignment",
	.aliases = ",role-assignments,assignment,",
	.title = "role assignment",
	.service = SERVICE_IDENTITY,
	.path = "/role_assignments",
	.one = "role_assignment",
	.many = "role_assignments",
	.columns = "role.name,user.name,scope.project.name,scope.domain.name",
	.more = "role.id,user.id,scope.project.id,scope.domain.id",
	.own = assignment_verbs,
	.examples = assignment_examples,
};

/* --- application credentials --- */

static const struct field credential_fields[] = {
	ID_NAME_ROW,
	{"secret", .doc = "Secret (default: the server makes one and shows it once)"},
	{"expires_at", "expiration", .value = "YYYY-mm-ddTHH:MM:SS"},
	{"unrestricted", NULL, "restricted"},
	{"roles", "role", NULL, FORM_TEXTS, FIELD_POST, .value = "ROLE",
	 .doc = "Role that it has (default: all of yours)"},
	{"user_id", .flags = FIELD_HIDE},
	{"project_id", .flags = FIELD_HIDE},
	{0},
};
static const char *const credential_examples[] = {
	"buoy application-credential create ci --role member -f value -c secret",
	NULL,
};
const struct noun noun_application_credential = {
	.name = "application-credential",
	.aliases = ",application-credentials,appcred,",
	.title = "application credential",
	.service = SERVICE_IDENTITY,
	.path = "/users/{user}/application_credentials",
	.one = "application_credential",
	.many = "application_credentials",
	.label = "name",
	.columns = "id,name,project_id,expires_at",
	.more = "description,unrestricted",
	.verbs = VERB_CREATE | VERB_LIST | VERB_SHOW | VERB_DELETE,
	.kind = KIND_APPCRED,
	.fields = credential_fields,
	.examples = credential_examples,
	.prepare = application_credential_prepare,
	.about = "An application credential lets a program work in your project without your password.",
};

/* --- commands that are no resource --- */

static const struct arg token_arg[] = {{"TOKEN"}, {0}};
static const struct verb token_verbs[] = {
	{"issue", "Log in and show the %s", .run = token_issue},
	{"revoke", "End a %s before its time", token_arg, .run = token_revoke},
	{0},
};
static const char *const token_examples[] = {"buoy token issue -f value -c id", NULL};
const struct noun noun_token = {
	.name = "token",
	.title = "token",
	.own = token_verbs,
	.examples = token_examples,
};

static const struct verb catalog_verbs[] = {
	{"list", "List the services that the log-in offers", .run = catalog_list},
	{0},
};
const struct noun noun_catalog = {
	.name = "catalog",
	.aliases = ",catalogue,",
	.title = "catalogue",
	.own = catalog_verbs,
};

static const struct verb status_verbs[] = {
	{"", "Show what each node has applied, and what failed", .run = status_show},
	{0},
};
static const char *const status_examples[] = {"buoy status", "buoy status -f json", NULL};
const struct noun noun_status = {
	.name = "status",
	.title = "status",
	.own = status_verbs,
	.examples = status_examples,
	.about = "One line for each node, then one for each thing that could not be done, with the row that "
		 "it comes "
		 "from. The exit code is 1 when a node does not report or something failed.",
};

static const struct arg api_args[] = {{"METHOD"}, {"PATH"}, {"JSON", NULL, true}, {0}};
static const struct verb api_verbs[] = {
	{"", "Send a request as it is and print the answer", api_args, .run = api_call},
	{0},
};
static const char *const api_examples[] = {
	"buoy api GET /v2.0/networks?name=net100",
	"buoy api POST /v2.0/networks '{\"network\": {\"name\": \"net7\"}}'",
	"buoy api PUT /v2.0/floatingips/ID @body.json",
	NULL,
};
const struct noun noun_api = {
	.name = "api",
	.title = "request",
	.own = api_verbs,
	.examples = api_examples,
	.about = "Paths below /v3 go to Identity, all others to the network API. JSON may be @FILE, or - for "
		 "the "
		 "standard input.",
};

static const struct verb complete_verbs[] = {
	{"", "Print a bash completion script", .run = complete_run, .local = true},
	{0},
};
static const char *const complete_examples[] = {"source <(buoy complete)", NULL};
const struct noun noun_complete = {
	.name = "complete",
	.title = "completion",
	.own = complete_verbs,
	.examples = complete_examples,
};

static const struct arg help_args[] = {{"COMMAND", NULL, true}, {"VERB", NULL, true, true}, {0}};
static const struct opt help_opts[] = {
	{"man", NULL, "Print the manual page"},
	{0},
};
static const struct verb help_verbs[] = {
	{"", "Show the help of a command", help_args, help_opts, .run = help_run, .local = true},
	{0},
};
const struct noun noun_help = {
	.name = "help",
	.title = "help",
	.own = help_verbs,
};
