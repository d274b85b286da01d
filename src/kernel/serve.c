/* FACT_SERVE: where DHCP and DNS are answered. One row of the dispatcher's table.
 *
 * A network takes an entry in its bridge's forwarding table, which leads frames for our MAC address up to the
 * bridge itself, and a socket there. The host's own stack takes no part: it has no such MAC address. The
 * first bytes of that are the mark by which an entry is known as ours after a new start. */
#include "kernel/serve.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/internal.h"

static const uint8_t mark[3] = {0x02, 0x62, 0x75};

struct served {
	UT_hash_handle hh;
	sym dev;
	struct uuid network, row;
	int ifindex, fd;
	bool sent; /* the responder has it */
};

struct serve {
	int fd;
	struct mac mac;
	struct served *list; /* by device */
	bool reset;          /* the responder is to forget all, before anything else */
};

/* --- the responder --- */

/* Sends what is waiting, until the responder has to read first: it says when it has. */
static void flush(struct serve *s)
{
	struct serve_message m = {.what = SERVE_RESET, .mac = s->mac};
	struct served *e, *next;

	if (s->reset && serve_send(s->fd, &m, -1) < 0)
		return;
	s->reset = false;
	m.what = SERVE_PUT;
	HASH_ITER (hh, s->list, e, next) {
		m.network = e->network;
		if (!e->sent && serve_send(s->fd, &m, e->fd) < 0)
			return;
		e->sent = true;
	}
}

static void send_all(struct serve *s)
{
	struct served *e, *next;

	s->reset = true;
	HASH_ITER (hh, s->list, e, next)
		e->sent = false;
}

void serve_read(struct serve *s)
{
	char words[64];
	ssize_t n;

	if (!s)
		return;
	while ((n = recv(s->fd, words, sizeof(words), MSG_DONTWAIT)) > 0)
		if (words[0] == SERVE_HELLO)
			send_all(s);
	flush(s);
}

static void drop(struct serve *s, struct served *e)
{
	struct serve_message m = {.what = SERVE_DROP, .network = e->network, .mac = s->mac};

	/* A responder that can not be told now is told everything anew. */
	if (e->sent && serve_send(s->fd, &m, -1) < 0)
		send_all(s);
	HASH_DEL(s->list, e);
	close(e->fd);
	free(e);
}

static struct served *find(const struct serve *s, sym dev)
{
	struct served *e;

	HASH_FIND(hh, s->list, &dev, sizeof(dev), e);
	return e;
}

/* --- observing --- */

struct observer {
	struct kernel_linux *k;
	struct facts *ret;
};

static struct fact fact_of(const struct served *e)
{
	struct fact f = {.kind = FACT_SERVE, .dev = e->dev, .row = e->row};

	memcpy(f.addr.b, e->network.b, sizeof(f.addr.b));
	return f;
}

/* An entry of ours without its socket is from before: a fact that nobody wants. The MAC address comes along.
 */
static int observe_one(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[NDA_MAX + 1] = {[NDA_LLADDR] = 6};
	struct observer *o = arg;
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NDA_MAX + 1];
	struct fact f = {.kind = FACT_SERVE};
	const struct link_row *link;
	const struct serve *s = o->k->serve;
	const uint8_t *mac;
	struct served *e;

	if (nlh->nlmsg_type != RTM_NEWNEIGH || mnl_nlmsg_get_payload_len(nlh) < sizeof(*ndm) ||
	    ndm->ndm_family != AF_BRIDGE || !(ndm->ndm_state & NUD_PERMANENT))
		return 0;
	nl_parse(nlh, sizeof(*ndm), tb, NDA_MAX, min);
	link = link_table_at(&o->k->host_links, ndm->ndm_ifindex);
	if (!link || !link->info.is_bridge || !tb[NDA_LLADDR] ||
	    memcmp(mac = mnl_attr_get_payload(tb[NDA_LLADDR]), mark, sizeof(mark)) != 0 ||
	    memcmp(link->info.mac, mac, 6) == 0)
		return 0;
	f.dev = symtab_put(o->k->base.syms, link->info.name);
	e = s ? find(s, f.dev) : NULL;
	if (e && e->ifindex == link->info.index && memcmp(&s->mac, mac, sizeof(s->mac)) == 0)
		f = fact_of(e);
	memcpy(f.value.ip.b, mac, sizeof(s->mac));
	facts_add(o->ret, &f);
	return 0;
}

