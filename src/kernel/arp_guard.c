/* Watches for strangers who answer for our floating IPs (RFC 5227), and the timer of all ARP.
 * FACT_GUARD lives here, in memory: one socket per external device, one hash of addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "kernel/arp.h"

#define TICK_MS        20
#define FRAMES_A_TICK  500
#define FRAMES_A_RUN   50
#define TICK_WORK_US   5000 /* the agent has requests to serve too: the frames left go at the next tick */
#define QUEUE_MAX      (1 << 19) /* frames waiting per queue; more is dropped */
#define READ_MAX       10000     /* frames read per call */
#define REPEAT_US      1000000
#define PROBES         2
#define RECEIVE_BUFFER (8 << 20)

struct watched {
	UT_hash_handle hh;
	struct watched_key {
		sym dev;
		uint32_t addr; /* network order */
	} key;
	bool reported; /* a conflict, and not probed again since */
	struct uuid row;
};

struct device {
	UT_hash_handle hh;
	sym name;
	int index, fd;
};

struct waiting {
	sym ns, dev;
	uint32_t addr;
	uint16_t what, times;
	int64_t due_us;
};

/* An address on a leg whose announcement waits. When it leaves the leg this goes, and with it what waits: a
 * late announcement would draw the packets away from the router that has the address by then. */
struct announced {
	UT_hash_handle hh;
	struct announced_key {
		sym ns, dev;
		uint32_t addr;
	} key;
	unsigned waiting;
};

/* First in, first out; all that is in one queue waits for the same time. */
struct queue {
	struct waiting *items;
	size_t head, count, cap;
};

struct guard {
	struct netns_set *nss; /* borrowed */
	struct device *devices;
	struct watched *watched;
	struct announced *announced;
	struct queue soon, later;
	int epoll, timer;
	bool ticking;
};

/* --- queues and their timer --- */

static void set_timer(struct guard *g, bool on)
{
	long ns = on ? TICK_MS * 1000000L : 0;
	struct itimerspec spec = {.it_interval.tv_nsec = ns, .it_value.tv_nsec = ns};

	if (g->ticking != on)
		timerfd_settime(g->timer, 0, &spec, NULL);
	g->ticking = on;
}

static bool push(struct queue *q, const struct waiting *w)
{
	if (q->count == QUEUE_MAX)
		return false;
	if (q->head + q->count == q->cap) {
		/* Slide back what is left, or grow when that would gain little. */
		if (q->count)
			memmove(q->items, q->items + q->head, q->count * sizeof(*q->items));
		q->head = 0;
		if (q->count * 2 >= q->cap) {
			q->cap = MAX(q->cap * 2, (size_t)64);
			q->items = xrealloc(q->items, q->cap * sizeof(*q->items));
		}
	}
	q->items[q->head + q->count++] = *w;
	return true;
}

static void pop(struct queue *q)
{
	q->head++;
	q->count--;
}

static struct announced *find_announced(struct guard *g, sym ns, sym dev, uint32_t addr)
{
	const struct announced_key key = {ns, dev, addr};
	struct announced *a;

	HASH_FIND(hh, g->announced, &key, sizeof(key), a);
	return a;
}

static void drop_announced(struct guard *g, struct announced *a)
{
	HASH_DEL(g->announced, a);
	free(a);
}

static void expect_announcement(struct guard *g, sym ns, sym dev, uint32_t addr)
{
	struct announced *a = find_announced(g, ns, dev, addr);

	if (!a) {
		a = xalloc(sizeof(*a));
		a->key = (struct announced_key){ns, dev, addr};
		HASH_ADD(hh, g->announced, key, sizeof(a->key), a);
	}
	a->waiting++;
}

void guard_forget_arp(struct guard *g, sym ns, sym dev, uint32_t addr)
{
	struct announced *a = find_announced(g, ns, dev, addr);

	if (a)
		drop_announced(g, a);
}

/* Whether a frame whose time has come is still to be sent; the last one of an announcement ends it. */
static bool is_wanted(struct guard *g, const struct waiting *w)
{
	struct announced *a;

	if (w->what != ARP_ANNOUNCEMENT)
		return true;
	a = find_announced(g, w->ns, w->dev, w->addr);
	if (a && w->times == 1 && --a->waiting == 0)
		drop_announced(g, a);
	return a != NULL;
}

void guard_queue_arp(struct guard *g, sym ns, sym dev, enum arp_what what, uint32_t addr, unsigned times,
		     bool later)
{
	struct waiting w = {.ns = ns, .dev = dev, .addr = addr, .what = (uint16_t)what};

	w.times = (uint16_t)times;
	w.due_us = later ? clock_mono_us() + REPEAT_US : 0;
	if (!push(later ? &g->later : &g->soon, &w))
		return;
	if (what == ARP_ANNOUNCEMENT)
		expect_announcement(g, ns, dev, addr);
	set_timer(g, true);
}

