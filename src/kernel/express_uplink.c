/* Uplinks of the express data path: the ports of external bridges, and external NICs, that come and go.
 * The part of FACT_HOOK (express_hook.c) that is one fact for many devices; with XDP, where a device has it.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "kernel/express_stub.h"

struct uplink {
	sym dev;
	int ifindex;
	struct uplink *next;
};

static struct uplink *find_uplink(const struct express *x, int ifindex)
{
	struct uplink *u = x->uplinks;

	while (u && u->ifindex != ifindex)
		u = u->next;
	return u;
}

static void remember_uplink(struct express *x, sym dev, int ifindex)
{
	struct uplink *u = find_uplink(x, ifindex);

	if (!u) {
		u = xalloc(sizeof(*u));
		u->ifindex = ifindex;
		u->next = x->uplinks;
		x->uplinks = u;
	}
	u->dev = dev;
}

static void forget_uplink(struct express *x, sym dev)
{
	for (struct uplink **at = &x->uplinks; *at;) {
		struct uplink *u = *at;

		if (u->dev == dev) {
			*at = u->next;
			free(u);
		} else {
			at = &u->next;
		}
	}
}

void express_free_uplinks(struct express *x)
{
	while (x->uplinks) {
		struct uplink *u = x->uplinks;

		x->uplinks = u->next;
		free(u);
	}
}

bool express_concerns(const struct kernel_linux *k, const struct link_row *row)
{
	return k->express &&
	       (find_uplink(k->express, row->info.master) || find_uplink(k->express, row->info.index));
}

/* The external bridge that a link is a port of, or the external NIC that it is itself; 0: neither. Everything
 * counts that comes to a bridge from elsewhere than our routers' legs. */
static int segment_of(const struct express *x, const struct link_row *row)
{
	if (row->info.ours && row->type == LINK_VETH)
		return 0;
	if (find_uplink(x, row->info.master))
		return row->info.master;
	return !row->info.is_bridge && find_uplink(x, row->info.index) ? row->info.index : 0;
}

static bool is_wire(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	return access(path, F_OK) == 0;
}

static bool wants_xdp(const struct express *x, const struct link_row *row)
{
	return x->xdp == XDP_ALWAYS || (x->xdp == XDP_AUTO && is_wire(row->info.name));
}

/* Whose XDP program is there: an id, 0: nobody's. */
static uint32_t xdp_at(int ifindex)
{
	uint32_t id = 0;

	return bpf_xdp_query_id(ifindex, XDP_FLAGS_DRV_MODE, &id) == 0 ? id : 0;
}

static bool is_our_xdp(uint32_t id)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	int fd AUTO_CLOSE = id ? bpf_prog_get_fd_by_id(id) : -1;

	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && !strcmp(info.name, "uplink_xdp");
}

static bool has_refused(const struct express *x, int ifindex)
{
	for (size_t i = 0; i < x->refused_count; i++)
		if (x->refused[i] == ifindex)
			return true;
	return false;
}

static void note_refusal(struct express *x, int ifindex)
{
	if (has_refused(x, ifindex))
		return;
	x->refused = xrealloc(x->refused, (x->refused_count + 1) * sizeof(*x->refused));
	x->refused[x->refused_count++] = ifindex;
}

/* Never in place of somebody else's program, and where the driver can not, tc does it alone. */
static void attach_xdp(struct express *x, int ifindex)
{
	uint32_t there = xdp_at(ifindex);
	int old AUTO_CLOSE = is_our_xdp(there) ? bpf_prog_get_fd_by_id(there) : -1;
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old);

	if (there == x->xdp_id || (there && old < 0))
		return;
	if (bpf_xdp_attach(ifindex, x->programs[PROGRAM_XDP],
			   XDP_FLAGS_DRV_MODE | (there ? 0 : XDP_FLAGS_UPDATE_IF_NOEXIST),
			   there ? &opts : NULL) < 0)
		note_refusal(x, ifindex);
}

static void detach_xdp(int ifindex)
{
	uint32_t there = xdp_at(ifindex);

	if (is_our_xdp(there))
		bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
}

/* A device that has none is right when it would have none: that shows when it is tried. */
static bool is_xdp_right(const struct express *x, const struct link_row *row)
{
	uint32_t there = xdp_at(row->info.index);

	if (!wants_xdp(x, row))
		return !is_our_xdp(there);
	if (!there)
		return x->only_looks || has_refused(x, row->info.index);
	return there == x->xdp_id || !is_our_xdp(there);
}

static void put_xdp(struct express *x, const struct link_row *row)
{
	if (wants_xdp(x, row))
		attach_xdp(x, row->info.index);
	else
		detach_xdp(row->info.index);
}

static int attach_uplink_port(struct kernel_linux *k, const struct link_row *row, int segment,
			      struct err *err)
{
	struct stub s = {.cb = {[CB_DEVICE] = (uint32_t)segment}};

