/* The express programs, loaded and run one by one. See programs.h. */
#include "programs.h"

#include <arpa/inet.h>
#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/pkt_cls.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "bpf/express.skel.h"

#define CAPACITY 1024

/* --- devices --- */

static int make_tap(struct ifreq *r)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	r->ifr_flags = IFF_TAP | IFF_NO_PI;
	return fd < 0 || ioctl(fd, TUNSETIFF, r) < 0 ? -errno : fd;
}

static int set_up(int sock, struct ifreq *r, uint32_t *ret_ifindex)
{
	r->ifr_flags = IFF_UP;
	if (ioctl(sock, SIOCSIFFLAGS, r) < 0 || ioctl(sock, SIOCGIFINDEX, r) < 0)
		return -errno;
	*ret_ifindex = (uint32_t)r->ifr_ifindex;
	return 0;
}

/* A name space of its own, so that anybody's devices may have these names. */
static int make_taps(struct programs *p)
{
	int sock, r = 0;

	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (unsigned i = 0; r == 0 && i <= PROGRAMS_LEGS; i++) {
		struct ifreq request = {0};

		snprintf(request.ifr_name, sizeof(request.ifr_name), "tap%u", i);
		p->taps[i] = make_tap(&request);
		r = p->taps[i] < 0 ? p->taps[i] : set_up(sock, &request, &p->ifindex[i]);
	}
	close(sock);
	return r;
}

/* --- programs and maps --- */

static int told(void *arg, void *data, size_t size)
{
	struct programs *p = arg;

	assert(size == sizeof(p->event));
	memcpy(&p->event, data, size);
	p->told = true;
	return 0;
}

static void set_descriptors(struct programs *p)
{
	const struct express_bpf *s = p->skel;
	const struct bpf_map *maps[EXPRESS_MAPS] = {
		[MAP_STATE] = s->maps.state,       [MAP_FLOATS] = s->maps.floats,
		[MAP_PLACES] = s->maps.places,     [MAP_FIXEDS] = s->maps.fixeds,
		[MAP_LEGS] = s->maps.legs,         [MAP_WAYS] = s->maps.ways,
		[MAP_PATHS] = s->maps.paths,       [MAP_NEIGHBOURS] = s->maps.neighbours,
		[MAP_STATIONS] = s->maps.stations, [MAP_JUMPS] = s->maps.jumps,
		[MAP_EVENTS] = s->maps.events,
	};
	const struct bpf_program *programs[EXPRESS_PROGRAMS] = {
		[PROGRAM_PORT] = s->progs.port,         [PROGRAM_UPLINK] = s->progs.uplink,
		[PROGRAM_OUTER_IN] = s->progs.outer_in, [PROGRAM_OUTER_OUT] = s->progs.outer_out,
		[PROGRAM_INNER_IN] = s->progs.inner_in, [PROGRAM_INNER_OUT] = s->progs.inner_out,
		[PROGRAM_XDP] = s->progs.uplink_xdp,    [PROGRAM_COMMIT] = s->progs.commit,
		[PROGRAM_CLOCK] = s->progs.clock,
	};

	for (size_t i = 0; i < EXPRESS_MAPS; i++)
		p->kernel.maps[i] = bpf_map__fd(maps[i]);
	for (size_t i = 0; i < EXPRESS_PROGRAMS; i++)
		p->kernel.programs[i] = bpf_program__fd(programs[i]);
}

static int load(struct programs *p)
{
	struct timespec tick;
	int r;

	p->skel = express_bpf__open();
	if (!p->skel)
		return -errno;
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	p->skel->rodata->tick_ns = (uint32_t)tick.tv_nsec;
	p->skel->rodata->place_mask = CAPACITY * PLACES_EACH - 1;
	bpf_map__set_max_entries(p->skel->maps.floats, CAPACITY);
	bpf_map__set_max_entries(p->skel->maps.places, CAPACITY * PLACES_EACH);
	r = express_bpf__load(p->skel);
	if (r < 0)
		return r;
	set_descriptors(p);
	p->kernel.capacity = CAPACITY;
	p->ring = ring_buffer__new(p->kernel.maps[MAP_EVENTS], told, p, NULL);
	return p->ring ? express_table_open(&p->kernel, NULL) : -errno;
}