/* Sends the frames at the head of a queue that go out of the same device. Returns how many. */
static size_t send_run(struct guard *g, struct queue *q, size_t max, int64_t now_us)
{
	const struct waiting first = q->items[q->head];
	uint32_t addrs[FRAMES_A_RUN];
	struct netns *ns;
	size_t n = 0;

	while (q->count && n < MIN(max, ARRAY_SIZE(addrs))) {
		struct waiting w = q->items[q->head];

		if (w.ns != first.ns || w.dev != first.dev || w.what != first.what || w.due_us > now_us)
			break;
		pop(q);
		if (!is_wanted(g, &w))
			continue;
		addrs[n++] = w.addr;
		w.due_us = now_us + REPEAT_US;
		if (--w.times)
			push(&g->later, &w);
	}
	/* The namespace or the device may be gone by now, and then nobody is to be told. */
	if (n && netns_get(g->nss, first.ns, &ns, NULL) == 0)
		arp_send(ns, first.dev, (enum arp_what)first.what, addrs, n, NULL);
	return n;
}

static void tick(struct guard *g)
{
	int64_t now_us = clock_mono_us(), end_us = now_us + TICK_WORK_US;
	size_t left = FRAMES_A_TICK;
	uint64_t ticks;

	if (read(g->timer, &ticks, sizeof(ticks)) < 0)
		return;
	while (left && clock_mono_us() < end_us && g->later.count &&
	       g->later.items[g->later.head].due_us <= now_us)
		left -= send_run(g, &g->later, left, now_us);
	while (left && clock_mono_us() < end_us && g->soon.count)
		left -= send_run(g, &g->soon, left, now_us);
	set_timer(g, g->soon.count || g->later.count);
}

/* --- sockets --- */

/* Ethernet ARP for IPv4 with a sender: what a probe asks is nobody's claim. */
static int attach_filter(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_ETHER, 0, 7),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, 5),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6 << 8 | 4, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 14),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 28),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* The thread is in the host's namespace. */
static int open_watch(struct guard *g, int index, int *ret, struct err *err)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = RECEIVE_BUFFER, r;
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_ARP), .sll_ifindex = index};
	struct epoll_event event = {.events = EPOLLIN};

	if (fd < 0)
		return err_set(err, -errno, "packet socket: %m");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (attach_filter(fd) < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		r = err_set(err, -errno, "watching ARP: %m");
		close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

static void drop_device(struct guard *g, struct device *d)
{
	struct watched *w, *next;

	HASH_ITER (hh, g->watched, w, next)
		if (w->key.dev == d->name) {
			HASH_DEL(g->watched, w);
			free(w);
		}
	HASH_DEL(g->devices, d);
	close(d->fd);
	free(d);
}

/* The watch on a device, made when it is new. A device of the same name that came later is another one:
 * what was watched on the old is forgotten, and comes again by the difference. */
static int get_device(struct guard *g, sym name, struct device **ret, struct err *err)
{
	int index = link_index(g->nss->host, name, err), fd = -1, r;
	struct device *d;

	if (index < 0)
		return index;
	HASH_FIND(hh, g->devices, &name, sizeof(name), d);
	if (d && d->index != index) {
		drop_device(g, d);
		d = NULL;
	}
	if (!d) {
		r = open_watch(g, index, &fd, err);
		if (r < 0)
			return r;
		d = xalloc(sizeof(*d));
		d->name = name;
		d->index = index;
		d->fd = fd;
		HASH_ADD(hh, g->devices, name, sizeof(d->name), d);
	}
	*ret = d;
	return 0;
}

/* --- the table --- */

static struct watched *find(struct guard *g, sym dev, uint32_t addr)
{
	struct watched_key key = {.dev = dev, .addr = addr};
	struct watched *w;

	HASH_FIND(hh, g->watched, &key, sizeof(key), w);
	return w;
}

static void put(struct guard *g, const struct fact *f, bool at_once)
{
	uint32_t addr = htonl(ip_to_v4(&f->addr));
	struct watched *w = find(g, f->dev, addr);

	if (!w) {
		w = xalloc(sizeof(*w));
		w->key = (struct watched_key){.dev = f->dev, .addr = addr};
		HASH_ADD(hh, g->watched, key, sizeof(w->key), w);
	}
	w->row = f->row;
	w->reported = false;
	if (at_once)
		arp_send(g->nss->host, f->dev, ARP_PROBE, &addr, 1, NULL);
	guard_queue_arp(g, 0, f->dev, ARP_PROBE, addr, at_once ? PROBES - 1 : PROBES, at_once);
}

/* `seen`: the device that the last put of this batch was for. Asking the kernel for each of ten thousand
 * addresses would take longer than all the rest. */
static void apply_put(struct guard *g, struct change *c, size_t count, sym *seen)
{
	struct device *d;
	struct err err = {0};
	int r;

	if (!ip_is_v4(&c->want->addr)) {
		change_fail(c, -EAFNOSUPPORT, "only IPv4 addresses are guarded");
		return;
	}
	r = *seen == c->want->dev ? 0 : get_device(g, c->want->dev, &d, &err);
	*seen = r < 0 ? 0 : c->want->dev;
	if (r < 0)
		change_fail_err(c, r, &err);
	else
		put(g, c->want, count == 1);
}

static void apply_del(struct guard *g, const struct fact *f)
{
	struct watched *w = ip_is_v4(&f->addr) ? find(g, f->dev, htonl(ip_to_v4(&f->addr))) : NULL;

	if (!w)
		return;
	HASH_DEL(g->watched, w);
	free(w);
}

void guard_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count)
{
	sym seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (!k->guard)
			change_fail(changes[i], -ENOSYS, "no descriptors to watch ARP with");
		else if (changes[i]->want)
			apply_put(k->guard, changes[i], count, &seen);
		else
			apply_del(k->guard, changes[i]->have);
	}
}

