/* `buoyd nat`: what the kernel translates in the host's own namespace, as `iptables -L -t nat` would list it.
 * Read from the kernel, not from the database. */
#include "daemon/process.h"
#include "kernel/kernel.h"

#include <netinet/in.h>
#include <stdio.h>

static void print_head(const char *chain)
{
	printf("Chain %s (1 references)\n%-10s %-4s %-3s %-20s %-20s\n", chain, "target", "prot", "opt",
	       "source", "destination");
}

static void print_rule(const char *target, const char *protocol, const char *from, const char *to,
		       const char *what)
{
	printf("%-10s %-4s %-3s %-20s %-20s %s\n", target, protocol, "--", from, to, what);
}

static void print_dnat(const struct fact *f)
{
	char floating[IP_TEXT], fixed[IP_TEXT], what[IP_TEXT + 8];

	if (ip_is_null(&f->value.ip))
		return;
	snprintf(what, sizeof(what), "to:%s", ip_print(&f->value.ip, fixed));
	print_rule("DNAT", "all", "anywhere", ip_print(&f->addr, floating), what);
}

static void print_forward(const struct fact *f)
{
	uint16_t last = forward_last(f->value.num), to = forward_to(f->value.num);
	const char *protocol = f->plen == IPPROTO_TCP ? "tcp" : f->plen == IPPROTO_UDP ? "udp" : "sctp";
	char floating[IP_TEXT], fixed[IP_TEXT], what[2 * IP_TEXT], ports[16] = "", target[8] = "";

	if (last != f->which)
		snprintf(ports, sizeof(ports), "s:%u:%u", f->which, last);
	else
		snprintf(ports, sizeof(ports), ":%u", f->which);
	if (to)
		snprintf(target, sizeof(target), ":%u", to);
	snprintf(what, sizeof(what), "%s dpt%s to:%s%s", protocol, ports, ip_print(&f->value.ip, fixed),
		 target);
	print_rule("DNAT", protocol, "anywhere", ip_print(&f->addr, floating), what);
}

static void print_snat(const struct fact *f)
{
	char floating[IP_TEXT], fixed[IP_TEXT], what[IP_TEXT + 8];

	if (ip_is_null(&f->value.ip))
		return;
	snprintf(what, sizeof(what), "to:%s", ip_print(&f->addr, floating));
	print_rule("SNAT", "all", ip_print(&f->value.ip, fixed), "anywhere", what);
}

static void print_metadata(const struct fact *f)
{
	char ip[IP_TEXT], what[IP_TEXT + 40];

	snprintf(what, sizeof(what), "tcp dpt:http to:%s:%u", ip_print(&f->value.ip, ip), f->value.num);
	print_rule("DNAT", "tcp", "anywhere", "169.254.169.254", what);
}

static void print_all(const struct facts *have, enum fact_kind kind, void (*print)(const struct fact *f))
{
	for (size_t i = 0; i < have->count; i++)
		if (have->items[i].kind == kind && !have->items[i].ns)
			print(&have->items[i]);
}

static void print_chains(const struct facts *have)
{
	print_head("nova-network-OUTPUT");
	print_all(have, FACT_NAT, print_dnat);
	print_all(have, FACT_FORWARD, print_forward);
	putchar('\n');
	print_head("nova-network-PREROUTING");
	print_all(have, FACT_METADATA, print_metadata);
	print_all(have, FACT_NAT, print_dnat);
	print_all(have, FACT_FORWARD, print_forward);
	putchar('\n');
	print_head("nova-network-float-snat");
	print_all(have, FACT_NAT, print_snat);
}

static bool has_table(const struct facts *have)
{
	const struct fact key = {.kind = FACT_TABLE};

	return facts_find(have, &key) != NULL;
}

int command_nat(const struct config *config)
{
	AUTO_SYMTAB struct symtab *syms = symtab_new();
	AUTO_FACTS struct facts have;
	struct err err = {0};
	struct kernel *k;
	int r;

	facts_init(&have, syms);
	r = kernel_linux_new(syms, config->run_netns, &k, &err);
	if (r == 0) {
		r = k->ops->observe(k, &have, &err);
		k->ops->free(k);
	}
	if (r < 0) {
		fprintf(stderr, "buoyd: %s\n", err.message);
		return 1;
	}
	facts_sort(&have);
	if (!has_table(&have)) {
		fputs("buoyd: this host translates nothing in its own namespace: no router leads to a "
		      "physical network "
		      "of type host:\n",
		      stderr);
		return 1;
	}
	print_chains(&have);
	return 0;
}