static int map_state(struct programs *p)
{
	void *at = mmap(NULL, sizeof(*p->kernel.state), PROT_READ | PROT_WRITE, MAP_SHARED,
			p->kernel.maps[MAP_STATE], 0);

	if (at == MAP_FAILED)
		return -errno;
	p->kernel.state = at;
	return 0;
}

static void put(const struct programs *p, enum express_map map, const void *key, const void *value)
{
	int r = bpf_map_update_elem(p->kernel.maps[map], key, value, BPF_ANY);

	assert(r == 0);
	(void)r;
}

static uint64_t clock_stamp(const struct programs *p)
{
	struct express_clock clock = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &clock, .ctx_size_in = sizeof(clock));
	int r = bpf_prog_test_run_opts(p->kernel.programs[PROGRAM_CLOCK], &opts);

	assert(r == 0);
	(void)r;
	return EXPRESS_STAMP(clock.now_ns);
}

uint64_t programs_station(const struct programs *p, const uint8_t *mac, unsigned age)
{
	uint64_t station = 0;

	memcpy(&station, mac, ETH_ALEN);
	return station | (clock_stamp(p) - age) << 48;
}

/* --- what the world says --- */

static unsigned outside(const struct programs *p)
{
	unsigned leg = 0;

	while (!p->world->legs[leg].external)
		leg++;
	return leg;
}

static bool is_at(const struct model_leg *leg, uint32_t address)
{
	return (address ^ leg->address) >> (32 - leg->plen) == 0;
}

static unsigned leg_of(const struct programs *p, uint32_t fixed)
{
	unsigned leg = 0;

	while (!is_at(&p->world->legs[leg], fixed))
		leg++;
	return leg;
}

static const struct model_neighbour *find_neighbour(const struct programs *p, uint32_t address)
{
	for (size_t i = 0; i < p->world->neighbour_count; i++)
		if (p->world->neighbours[i].address == address)
			return &p->world->neighbours[i];
	return NULL;
}

static struct float_key key_of(const struct programs *p, uint32_t floating)
{
	struct float_key key = {.addr = htonl(floating)};

	memcpy(key.mac, p->world->legs[outside(p)].mac, sizeof(key.mac));
	return key;
}

struct float_slot programs_float_slot(const struct programs *p, const struct model_nat *nat)
{
	const struct model_neighbour *n = find_neighbour(p, nat->fixed);
	unsigned leg = leg_of(p, nat->fixed);
	struct float_slot slot = {
		.fixed = htonl(nat->fixed),
		.gateway = htonl(p->world->legs[outside(p)].address),
		.port = p->ifindex[leg],
		.flags = FLOAT_SET | FLOAT_XDP,
		.mtu = (uint16_t)p->world->legs[leg].mtu,
		.station = n ? programs_station(p, n->mac, 0) : 0,
	};

	memcpy(slot.leg, p->world->legs[leg].mac, sizeof(slot.leg));
	return slot;
}

struct fixed_slot programs_fixed_slot(const struct programs *p, const struct model_nat *nat)
{
	return (struct fixed_slot){
		.floating = key_of(p, nat->floating),
		.segment = PROGRAMS_SEGMENT(outside(p)),
		.flags = FLOAT_SET,
		.mtu = (uint16_t)p->world->legs[outside(p)].mtu,
	};
}

struct float_entry *programs_entry(struct programs *p, uint32_t floating)
{
	struct float_key key = key_of(p, floating);

	return express_table_put(p->kernel.table, &key);
}

/* The slot that does not count. */
static int spare(const struct programs *p, const __u64 generation[2])
{
	uint64_t now = p->kernel.state->generation;
	bool second = generation[1] <= now && (generation[0] > now || generation[1] > generation[0]);

	return second ? 0 : generation[0] <= now;
}