	return stub_attach(k, k->nss.host, &row->info, HOOK_UPLINK, &s, err);
}

static int detach_uplink_port(struct kernel_linux *k, const struct link_row *row, struct err *err)
{
	detach_xdp(row->info.index);
	return stub_detach(k, k->nss.host, &row->info, HOOK_UPLINK, err);
}

/* What an uplink's port has; false: no program of ours. */
static bool look_at_uplink(struct kernel_linux *k, const struct link_row *row, struct stub *ret)
{
	return !(row->info.ours && row->type == LINK_VETH) &&
	       stub_look(k, k->nss.host, row->info.index, HOOK_UPLINK, 0, ret);
}

static bool is_stub_right(const struct stub *s, int segment)
{
	return s->program == PROGRAM_UPLINK && s->cb[CB_DEVICE] == (uint32_t)segment;
}

/* Makes a link what it should be, whatever it was before. */
static int refresh_uplink_port(struct kernel_linux *k, const struct link_row *row, struct err *err)
{
	int segment = segment_of(k->express, row), r = 0;
	struct stub s;
	bool there = look_at_uplink(k, row, &s);

	if (!segment)
		return there ? detach_uplink_port(k, row, err) : 0;
	if (!there || !is_stub_right(&s, segment))
		r = attach_uplink_port(k, row, segment, err);
	if (r == 0)
		put_xdp(k->express, row);
	return r;
}

/* One that fails, and may just have gone, does not keep it from the others. */
static int refresh_uplinks(struct kernel_linux *k, struct err *err)
{
	struct link_table links = {0};
	int r = link_table_read(k->nss.host, &links, err);

	for (size_t i = 0; i < links.count; i++) {
		int one = refresh_uplink_port(k, &links.rows[i], err);

		r = r == 0 ? one : r;
	}
	link_table_done(&links);
	return r;
}

void express_refresh_uplinks(struct kernel_linux *k)
{
	if (k->express)
		refresh_uplinks(k, NULL);
}

int express_apply_uplink(struct kernel_linux *k, const struct change *c, struct err *err)
{
	const struct fact *f = change_fact(c);
	int segment = c->want ? link_index(k->nss.host, f->dev, err) : 0;

	if (segment < 0)
		return segment;
	if (c->want)
		remember_uplink(k->express, f->dev, segment);
	else
		forget_uplink(k->express, f->dev);
	return refresh_uplinks(k, err);
}

/* --- observing --- */

struct seen_uplink {
	int segment;
	bool whole;
};

static void see(struct seen_uplink *list, size_t *count, int segment, bool right)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i].segment == segment) {
			list[i].whole &= right;
			return;
		}
	list[(*count)++] = (struct seen_uplink){segment, right};
}

/* An earlier process' programs tell which uplinks there are. */
static void recall_uplinks(struct kernel_linux *k)
{
	for (size_t i = 0; i < k->host_links.count; i++) {
		const struct link_row *row = &k->host_links.rows[i], *segment;
		struct stub s;

		if (segment_of(k->express, row) || !look_at_uplink(k, row, &s) || s.program != PROGRAM_UPLINK)
			continue;
		segment = link_table_at(&k->host_links, (int)s.cb[CB_DEVICE]);
		if (segment && (segment == row || segment->info.index == row->info.master))
			remember_uplink(k->express, symtab_put(k->base.syms, segment->info.name),
					segment->info.index);
	}
}

/* An uplink is there when each of its ports is as it should be; while one is not, it is something else. A
 * program at what is no uplink's port any more is one that nobody wants. */
void express_observe_uplinks(struct kernel_linux *k, struct facts *ret)
{
	const struct link_table *links = &k->host_links;
	struct seen_uplink *seen AUTO_FREE = xalloc((2 * links->count + 1) * sizeof(*seen));
	size_t count = 0;

	recall_uplinks(k);
	for (const struct uplink *u = k->express->uplinks; u && count < links->count; u = u->next)
		if (link_table_at(links, u->ifindex))
			see(seen, &count, u->ifindex, true);
	for (size_t i = 0; i < links->count; i++) {
		const struct link_row *row = &links->rows[i];
		int segment = segment_of(k->express, row);
		struct stub s;
		bool there = look_at_uplink(k, row, &s);

		if (segment)
			see(seen, &count, segment,
			    there && is_stub_right(&s, segment) && is_xdp_right(k->express, row));
		else if (there)
			see(seen, &count, row->info.index, false);
	}
	for (size_t i = 0; i < count; i++) {
		struct hook_spec spec = {.role = HOOK_UPLINK};
		struct fact f = {.kind = FACT_HOOK,
				 .dev = express_link_name(k, (uint32_t)seen[i].segment),
				 .hook = &spec};

		if (!seen[i].whole)
			spec.device = f.dev;
		if (f.dev)
			facts_add(ret, &f);
	}
}
