/* The nouns of what is shared and divided among projects: RBAC policies, subnet pools, address scopes.
 * Rows for noun.h's tables, and what one of them prepares. */
#include "cli/cli.h"
#include "cli/nouns.h"
#include "cli/nouns_rows.h"

#include <errno.h>
#include <string.h>

/* --- subnet pools --- */

static const struct field pool_fields[] = {
	{"name", .flags = FIELD_SAME | FIELD_ARG},
	OWNER_ROW,
	{"prefixes", "pool-prefix", .value = "ADDRESS/LENGTH", .doc = "Prefix; set adds further ones"},
	{"default_prefixlen", "default-prefix-length", .value = "LENGTH"},
	{"min_prefixlen", "min-prefix-length", .value = "LENGTH"},
	{"max_prefixlen", "max-prefix-length", .value = "LENGTH"},
	{"default_quota", "default-quota", .value = "N"},
	{"shared", "share", "no-share"},
	{"is_default", "default", "no-default"},
	TAG_ROWS,
	{0},
};
static const char *const pool_examples[] = {
	"buoy subnet pool create lab --pool-prefix 10.0.0.0/16 --default-prefix-length 24",
	"buoy subnet create sub1 --network net1 --subnet-pool lab",
	"buoy subnet create sub2 --network net1 --subnet-pool lab --prefix-length 28",
	"buoy subnet pool set lab --pool-prefix 10.1.0.0/16",
	NULL,
};
const struct noun noun_subnet_pool = {
	.name = "subnet-pool",
	.aliases = ",subnetpool,subnet-pools,",
	.title = "subnet pool",
	.service = SERVICE_NETWORK,
	.path = "/subnetpools",
	.one = "subnetpool",
	.many = "subnetpools",
	.label = "name",
	.columns = "id,name,prefixes",
	.more = "default_prefixlen,address_scope_id,is_default,shared,project_id,tags",
	.verbs = VERB_ALL,
	.kind = KIND_SUBNETPOOL,
	.fields = pool_fields,
	.examples = pool_examples,
	.prepare = pool_prepare,
	.about = "Subnets that are made from a pool get a prefix that no other subnet of it has.",
};

/* --- address scopes --- */

static const struct field scope_fields[] = {
	{"name", .flags = FIELD_SAME | FIELD_ARG},
	OWNER_ROW,
	{"shared", "share", "no-share"},
	{"ip_version", .flags = FIELD_POST | FIELD_FILTER, .doc = "4 (default) or 6"},
	{0},
};
static const char *const scope_examples[] = {
	"buoy address scope create routed",
	"buoy subnet pool create lab --pool-prefix 10.0.0.0/16 --address-scope routed",
	NULL,
};
const struct noun noun_address_scope = {
	.name = "address-scope",
	.aliases = ",address-scopes,",
	.title = "address scope",
	.service = SERVICE_NETWORK,
	.path = "/address-scopes",
	.one = "address_scope",
	.many = "address_scopes",
	.label = "name",
	.columns = "id,name,ip_version",
	.more = "shared,project_id",
	.verbs = VERB_ALL,
	.kind = KIND_ADDRESS_SCOPE,
	.fields = scope_fields,
	.examples = scope_examples,
	.prepare = scope_prepare,
	.about = "No address is there twice within a scope: its networks are routed to each other as they "
		 "are, and to "
		 "other networks only through floating IPs.",
};

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
		{"subnetpool", "subnet-pool"},
		{"address_scope", "address-scope"},
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

/* Neutron takes all prefixes of a pool; the option adds to them. */
int pool_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	json_t *more = json_object_get(body, "prefixes"), *all, *p;
	json_auto_t *row = NULL;
	const char *same;
	size_t i;
	int r;

	if (!id || !more)
		return 0;
	if ((r = resolve(cli, noun_find("subnet-pool"), id, &same, &row, err)) < 0)
		return r;
	all = json_copy(json_object_get(row, "prefixes"));
	json_array_foreach(more, i, p) json_array_append(all, p);
	return json_object_set_new(body, "prefixes", all);
}

int scope_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err)
{
	if (!id && !json_object_get(body, "ip_version"))
		json_object_set_new(body, "ip_version", json_integer(4));
	return 0;
}