void programs_put_float(struct programs *p, uint32_t floating, const struct float_slot *slot,
			uint64_t generation)
{
	struct float_entry *e = programs_entry(p, floating);
	int at = spare(p, e->generation);

	e->slot[at] = *slot;
	e->router[at] = PROGRAMS_ROUTER;
	e->generation[at] = generation;
}

void programs_put_fixed(struct programs *p, uint32_t fixed, const struct fixed_slot *slot,
			uint64_t generation)
{
	static const struct fixed_entry nothing;
	struct express_order o = {.key = {.router = PROGRAMS_ROUTER, .addr = htonl(fixed)},
				  .generation = generation,
				  .slot = *slot};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &o, .ctx_size_in = sizeof(o));
	int r;

	bpf_map_update_elem(p->kernel.maps[MAP_FIXEDS], &o.key, &nothing, BPF_NOEXIST);
	r = bpf_prog_test_run_opts(p->kernel.programs[PROGRAM_COMMIT], &opts);
	assert(r == 0 && opts.retval == 0);
	(void)r;
}

void programs_begin(struct programs *p, uint64_t generation)
{
	p->kernel.state->generation = generation;
}

static void put_legs(struct programs *p)
{
	static const uint64_t router = PROGRAMS_ROUTER;

	for (unsigned i = 0; i < p->world->leg_count; i++) {
		const struct model_leg *leg = &p->world->legs[i];
		struct leg_key key = {.bridge = PROGRAMS_SEGMENT(i)};

		memcpy(key.mac, leg->mac, sizeof(key.mac));
		if (!leg->external)
			put(p, MAP_LEGS, &key, &router);
	}
}

static void put_path(const struct programs *p, uint32_t to, uint8_t plen, uint32_t via, unsigned leg)
{
	struct path_key key = {.bits = 96U + plen,
			       .router_high = (uint32_t)(PROGRAMS_ROUTER >> 32),
			       .router_low = (uint32_t)PROGRAMS_ROUTER,
			       .addr = htonl(to)};
	struct path path = {.external = p->world->legs[leg].external};

	if (path.external)
		path.via = htonl(via);
	put(p, MAP_PATHS, &key, &path);
}

static void put_paths(const struct programs *p)
{
	const struct model_world *w = p->world;

	for (unsigned i = 0; i < w->leg_count; i++)
		put_path(p, w->legs[i].address, w->legs[i].plen, 0, i);
	for (size_t i = 0; i < w->route_count; i++)
		put_path(p, w->routes[i].to, w->routes[i].plen, w->routes[i].via, w->routes[i].leg);
}

static void hear_outside(const struct programs *p, const struct model_neighbour *n)
{
	struct station_key who = {.segment = PROGRAMS_SEGMENT(n->leg)};
	struct neighbour next = {.station = programs_station(p, n->mac, 0), .port = p->ifindex[n->leg]};

	memcpy(who.mac, n->mac, sizeof(who.mac));
	put(p, MAP_STATIONS, &who, &next.port);
	programs_put_neighbour(p, n->leg, n->address, &next);
}

void programs_hear_all(struct programs *p)
{
	const struct model_world *w = p->world;

	for (size_t i = 0; i < w->neighbour_count; i++)
		if (w->legs[w->neighbours[i].leg].external)
			hear_outside(p, &w->neighbours[i]);
	for (size_t i = 0; i < w->nat_count; i++) {
		struct float_entry *e = programs_entry(p, w->nats[i].floating);

		for (int at = 0; at < 2; at++)
			if (e->slot[at].fixed == htonl(w->nats[i].fixed))
				e->slot[at].station = programs_float_slot(p, &w->nats[i]).station;
	}
}

