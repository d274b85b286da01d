/* The commands that act once and end: plan, cleanup, bootstrap.
 * Beside the processes; they use the same agent and the same ledger. */
#include "api/identity.h"
#include "daemon/agent.h"
#include "daemon/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define ENDING_US 2000000 /* what a buoyd that was just stopped may take to end */

static int complain(const struct err *err)
{
	fprintf(stderr, "buoyd: %s\n", err->message);
	return 1;
}

/* --- plan --- */

static const char *text_at(const struct attr *a, const struct row *row)
{
	const char *text = *(const char *const *)attr_at(a, row);

	return text ? text : "";
}

/* Whose fact it is, in words: "floatingip 3f... (10.10.10.3)". */
static void print_owner(const struct snap *s, const struct uuid *id)
{
	char text[UUID_TEXT], ip[IP_TEXT];

	for (enum kind k = KIND_NONE + 1; k < KINDS; k++) {
		const struct row *row = snap_get(s, k, id);
		const struct attr *name = row ? shape_attr(shape_of(k), "name") : NULL;

		if (!row)
			continue;
		printf("  because of %s %s", shape_of(k)->name, uuid_print(id, text));
		if (k == KIND_FLOATINGIP)
			printf(" (%s)", ip_print(&((const struct floatingip *)row)->floating_ip_address, ip));
		else if (name && *text_at(name, row))
			printf(" (%s)", text_at(name, row));
		return;
	}
	printf("  because nothing in the database wants it");
}

static void print_change(const struct agent *a, const struct change *c)
{
	static const char signs[] = {'+', '-', '~'};
	AUTO_BUF struct buf text = {0};
	const struct fact *f = c->want ? c->want : c->have;

	fact_print(f, a->syms, &text);
	printf("%c %s\n", signs[!c->want ? 1 : c->have ? 2 : 0], buf_text(&text));
	if (c->want && c->have) {
		AUTO_BUF struct buf was = {0};

		fact_print(c->have, a->syms, &was);
		printf("  now %s\n", buf_text(&was));
	}
	print_owner(a->follow.snap, &f->row);
	printf("\n");
}

static void print_impossible(void *arg, const struct uuid *row, const char *why)
{
	char id[UUID_TEXT];

	printf("! %s: %s\n", uuid_print(row, id), why);
}

/* Guards and sockets live in the agent's memory, so another process can not see that they are there. */
static bool is_memory(const struct change *c)
{
	enum fact_kind kind = (c->want ? c->want : c->have)->kind;

	return kind == FACT_GUARD || kind == FACT_SERVE;
}

int command_plan(const struct config *config)
{
	AUTO_FACTS struct facts want = {0}, have = {0};
	AUTO_CHANGES struct changes changes = {0};
	struct err err = {0};
	struct plan_input in;
	struct agent a;
	size_t shown = 0;

	if (agent_open(config, EXPRESS_LOOK, &a, &err) < 0)
		return complain(&err);
	if (agent_preview(&a, &want, &have, &changes, &err) < 0) {
		agent_done(&a);
		return complain(&err);
	}
	for (size_t i = 0; i < changes.count; i++)
		if (!is_memory(&changes.items[i])) {
			print_change(&a, &changes.items[i]);
			shown++;
		}
	in = (struct plan_input){a.follow.snap, &a.node, &a.taps, &a.conflicts};
	plan_impossible(NULL, &in, NULL, 0, print_impossible, NULL);
	printf("revision %lu: %zu facts wanted, %zu changes\n", a.follow.snap->revision, want.count, shown);
	agent_done(&a);
	return 0;
}

/* --- cleanup --- */

int command_cleanup(const struct config *config)
{
	AUTO_SYMTAB struct symtab *syms = symtab_new();
	AUTO_FACTS struct facts none, have;
	AUTO_CHANGES struct changes changes = {0};
	struct err err = {0};
	AUTO_CLOSE int instance = instance_take(ENDING_US, &err);
	struct kernel *k;
	size_t failed = 0;

	facts_init(&none, syms);
	facts_init(&have, syms);
	if (instance < 0)
		return complain(&err);
	if (kernel_linux_new(syms, config->run_netns, &k, &err) < 0)
		return complain(&err);
	kernel_linux_open_express(k, config->bpf_folder, EXPRESS_TAKE, XDP_AUTO, 0, NULL);
	if (k->ops->observe(k, &have, &err) < 0) {
		k->ops->free(k);
		return complain(&err);
	}
	facts_sort(&have);
	facts_diff(&none, &have, &changes);
	k->ops->apply(k, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		AUTO_BUF struct buf text = {0};

		if (changes.items[i].result >= 0)
			continue;
		fact_print(changes.items[i].have, syms, &text);
		fprintf(stderr, "buoyd: cannot remove %s: %s\n", buf_text(&text),
			changes.items[i].why ? changes.items[i].why : strerror(-changes.items[i].result));
		failed++;
	}
	if (!failed)
		kernel_linux_prune_express(k, true);
	k->ops->free(k);
	printf("removed %zu of %zu\n", changes.count - failed, changes.count);
	return failed ? 1 : 0;
}

/* --- bootstrap --- */

int command_bootstrap(const struct config *config, const char *user, const char *project,
		      const char *password)
{
	const struct bootstrap b = {user, project, password};
	void *region = talloc_new(NULL);
	const char *given = NULL;
	struct ledger *ledger;
	struct err err = {0};
	struct store *st;
	int r = store_sqlite_open(config->database, false, &st, &err);

	if (r == 0)
		r = ledger_new(st, NULL, NULL, &ledger, &err);
	if (r == 0) {
		r = identity_bootstrap(ledger, region, &b, &given, &err);
		ledger_free(ledger);
	}
	if (r < 0) {
		talloc_free(region);
		return complain(&err);
	}
	if (password)
		printf("made the administrator '%s' of project '%s'\n", user, project);
	else
		printf("made the administrator '%s' of project '%s'; the password, shown this once, is\n%s\n",
		       user, project, given);
	talloc_free(region);
	return 0;
}
