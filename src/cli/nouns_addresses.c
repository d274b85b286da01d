/* The nouns of a floating IP's life: addresses that rest, and offers to other projects.
 * Rows for noun.h's tables. */
#include "cli/nouns.h"

#include "cli/cli.h"

/* --- addresses that rest --- */

static const struct field rest_fields[] = {
	{"floating_network_id", "network", .flags = FIELD_SAME | FIELD_ARG, .value = "NETWORK"},
	{"floating_ip_address", "address"},
	{"subnet_id", "subnet", .doc = "Subnet of the address"},
	{"project_id", "project", .form = FORM_REF, .ref = "project", .doc = "Project that it is kept for"},
	{"rests_until", "until", "hold", .doc = "When others can get it; without: it is held"},
	{"reason", "reason", .doc = "Why it is held"},
	{0},
};
static const char *const rest_examples[] = {
	"buoy quarantine list",
	"buoy fip take-back 10.10.10.3",
	"buoy quarantine set 10.10.10.3 --hold --reason 'abuse report 17'",
	"buoy quarantine set 10.10.10.3 --until 2026-12-24T00:00:00Z",
	"buoy quarantine create ext_net --address 10.10.10.77 --reason 'printed on a poster'",
	"buoy quarantine delete 10.10.10.3",
	NULL,
};
const struct noun noun_quarantine = {
	.name = "quarantine",
	.aliases = ",resting,",
	.title = "resting address",
	.service = SERVICE_NETWORK,
	.path = "/buoy/quarantine",
	.one = "resting_address",
	.many = "resting_addresses",
	.label = "floating_ip_address",
	.columns = "id,floating_ip_address,project_id,rests_until,reason",
	.more = "floating_network_id,subnet_id,created_at,description,tags",
	.verbs = VERB_ALL,
	.kind = KIND_REST,
	.fields = rest_fields,
	.examples = rest_examples,
	.about =
		"The address of a floating IP that was deleted rests: nobody but its project gets it until "
		"then. "
		"Administrators hold addresses without an end (create, set --hold) and let them go (delete).",
};

/* --- transfers --- */

static const struct field transfer_fields[] = {
	{"floatingip_id", "fip", .form = FORM_REF, .flags = FIELD_SAME | FIELD_ARG, .ref = "fip",
	 .value = "FIP"},
	{"floating_ip_address", "address", .doc = "The public address"},
	{"project_id", "project", .form = FORM_REF, .flags = FIELD_FILTER, .ref = "project",
	 .doc = "Project that offers it"},
	{"expires_at", .flags = FIELD_SAME | FIELD_EMPTY},
	{0},
};
static const struct arg transfer_arg[] = {{"TRANSFER"}, {0}};
static const struct opt accept_opts[] = {
	{"auth-key", "KEY", "The key; without, it is the first line of the standard input"},
	{0},
};
static const struct verb transfer_verbs[] = {
	{"accept", "Accept a %s: the floating IP is your project's from then on", transfer_arg, accept_opts,
	 .run = transfer_accept},
	{0},
};
static const char *const transfer_examples[] = {
	"buoy transfer create 10.10.10.3",
	"buoy transfer accept 2f4c9d0e-4b51-4a27-9a8e-1d1f0a7c55b2 <key.txt",
	"buoy transfer list",
	"buoy transfer delete 2f4c9d0e-4b51-4a27-9a8e-1d1f0a7c55b2",
	NULL,
};
const struct noun noun_transfer = {
	.name = "transfer",
	.aliases = ",transfers,",
	.title = "transfer",
	.service = SERVICE_NETWORK,
	.path = "/buoy/transfers",
	.one = "transfer",
	.many = "transfers",
	.label = "name",
	.columns = "id,name,floating_ip_address,expires_at",
	.more = "floatingip_id,project_id,created_at,description,tags",
	.verbs = VERB_ALL,
	.kind = KIND_TRANSFER,
	.fields = transfer_fields,
	.own = transfer_verbs,
	.examples = transfer_examples,
	.about = "A transfer offers a floating IP to another project. Whoever is told its id and its key, "
		 "which is "
		 "shown once, accepts it. The floating IP must not be associated.",
};