static void fill(struct programs *p)
{
	for (size_t i = 0; i < p->world->nat_count; i++) {
		const struct model_nat *nat = &p->world->nats[i];
		struct float_slot slot = programs_float_slot(p, nat);
		struct fixed_slot back = programs_fixed_slot(p, nat);

		programs_put_float(p, nat->floating, &slot, 1);
		programs_put_fixed(p, nat->fixed, &back, 1);
	}
	put_legs(p);
	put_paths(p);
	programs_hear_all(p);
	programs_begin(p, 1);
}

static void empty(const struct programs *p, enum express_map map)
{
	char key[64];

	while (bpf_map_get_next_key(p->kernel.maps[map], NULL, key) == 0)
		bpf_map_delete_elem(p->kernel.maps[map], key);
}

void programs_reset(struct programs *p)
{
	const struct float_entry *e;
	uint8_t frame[2048];
	size_t at = 0;

	while ((e = express_table_next(p->kernel.table, &at)))
		express_table_del(p->kernel.table, &e->key);
	empty(p, MAP_FIXEDS);
	empty(p, MAP_STATIONS);
	empty(p, MAP_NEIGHBOURS);
	for (unsigned i = 0; i <= PROGRAMS_LEGS; i++)
		while (programs_sent(p, i, frame, sizeof(frame)))
			;
	memset(p->kernel.state, 0, sizeof(*p->kernel.state));
	fill(p);
}

int programs_open(struct programs *p, const struct model_world *w)
{
	int r;

	*p = (struct programs){.world = w};
	assert(w->leg_count <= PROGRAMS_LEGS);
	r = make_taps(p);
	if (r == 0)
		r = load(p);
	if (r == 0)
		r = map_state(p);
	/* Each run of an XDP program that is attached nowhere puts it into the kernel's dispatcher and takes
	 * it out again, and waits for all processors both times: 20 ms and more. While it is attached it
	 * stays. */
	if (r == 0)
		r = bpf_xdp_attach((int)p->ifindex[PROGRAMS_LEGS], p->kernel.programs[PROGRAM_XDP],
				   XDP_FLAGS_SKB_MODE, NULL);
	if (r == 0)
		fill(p);
	else
		programs_close(p);
	return r;
}

void programs_close(struct programs *p)
{
	express_table_close(p->kernel.table);
	if (p->kernel.state)
		munmap(p->kernel.state, sizeof(*p->kernel.state));
	ring_buffer__free(p->ring);
	express_bpf__destroy(p->skel);
	for (unsigned i = 0; i <= PROGRAMS_LEGS; i++)
		if (p->taps[i] > 0)
			close(p->taps[i]);
	*p = (struct programs){0};
}

static struct neighbour_key neighbour_key(unsigned leg, uint32_t address)
{
	return (struct neighbour_key){.segment = PROGRAMS_SEGMENT(leg), .addr = htonl(address)};
}

bool programs_neighbour(const struct programs *p, unsigned leg, uint32_t address, struct neighbour *ret)
{
	struct neighbour_key key = neighbour_key(leg, address);

	return bpf_map_lookup_elem(p->kernel.maps[MAP_NEIGHBOURS], &key, ret) == 0;
}

void programs_put_neighbour(const struct programs *p, unsigned leg, uint32_t address,
			    const struct neighbour *n)
{
	struct neighbour_key key = neighbour_key(leg, address);

	put(p, MAP_NEIGHBOURS, &key, n);
}

void programs_forget_neighbour(const struct programs *p, unsigned leg, uint32_t address)
{
	struct neighbour_key key = neighbour_key(leg, address);

	bpf_map_delete_elem(p->kernel.maps[MAP_NEIGHBOURS], &key);
}

/* --- running --- */

void programs_run(const struct programs *p, int which, const struct programs_packet *in, uint8_t *out,
		  struct run_prog_result *ret)
{
	struct run_prog run = {
		.fd = p->kernel.programs[which],
		.xdp = which == PROGRAM_XDP,
		.ifindex = p->ifindex[in->elsewhere ? PROGRAMS_LEGS : in->leg],
		.mark = in->mark,
		.gso_size = in->gso_size,
		.gso_segs = in->gso_segs,
		.cb = {[CB_DEVICE] = PROGRAMS_SEGMENT(in->leg),
		       [CB_ROUTER_HIGH] = (uint32_t)(PROGRAMS_ROUTER >> 32),
		       [CB_ROUTER_LOW] = (uint32_t)PROGRAMS_ROUTER},
	};
	int r;