int serve_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err)
{
	struct observer o = {k, ret};
	char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	nlh->nlmsg_type = RTM_GETNEIGH;
	ndm->ndm_family = AF_BRIDGE;
	return nl_dump(host->route, nlh, observe_one, &o, err);
}

/* --- applying --- */

static int entry(struct netns *host, int ifindex, const struct mac *mac, bool there, struct err *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	nlh->nlmsg_type = there ? RTM_NEWNEIGH : RTM_DELNEIGH;
	nlh->nlmsg_flags = there ? NLM_F_CREATE | NLM_F_REPLACE : 0;
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_state = NUD_PERMANENT;
	ndm->ndm_flags = NTF_SELF;
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(*mac), mac);
	return nl_request(host->route, nlh, NULL, NULL, err);
}

static int put(struct serve *s, struct netns *host, const struct fact *f, struct err *err)
{
	int index = link_index(host, f->dev, err), fd, r;
	struct served *e = find(s, f->dev);

	if (index < 0)
		return index;
	r = entry(host, index, &s->mac, true, err);
	if (r < 0)
		return r;
	if (e && e->ifindex == index && memcmp(e->network.b, f->addr.b, sizeof(f->addr.b)) == 0)
		return 0;
	fd = serve_open_socket(index, err);
	if (fd < 0)
		return fd;
	if (e)
		drop(s, e);
	e = xalloc(sizeof(*e));
	*e = (struct served){.dev = f->dev, .row = f->row, .ifindex = index, .fd = fd};
	memcpy(e->network.b, f->addr.b, sizeof(f->addr.b));
	HASH_ADD(hh, s->list, dev, sizeof(e->dev), e);
	return 0;
}

/* The entry goes unless the bridge is another network's by now. */
static int del(struct serve *s, struct netns *host, const struct fact *f, struct err *err)
{
	struct served *e = s ? find(s, f->dev) : NULL;
	struct err why = {0};
	struct mac mac;
	int index, r;

	memcpy(&mac, f->value.ip.b, sizeof(mac));
	if (mac_is_null(&mac) && s)
		mac = s->mac;
	if (e && memcmp(e->network.b, f->addr.b, sizeof(f->addr.b)) == 0)
		drop(s, e);
	else if (e && memcmp(&mac, &s->mac, sizeof(mac)) == 0)
		return 0;
	index = link_index(host, f->dev, NULL);
	if (index < 0)
		return 0;
	r = entry(host, index, &mac, false, &why);
	return r == 0 || r == -ENOENT ? 0 : err_set(err, r, "%s", why.message);
}

void serve_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct fact *f = change_fact(changes[i]);
		struct err err = {0};
		int r = 0;

		if (!changes[i]->want)
			r = del(k->serve, host, f, &err);
		else if (k->serve)
			r = put(k->serve, host, f, &err);
		else
			r = err_set(&err, -EOPNOTSUPP, "there is nobody who answers DHCP and DNS");
		if (r < 0)
			change_fail_err(changes[i], r, &err);
	}
	if (k->serve)
		flush(k->serve);
}

/* --- life --- */

/* FNV-1a: nodes on one network differ. */
static struct mac mac_of(const char *node)
{
	struct mac mac = {{mark[0], mark[1], mark[2]}};
	uint32_t hash = 2166136261u;

	for (; *node; node++)
		hash = (hash ^ (uint8_t)*node) * 16777619u;
	mac.b[3] = (uint8_t)(hash >> 16);
	mac.b[4] = (uint8_t)(hash >> 8);
	mac.b[5] = (uint8_t)hash;
	return mac;
}

struct serve *serve_new(const char *node, int fd)
{
	struct serve *s = xalloc(sizeof(*s));

	*s = (struct serve){.fd = fd, .mac = mac_of(node), .reset = true};
	return s;
}

void serve_free(struct serve *s)
{
	struct served *e, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->list, e, next) {
		HASH_DEL(s->list, e);
		close(e->fd);
		free(e);
	}
	free(s);
}
