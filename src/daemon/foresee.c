/* What a change would do to the kernel: the planner, run by the API process on two snapshots.
 * Between ?plan=1 and src/plan; nothing is observed and nothing is done. */
#include "base/buf.h"
#include "daemon/process.h"

#include <stdio.h>
#include <string.h>

/* What is made up of the node's last report. */
struct view {
	struct plan_node node;
	struct facts taps;
	struct symtab *syms;
};

/* The agent finds taps by their names; these are the names. */
static void take_node(void *arg, const struct node_info *info)
{
	struct view *v = arg;

	if (strcmp(info->name, v->node.name) != 0 || !info->alive)
		return;
	v->node.datapath = info->express ? DATAPATH_BPF : DATAPATH_NFT;
	for (size_t i = 0; i < info->plugged_count; i++) {
		char id[UUID_TEXT], name[16];
		struct fact tap = {.kind = FACT_PLUG};

		snprintf(name, sizeof(name), "tap%.11s", uuid_print(&info->plugged[i], id));
		tap.dev = symtab_put(v->syms, name);
		facts_add(&v->taps, &tap);
	}
}

static void tell(const struct changes *changes, const struct symtab *syms,
		 void (*step)(void *arg, const struct kernel_step *step), void *arg)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct fact *want = changes->items[i].want, *have = changes->items[i].have;
		AUTO_BUF struct buf is = {0}, was = {0};

		if (want)
			fact_print(want, syms, &is);
		if (have)
			fact_print(have, syms, &was);
		step(arg, &(struct kernel_step){.kind = fact_kind_name(want ? want->kind : have->kind),
						.was = have ? buf_text(&was) : NULL,
						.is = want ? buf_text(&is) : NULL,
						.row = want ? want->row : have->row});
	}
}

void foresee(const void *arg, struct nodes *nodes, const struct kernel_change *change,
	     void (*step)(void *arg, const struct kernel_step *step),
	     void (*impossible)(void *arg, const struct uuid *row, const char *why), void *fn_arg)
{
	struct view v = {.node = *(const struct plan_node *)arg, .syms = symtab_new()};
	AUTO_FREE struct plan_touch *touched = xalloc((change->count + 1) * sizeof(*touched));
	AUTO_FACTS struct facts none, have, want;
	AUTO_CHANGES struct changes changes = {0};
	struct plan_input was, is;

	facts_init(&v.taps, v.syms);
	facts_init(&none, v.syms);
	facts_init(&have, v.syms);
	facts_init(&want, v.syms);
	nodes_each(nodes, take_node, &v);
	facts_sort(&v.taps);
	was = (struct plan_input){change->was, &v.node, &v.taps, &none};
	is = (struct plan_input){change->is, &v.node, &v.taps, &none};
	for (size_t i = 0; i < change->count; i++)
		touched[i] = (struct plan_touch){change->rows[i].kind, change->rows[i].id};
	if (step && change->count) {
		plan_delta(&was, &is, touched, change->count, &have, &want);
		facts_diff(&want, &have, &changes);
		tell(&changes, v.syms, step, fn_arg);
	}
	if (impossible && change->count)
		plan_impossible(&was, &is, touched, change->count, impossible, fn_arg);
	facts_done(&v.taps);
	symtab_free(v.syms);
}