	run.ingress = in->made_here ? 0 : run.ifindex;
	memcpy(&run.cb[CB_MAC_HIGH], p->world->legs[in->leg].mac, 4);
	memcpy(&run.cb[CB_MAC_LOW], p->world->legs[in->leg].mac + 4, 2);
	r = run_prog(&run, in->frame, in->len, out, ret);
	assert(r == 0);
	(void)r;
}

void programs_fast(const struct programs *p, const struct programs_packet *in, uint8_t *out,
		   struct run_prog_result *ret)
{
	programs_run(p, p->world->legs[in->leg].external ? PROGRAM_UPLINK : PROGRAM_PORT, in, out, ret);
}

/* Linux wipes what stands behind the end of the options. */
static void wipe_options(uint8_t *ip, size_t hlen)
{
	size_t i = 20;

	while (i < hlen && ip[i])
		i += ip[i] == 1 || i + 1 >= hlen || ip[i + 1] < 2 ? 1 : ip[i + 1];
	if (i < hlen)
		memset(ip + i, 0, hlen - i);
}

/* What the kernel does to a frame that it forwards. False: it would not. */
static bool hop(uint8_t *frame, size_t len, const uint8_t *to, const uint8_t *from)
{
	uint8_t *ip = frame + ETH_HLEN;
	size_t hlen;
	uint16_t sum;

	if (len < ETH_HLEN + 20)
		return false;
	hlen = (ip[0] & 15) * 4U;
	if (hlen < 20 || hlen > len - ETH_HLEN || ip[8] < 2 || model_checksum(ip, hlen, 0) != 0)
		return false;
	wipe_options(ip, hlen);
	ip[8]--;
	memset(ip + 10, 0, 2);
	sum = model_checksum(ip, hlen, 0);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	memcpy(frame, to, ETH_ALEN);
	memcpy(frame + ETH_ALEN, from, ETH_ALEN);
	return true;
}

bool programs_slow(const struct programs *p, const struct programs_packet *in, unsigned leg,
		   const uint8_t *to, uint8_t *out, struct run_prog_result *ret)
{
	const struct model_leg *legs = p->world->legs;
	struct programs_packet next = *in;
	uint8_t between[RUN_PROG_MAX];

	programs_run(p, legs[in->leg].external ? PROGRAM_OUTER_IN : PROGRAM_INNER_IN, in, between, ret);
	if (ret->verdict != PROGRAMS_PASS || !hop(between, ret->len, to, legs[leg].mac))
		return false;
	next.leg = leg;
	next.frame = between;
	next.len = ret->len;
	next.mark = ret->mark;
	programs_run(p, legs[leg].external ? PROGRAM_OUTER_OUT : PROGRAM_INNER_OUT, &next, out, ret);
	return ret->verdict == PROGRAMS_PASS;
}

void programs_watch(struct programs *p, uint32_t floating)
{
	p->kernel.state->watch[0] = htonl(floating);
	p->kernel.state->watching = floating != 0;
}

const struct express_event *programs_told(struct programs *p)
{
	p->told = false;
	ring_buffer__consume(p->ring);
	return p->told ? &p->event : NULL;
}

size_t programs_sent(const struct programs *p, unsigned leg, uint8_t *frame, size_t room)
{
	static const uint8_t ip6[] = {0x86, 0xdd};
	ssize_t n;

	do /* the kernel looks for routers, and neighbours */
		n = read(p->taps[leg], frame, room);
	while (n > ETH_HLEN && memcmp(frame + 2 * ETH_ALEN, ip6, sizeof(ip6)) == 0);
	return n > 0 ? (size_t)n : 0;
}
