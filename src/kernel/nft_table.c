/* The table "buoy" itself: its constant rules and their version.
 * The version is the name of an empty chain, "version_<hash>": what `nft list` shows is what we read back. */
#include "kernel/nft_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "kernel/nft_elem.h"
#include "plan/rules.h"

#define VERSION_PREFIX "version_"

static uint8_t protocol(enum fact_family family)
{
	return family == FACT_IPV6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static const char *family_name(enum fact_family family)
{
	return family == FACT_IPV6 ? "ip6" : "ip";
}

static struct nlmsghdr *start(char *buf, uint16_t type, enum fact_family family)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = protocol(family);
	nfg->version = NFNETLINK_V0;
	return nlh;
}

struct chains {
	enum fact_family family;
	bool exists;      /* the table has a chain */
	uint32_t version; /* 0: none of the chains says */
	struct buf clear; /* commands that take away the chains which are there */
	uint32_t rules;
};

static void cleanup_chains(struct chains *c)
{
	buf_done(&c->clear);
}

static int read_chain(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1];
	char text[NFT_NAME_MAXLEN];
	struct chains *c = arg;
	char end;

	nl_parse(nlh, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_MAX, NULL);
	if (strcmp(nl_text(tb[NFTA_CHAIN_TABLE], text, sizeof(text)), KERNEL_TABLE) != 0)
		return 0;
	nl_text(tb[NFTA_CHAIN_NAME], text, sizeof(text));
	c->exists = true;
	buf_printf(&c->clear, "delete chain %s " KERNEL_TABLE " %s\n", family_name(c->family), text);
	if (sscanf(text, VERSION_PREFIX "%8x%c", &c->version, &end) != 1 &&
	    !strncmp(text, VERSION_PREFIX, strlen(VERSION_PREFIX)))
		c->version = 1;
	return 0;
}

static int read_rule(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1];
	char text[NFT_NAME_MAXLEN];
	struct chains *c = arg;

	nl_parse(nlh, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX, NULL);
	c->rules += !strcmp(nl_text(tb[NFTA_RULE_TABLE], text, sizeof(text)), KERNEL_TABLE);
	return 0;
}

static int list_chains(struct netns *ns, struct chains *ret, struct err *err)
{
	struct mnl_socket *sock;
	char buf[256];
	int r = netns_netfilter(ns, &sock, err);

	if (r == 0)
		r = nl_dump(sock, start(buf, NFT_MSG_GETCHAIN, ret->family), read_chain, ret, err);
	return r;
}

static int count_rules(struct netns *ns, struct chains *c, struct err *err)
{
	struct nlmsghdr *nlh;
	struct mnl_socket *sock;
	char buf[256];
	int r = netns_netfilter(ns, &sock, err);

	if (r < 0)
		return r;
	nlh = start(buf, NFT_MSG_GETRULE, c->family);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, KERNEL_TABLE);
	return nl_dump(sock, nlh, read_rule, c, err);
}

/* The rules of a version; those that a namespace has without the express data path when nobody knows it. */
static const struct rules *rules_of(const struct netns *ns, enum fact_family family, uint32_t version)
{
	if (family == FACT_IPV6)
		return &rules_scopes6;
	if (!ns->name)
		return &rules_host;
	return version == rules_hash(&rules_express) ? &rules_express : &rules_netns;
}

int nft_table_version(struct netns *ns, enum fact_family family, uint32_t *ret_version, struct err *err)
{
	CLEANUP(cleanup_chains) struct chains c = {.family = family};
	int r = list_chains(ns, &c, err);

	if (r == 0 && c.exists)
		r = count_rules(ns, &c, err);
	if (r < 0)
		return r;
	if (!c.exists)
		*ret_version = 0;
	else
		*ret_version = c.rules == rules_of(ns, family, c.version)->count && c.version ? c.version : 1;
	return 0;
}

/* Runs inside the namespace: libnftables opens its socket where the thread is. */
static int run_nft(struct netns *ns, void *arg, struct err *err)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	int r = 0;

	if (!nft)
		return err_set(err, -ENOMEM, "libnftables does not start");
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	if (nft_run_cmd_from_buffer(nft, arg) != 0) {
		const char *why = nft_ctx_get_error_buffer(nft);

		r = err_set(err, -EINVAL, "nft: %.*s", (int)strcspn(why, "\n"), why);
	}
	nft_ctx_free(nft);
	return r;
}

int nft_table_put(struct netns *ns, enum fact_family family, uint32_t version, struct err *err)
{
	CLEANUP(cleanup_chains) struct chains c = {.family = family};
	const struct rules *rules = rules_of(ns, family, version);
	AUTO_BUF struct buf text = {0};
	int r = list_chains(ns, &c, err);

	if (r < 0)
		return r;
	if (c.exists)
		buf_printf(&text, "flush table %s " KERNEL_TABLE "\n%s", family_name(family),
			   buf_text(&c.clear));
	buf_puts(&text, rules->text);
	buf_printf(&text, "add chain %s " KERNEL_TABLE " " VERSION_PREFIX "%08x\n", family_name(family),
		   rules_hash(rules));
	return netns_run(ns, run_nft, text.data, err);
}

int nft_table_del(struct netns *ns, enum fact_family family, struct err *err)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct mnl_socket *sock;
	struct nlmsghdr *nlh;
	struct nfgenmsg *nfg;
	int r = netns_netfilter(ns, &sock, err);

	if (r < 0)
		return r;
	nft_batch_begin(&b);
	nlh = nl_batch_begin(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, 0, NULL);
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = protocol(family);
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, KERNEL_TABLE);
	nl_batch_end(&b, nlh);
	nft_batch_end(&b);
	r = nl_batch_send(&b, sock, err);
	for (size_t i = 0; r == 0 && i < b.count; i++)
		r = b.items[i].result;
	if (r == -ENOENT)
		return 0;
	return r < 0 ? err_set(err, r, "nf_tables: delete table: %s", strerror(-r)) : 0;
}
