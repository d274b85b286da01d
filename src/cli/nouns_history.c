/* The noun `history`: whose an address was.
 * Rows for noun.h's tables; verbs_history.c does it. */
#include "cli/nouns.h"

static const struct arg show_args[] = {{"ADDRESS|FIP", "fip", .optional = true}, {0}};
static const struct opt show_opts[] = {
	{"at", "TIME|REVISION", "Who had it then"},
	{"port", "PORT", "In place of an address: the floating IPs that this port, of now or by its id, had"},
	{"limit", "N", "Look at so many changes at the most (50)"},
	{0},
};
static const struct opt export_opts[] = {
	{"from", "TIME", "Only what ended later (default: the oldest that is remembered)"},
	{"to", "TIME", "Only what began earlier (default: now)"},
	{"address", "ADDRESS", "Only of this address"},
	{"jsonl", NULL, "A JSON object on each line; default: CSV"},
	{0},
};
static const struct verb history_verbs[] = {
	{"", "Say who had an address, when, and where it led", show_args, show_opts, .run = history_show},
	{"export", "Write who had which address, all of it, as CSV or JSON lines; for administrators", NULL,
	 export_opts, .run = history_export},
	{0},
};
static const char *const history_examples[] = {
	"buoy history 203.0.113.7",
	"buoy history 203.0.113.7 --at 2026-11-28T10:00:00Z",
	"buoy history --port web1",
	"buoy history export --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z > november.csv",
	"buoy history export --address 203.0.113.7 --jsonl",
	NULL,
};
const struct noun noun_history = {
	.name = "history",
	.title = "address",
	.service = SERVICE_NETWORK,
	.path = "/buoy/history",
	.many = "history",
	.columns = "floating_ip_address,start,end,project_id,port_id,device_id,fixed_ip_address",
	.more = "started_by,ended_by,floatingip_id,router_id",
	.own = history_verbs,
	.examples = history_examples,
	.about = "Members see their project's times only. A start of 'before TIME' lies before what is "
		 "remembered;\n"
		 "an end that is empty is yet to come.",
};
