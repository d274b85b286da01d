/* The nouns of what is shared and divided among projects: RBAC policies.
 * Rows for noun.h's tables, and what one of them prepares. */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <string.h>

#define OWNER_ROW                                                                                            \
	{                                                                                                    \
		"project_id", "project", .form = FORM_REF, .ref = "project", .doc = "Project that owns it"   \
	}

/* --- RBAC policies --- */

static const struct field rbac_fields[] = {
	OWNER_ROW,
	{"object_id", "object", .form = FORM_TEXT,
	 .flags = FIELD_POST | FIELD_FILTER | FIELD_NEEDED | FIELD_ARG, .value = "OBJECT",
	 .doc = "The object; list: its id"},
	{"object_type", "type", .value = "network|subnetpool|address_scope|qos_policy"},
	{"action", .value = "access_as_shared|access_as_external"},
	{"target_tenant", "target-project", .form = FORM_REF, .ref = "project", .flags = FIELD_RWF,
	 .doc = "Project that it is for"},
	{0},
};
static const struct opt rbac_opts[] = {
	{"target-all-projects", NULL, "It is for all projects (administrators only)"},
	{0},
};
static const char *const rbac_examples[] = {
	"buoy network rbac create net100 --type network --action access_as_shared --target-project shop",
	"buoy network rbac create ext_net --type network --action access_as_external --target-project shop",
	"buoy network rbac list --type network",
	NULL,
};
const struct noun noun_network_rbac = {
	.name = "network-rbac",
	.aliases = ",rbac,rbac-policy,",
	.title = "network RBAC policy",
	.service = SERVICE_NETWORK,
	.path = "/rbac-policies",
	.one = "rbac_policy",
	.many = "rbac_policies",
	.columns = "id,object_type,object_id",
	.more = "action,target_tenant,project_id",
	.verbs = VERB_ALL,
	.kind = KIND_RBAC_POLICY,
	.fields = rbac_fields,
	.opts = rbac_opts,
	.examples = rbac_examples,
	.prepare = rbac_prepare,
	.about = "An RBAC policy lets another project see and use an object as if it were its own.",
};

int rbac_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	static const struct {
		const char *type, *noun;
	} types[] = {
		{"network", "network"},
		{"qos_policy", "qos-policy"},
	};
	const char *type = json_get_text(body, "object_type"), *object;
	int r;

	if (call_has(call, "target-all-projects"))
		json_object_set_new(body, "target_tenant", json_string("*"));
	if (!id && !json_object_get(body, "target_tenant"))
		return err_set(err, -EINVAL, "--target-project or --target-all-projects is needed");
	for (size_t i = 0; !id && i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].type, type) != 0)
			continue;
		r = resolve(cli, noun_find(types[i].noun), json_get_text(body, "object_id"), &object, NULL,
			    err);
		return r < 0 ? r : json_object_set_new(body, "object_id", json_string(object));
	}
	return 0;
}
