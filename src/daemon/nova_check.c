/* What of this host would keep its own routing from working: missing interfaces, a way out that is another's,
 * and firewalls that refuse what is forwarded to the bridge. `buoyd check` and `buoyd single-host` print it.
 *
 * No rule of ours can overrule another table's drop: all that can be done is to find it and to say the line
 * that helps. */
#include "base/buf.h"
#include "daemon/process.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define NAME_MAX_TEXT 128

extern char **environ;

/* --- interfaces --- */

/* The interface of the default route, from the kernel's table. */
static bool default_route(char ret[IFNAMSIZ])
{
	FILE *f = fopen("/proc/net/route", "re");
	char line[256], name[IFNAMSIZ];
	unsigned to, mask;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%15s %x %*x %*x %*d %*d %*d %x", name, &to, &mask) == 3 && !to && !mask;
	if (f)
		fclose(f);
	if (found)
		memcpy(ret, name, sizeof(name));
	return found;
}

static void check_interfaces(const struct config *c)
{
	char out[IFNAMSIZ], range[CIDR_TEXT];
	struct cidr address;

	if (if_nametoindex(c->public_interface) && default_route(out) &&
	    strcmp(out, c->public_interface) != 0)
		printf("but the default route leads out of %s, not of %s: what instances send leaves there\n",
		       out, c->public_interface);
	if (if_nametoindex(c->fixed_bridge) &&
	    nova_host_address(c->fixed_bridge, &c->nova_range, &address) < 0)
		printf("but %s has no address in %s: instances would have no gateway\n", c->fixed_bridge,
		       cidr_print(&c->nova_range, range));
	if (access("/proc/sys/net/bridge/bridge-nf-call-iptables", R_OK) == 0) {
		FILE *f = fopen("/proc/sys/net/bridge/bridge-nf-call-iptables", "re");

		if (f && fgetc(f) == '1')
			puts("note: net.bridge.bridge-nf-call-iptables is 1 (Docker sets it): an instance "
			     "does not "
			     "reach its own floating IP; others do");
		if (f)
			fclose(f);
	}
}

/* --- firewalls --- */

/* Where we are in the listing, and what was found. */
struct listing {
	const char *bridge;
	char table[NAME_MAX_TEXT], chain[NAME_MAX_TEXT]; /* "ip filter", "FORWARD" */
	bool forward;                                    /* a base chain of the hook */
	bool allowed;                                    /* the chain accepts what was translated */
	struct buf out;
};

static void warn(struct listing *l, const char *what)
{
	if (l->allowed || strstr(l->table, "buoy"))
		return;
	buf_printf(&l->out,
		   "but the chain %s of the table %s %s. This lets in what floating IPs lead to %s:\n",
		   l->chain, l->table, what, l->bridge);
	if (strcmp(l->table, "ip filter") == 0)
		buf_puts(&l->out, "  iptables -I FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n");
	else
		buf_printf(&l->out, "  nft insert rule %s %s ct status dnat accept\n", l->table, l->chain);
}

static bool refuses(const char *line)
{
	return strstr(line, " drop") || strstr(line, "reject") || strstr(line, "REJECT");
}

static void read_rule(struct listing *l, const char *line)
{
	AUTO_FREE char *named = xasprintf("oifname \"%s\"", l->bridge),
		       *by_index = xasprintf("oif \"%s\"", l->bridge);
	const char *text = line + strspn(line, "\t ");
	bool to_bridge = strstr(line, named) || strstr(line, by_index);

	if (strstr(line, "ct status dnat") && strstr(line, "accept"))
		l->allowed = true;
	else if (to_bridge && refuses(line) && !strstr(line, "iif"))
		warn(l, "refuses what is forwarded to it");
	else if (l->forward && (!strncmp(text, "reject", 6) || !strncmp(text, "drop", 4) ||
				(!strncmp(text, "counter", 7) && refuses(line))))
		warn(l, "refuses what it does not accept before");
}

static void read_line(struct listing *l, const char *line)
{
	if (sscanf(line, "table %127[^{\n]", l->table) == 1) {
		l->table[strcspn(l->table, "{")] = '\0';
		while (l->table[0] && l->table[strlen(l->table) - 1] == ' ')
			l->table[strlen(l->table) - 1] = '\0';
	} else if (sscanf(line, "\tchain %127s", l->chain) == 1) {
		l->forward = l->allowed = false;
	} else if (strstr(line, "hook forward")) {
		l->forward = true;
		if (strstr(line, "policy drop") && strncmp(l->table, "ip6 ", 4) != 0)
			warn(l, "drops what it does not accept");
	} else if (strncmp(l->table, "ip6 ", 4) != 0 && strncmp(l->table, "bridge ", 7) != 0) {
		read_rule(l, line);
	}
}

static int read_rules(struct listing *l)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	char *text, *save = NULL;
	int r = -ENOMEM;

	if (!nft)
		return r;
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	r = nft_run_cmd_from_buffer(nft, "list ruleset");
	text = xstrdup(r == 0 ? nft_ctx_get_output_buffer(nft) : "");
	nft_ctx_free(nft);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		read_line(l, line);
	free(text);
	return r;
}

/* The listing does not say what a rule of iptables matches; iptables does. */
static bool is_allowed_by_iptables(void)
{
	static const char *const words[] = {"iptables",  "-w",        "5",    "-C", "FORWARD", "-m",
					    "conntrack", "--ctstate", "DNAT", "-j", "ACCEPT",  NULL};
	posix_spawn_file_actions_t quiet;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, words[0], &quiet, NULL, (char *const *)(uintptr_t)words, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&quiet);
	return status == 0;
}

static void check_firewall(const struct config *c)
{
	struct listing l = {.bridge = c->fixed_bridge};

	if (read_rules(&l) != 0)
		puts("note: the firewall's rules could not be read (root can)");
	if (l.out.len && !(strstr(buf_text(&l.out), "iptables -I") && is_allowed_by_iptables()))
		fputs(buf_text(&l.out), stdout);
	buf_done(&l.out);
	if (access("/proc/net/ip_tables_names", R_OK) == 0) {
		FILE *f = fopen("/proc/net/ip_tables_names", "re");
		char line[64];

		while (f && fgets(line, sizeof(line), f))
			if (strcmp(line, "filter\n") == 0 && !is_allowed_by_iptables())
				puts("note: iptables-legacy has rules, which this check can not read");
		if (f)
			fclose(f);
	}
}

void nova_check(const struct config *c)
{
	if (!c->public_interface[0])
		return;
	check_interfaces(c);
	check_firewall(c);
}