int guard_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err)
{
	struct device *d, *next_device;
	struct watched *w, *next;

	if (!k->guard)
		return 0;
	HASH_ITER (hh, k->guard->devices, d, next_device)
		if (link_index(host, d->name, NULL) != d->index)
			drop_device(k->guard, d);
	HASH_ITER (hh, k->guard->watched, w, next) {
		struct fact f = {.kind = FACT_GUARD, .dev = w->key.dev, .row = w->row};

		f.addr = ip_from_v4(ntohl(w->key.addr));
		facts_add(ret, &f);
	}
	return 0;
}

/* --- reading --- */

/* The sender of an ARP packet that the filter let through, when it is one we watch. */
static struct watched *claimed(struct guard *g, const struct device *d, const uint8_t *packet, size_t len,
			       struct mac *ret_mac)
{
	uint32_t addr;

	if (len < 28)
		return NULL;
	memcpy(ret_mac->b, packet + 8, sizeof(ret_mac->b));
	memcpy(&addr, packet + 14, sizeof(addr));
	return find(g, d->name, addr);
}

/* The host answers for its own floating IPs, by each of its interfaces that hears the question. */
static bool is_hosts_own(struct guard *g, const struct mac *mac)
{
	struct link_table links = {0};
	bool found = false;

	if (link_table_read(g->nss->host, &links, NULL) == 0)
		for (size_t i = 0; !found && i < links.count; i++)
			found = memcmp(links.rows[i].info.mac, mac->b, sizeof(mac->b)) == 0;
	link_table_done(&links);
	return found;
}

static void read_device(struct guard *g, struct device *d, struct facts *conflicts,
			bool (*is_ours)(void *arg, const struct mac *mac), void *arg)
{
	uint8_t packet[64];
	struct mac mac;

	for (int i = 0; i < READ_MAX; i++) {
		ssize_t n = recv(d->fd, packet, sizeof(packet), MSG_DONTWAIT);
		struct fact f = {.kind = FACT_GUARD, .dev = d->name};
		struct watched *w;

		if (n < 0)
			return;
		w = claimed(g, d, packet, (size_t)n, &mac);
		if (!w || w->reported || is_ours(arg, &mac) || is_hosts_own(g, &mac))
			continue;
		w->reported = true;
		f.addr = ip_from_v4(ntohl(w->key.addr));
		f.row = w->row;
		facts_add(conflicts, &f);
	}
}

int guard_read(struct kernel_linux *k, struct facts *conflicts,
	       bool (*is_ours)(void *arg, const struct mac *mac), void *arg, struct err *err)
{
	struct device *d, *next;

	HASH_ITER (hh, k->guard->devices, d, next)
		read_device(k->guard, d, conflicts, is_ours, arg);
	tick(k->guard);
	return 0;
}

/* --- life --- */

struct guard *guard_new(struct netns_set *nss)
{
	struct guard *g = xalloc(sizeof(*g));
	struct epoll_event event = {.events = EPOLLIN};

	g->nss = nss;
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	g->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (g->epoll < 0 || g->timer < 0 || epoll_ctl(g->epoll, EPOLL_CTL_ADD, g->timer, &event) < 0) {
		guard_free(g);
		return NULL;
	}
	return g;
}

void guard_free(struct guard *g)
{
	struct watched *w, *next_watched;
	struct announced *a, *next_announced;
	struct device *d, *next;

	HASH_ITER (hh, g->announced, a, next_announced)
		drop_announced(g, a);
	HASH_ITER (hh, g->watched, w, next_watched) {
		HASH_DEL(g->watched, w);
		free(w);
	}
	HASH_ITER (hh, g->devices, d, next)
		drop_device(g, d);
	if (g->epoll >= 0)
		close(g->epoll);
	if (g->timer >= 0)
		close(g->timer);
	free(g->soon.items);
	free(g->later.items);
	free(g);
}

int guard_fd(struct guard *g)
{
	return g->epoll;
}
