/* Brings the nft facts of namespaces to what standard input says: the kernel layer without its daemon.
 * For the network tests.
 *
 *   netns NS                    makes the namespace (or takes ours), and wants nothing in it so far
 *   table NS                    the rules
 *   gateway NS DEV [ADDRESS]    an external leg; without address: SNAT off
 *   limit NS FLOATING in|out KBPS KBIT
 *   nat NS FLOATING FIXED
 *   end                         applies the difference in one call, and wants nothing again
 *   announce NS DEV ADDRESS     gratuitous ARP
 *   traffic NS                  prints "traffic FLOATING in PACKETS BYTES out PACKETS BYTES"
 *   done                        prints "done"
 *
 * Prints one line per change, "ok FACT" or "failed FACT: why". */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "kernel/internal.h"
#include "plan/rules.h"

struct driver {
	struct kernel_linux k;
	struct facts want;
	sym spaces[16];
	size_t spaces_count;
	int status;
};

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "facts_apply: %s: %s\n", what, err->message);
	exit(2);
}

static struct netns *space(struct driver *d, sym name)
{
	struct err err = {0};
	struct netns *ns;

	if (netns_get(&d->k.nss, name, &ns, &err) < 0)
		die(symtab_text(d->k.base.syms, name), &err);
	return ns;
}

static void add_space(struct driver *d, sym name)
{
	struct err err = {0};

	for (size_t i = 0; i < d->spaces_count; i++)
		if (d->spaces[i] == name)
			return;
	if (netns_put(&d->k.nss, name, &err) < 0)
		die("netns", &err);
	if (d->spaces_count < ARRAY_SIZE(d->spaces))
		d->spaces[d->spaces_count++] = name;
}

/* Applies the changes of one namespace, puts or deletions, as the dispatcher does. */
static void apply_part(struct driver *d, struct changes *c, sym name, bool deletions)
{
	struct change **part = xalloc((c->count + 1) * sizeof(struct change *));
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++)
		if (change_fact(&c->items[i])->ns == name && !c->items[i].want == deletions)
			part[count++] = &c->items[i];
	if (count)
		nft_apply(&d->k, space(d, name), part, count);
	free(part);
}

static void observe(struct driver *d, struct facts *have)
{
	struct err err = {0};

	facts_init(have, d->k.base.syms);
	for (size_t i = 0; i < d->spaces_count; i++)
		if (nft_observe(&d->k, space(d, d->spaces[i]), have, &err) < 0)
			die("observe", &err);
	facts_sort(have);
}

static void report(struct driver *d, const struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		AUTO_BUF struct buf text = {0};
		const struct change *at = &c->items[i];

		fact_print(change_fact(at), d->k.base.syms, &text);
		if (at->result)
			printf("failed %s%s: %s\n", at->want ? "" : "delete ", buf_text(&text), at->why);
		else
			printf("ok %s%s\n", at->want ? "" : "delete ", buf_text(&text));
		d->status = at->result ? 1 : d->status;
	}
}

static void apply_round(struct driver *d)
{
	AUTO_CHANGES struct changes todo = {0}, left = {0};
	AUTO_FACTS struct facts have, after;

	facts_sort(&d->want);
	observe(d, &have);
	facts_diff(&d->want, &have, &todo);
	for (int deletions = 0; deletions < 2; deletions++)
		for (size_t i = 0; i < d->spaces_count; i++)
			apply_part(d, &todo, d->spaces[i], deletions);
	report(d, &todo);
	observe(d, &after);
	facts_diff(&d->want, &after, &left);
	if (left.count) {
		puts("still different:");
		report(d, &left);
		d->status = 1;
	}
	facts_done(&d->want);
}

static void print_traffic(struct driver *d, sym name)
{
	struct traffic *t = NULL;
	struct err err = {0};
	char text[IP_TEXT];
	size_t count = 0;

	if (nft_traffic(&d->k, space(d, name), &t, &count, &err) < 0)
		die("traffic", &err);
	for (size_t i = 0; i < count; i++)
		printf("traffic %s in %ju %ju out %ju %ju\n", ip_print(&t[i].floating_ip, text),
		       (uintmax_t)t[i].in_packets, (uintmax_t)t[i].in_bytes, (uintmax_t)t[i].out_packets,
		       (uintmax_t)t[i].out_bytes);
	free(t);
}

static void parse_ip(const char *text, struct ip *ret)
{
	if (text && ip_parse(text, ret) < 0) {
		fprintf(stderr, "facts_apply: %s is not an address\n", text);
		exit(2);
	}
}

static void take_line(struct driver *d, char **word)
{
	struct fact f = {.ns = symtab_put(d->k.base.syms, word[1])};
	struct err err = {0};

	if (!strcmp(word[0], "netns")) {
		add_space(d, f.ns);
		return;
	}
	if (!strcmp(word[0], "traffic")) {
		print_traffic(d, f.ns);
		return;
	}
	if (!strcmp(word[0], "announce")) {
		parse_ip(word[3], &f.addr);
		if (arp_announce(space(d, f.ns), symtab_put(d->k.base.syms, word[2]), &f.addr, 1, &err) < 0)
			die("announce", &err);
		return;
	}
	if (!strcmp(word[0], "table")) {
		f.kind = FACT_TABLE;
		f.value.num = rules_hash(f.ns ? &rules_netns : &rules_host);
	} else if (!strcmp(word[0], "gateway")) {
		f.kind = FACT_GATEWAY;
		f.dev = symtab_put(d->k.base.syms, word[2]);
		parse_ip(word[3], &f.value.ip);
	} else if (!strcmp(word[0], "limit")) {
		f.kind = FACT_LIMIT;
		f.which = strcmp(word[3], "in") == 0 ? LIMIT_IN : LIMIT_OUT;
		parse_ip(word[2], &f.addr);
		f.limit = (struct rate_limit){(uint32_t)atoi(word[4]), (uint32_t)atoi(word[5])};
	} else if (!strcmp(word[0], "nat")) {
		f.kind = FACT_NAT;
		parse_ip(word[2], &f.addr);
		parse_ip(word[3], &f.value.ip);
	} else {
		fprintf(stderr, "facts_apply: what is %s?\n", word[0]);
		exit(2);
	}
	facts_add(&d->want, &f);
}

int main(int argc, char **argv)
{
	AUTO_SYMTAB struct symtab *syms = symtab_new();
	struct driver d = {.k.base.syms = syms};
	struct err err = {0};
	char line[512];

	if (netns_set_init(&d.k.nss, syms, argc > 1 ? argv[1] : "/run/netns", &err) < 0)
		die("netns", &err);
	facts_init(&d.want, syms);
	while (fgets(line, sizeof(line), stdin)) {
		char *word[7] = {0}, *save = NULL;

		word[0] = strtok_r(line, " \n", &save);
		for (size_t i = 1; word[i - 1] && i < ARRAY_SIZE(word); i++)
			word[i] = strtok_r(NULL, " \n", &save);
		if (!word[0])
			continue;
		if (!strcmp(word[0], "end")) {
			apply_round(&d);
			continue;
		}
		if (!strcmp(word[0], "done")) {
			puts("done");
			fflush(stdout);
			continue;
		}
		take_line(&d, word);
	}
	facts_done(&d.want);
	netns_set_done(&d.k.nss);
	return d.status;
}
