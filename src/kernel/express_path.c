/* FACT_PATH: where a router's packets go, as the express data path sees it.
 * One row of the dispatcher's table; the map `paths`. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "kernel/express.h"

#define ROUTER_BITS 96 /* and the way's */

static struct path_key make_key(uint64_t router, uint16_t way, const struct ip *addr, uint8_t plen)
{
	return (struct path_key){
		.bits = ROUTER_BITS + plen,
		.router_high = (uint32_t)(router >> 32),
		.router_low = (uint32_t)router,
		.way = way,
		.addr = htonl(ip_to_v4(addr)),
	};
}

struct walk {
	struct kernel_linux *k;
	struct express_routers routers;
	struct facts *ret;
};

static int observe_one(void *arg, const void *key)
{
	const struct path_key *at = key;
	struct walk *w = arg;
	struct fact f = {.kind = FACT_PATH, .plen = (uint8_t)(at->bits - ROUTER_BITS)};
	struct path path;

	if (at->bits < ROUTER_BITS || bpf_map_lookup_elem(w->k->express->maps[MAP_PATHS], key, &path) < 0)
		return 0;
	f.ns = express_router_ns(&w->routers, (uint64_t)at->router_high << 32 | at->router_low);
	f.which = (uint16_t)at->way;
	f.addr = ip_from_v4(ntohl(at->addr));
	f.value.num = path.external;
	if (path.via)
		f.value.ip = ip_from_v4(ntohl(path.via));
	if (f.ns)
		facts_add(w->ret, &f);
	else if (!w->k->express->only_looks) /* of a router whose namespace has gone: nobody's */
		bpf_map_delete_elem(w->k->express->maps[MAP_PATHS], key);
	return 0;
}

int path_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err)
{
	struct walk w = {.k = k, .ret = ret};
	int r;

	if (!k->express)
		return 0;
	r = express_routers(k, &w.routers, err);
	if (r < 0)
		return r;
	r = express_walk(k->express, MAP_PATHS, sizeof(struct path_key), observe_one, &w);
	free(w.routers.list);
	return r;
}

void path_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct change *c = changes[i];
		const struct fact *f = change_fact(c);
		struct path_key key =
			make_key(express_router(k->base.syms, f->ns), f->which, &f->addr, f->plen);
		struct path path = {.external = f->value.num};
		int r;

		if (!k->express) {
			if (c->want)
				change_fail(c, -EOPNOTSUPP, "the express data path is not there");
			continue;
		}
		if (!ip_is_null(&f->value.ip))
			path.via = htonl(ip_to_v4(&f->value.ip));
		r = c->want ? bpf_map_update_elem(k->express->maps[MAP_PATHS], &key, &path, BPF_ANY)
			    : bpf_map_delete_elem(k->express->maps[MAP_PATHS], &key);
		if (r < 0 && (c->want || errno != ENOENT))
			change_fail(c, -errno, "path: %s", strerror(errno));
	}
}
