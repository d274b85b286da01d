/* An in-memory kernel for tests: what was put is what is observed.
 * Stands where kernel_linux.c stands, behind the same table of functions. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/buf.h"
#include "kernel/kernel.h"

struct fake {
	struct kernel base; /* first */
	struct facts facts;
	struct facts taps;      /* FACT_PLUG facts of links that somebody else made */
	struct facts conflicts; /* not fetched yet */
	char *fail_text;        /* owned; NULL: nothing fails */
	int fail_errnum;
	int event;
	bool taps_changed;
};

static struct fake *self(struct kernel *k)
{
	return (struct fake *)(void *)k;
}

static void copy(const struct facts *from, struct facts *to)
{
	for (size_t i = 0; i < from->count; i++)
		facts_add(to, &from->items[i]);
}

static void drop_at(struct facts *f, size_t i)
{
	memmove(&f->items[i], &f->items[i + 1], (f->count - i - 1) * sizeof(*f->items));
	f->count--;
}

static struct fact *find(struct facts *f, const struct fact *key)
{
	facts_sort(f);
	return (struct fact *)(uintptr_t)facts_find(f, key);
}

static int fake_observe(struct kernel *kernel, struct facts *ret, struct err *err)
{
	copy(&self(kernel)->facts, ret);
	return 0;
}

static int fake_observe_place(struct kernel *kernel, sym ns, struct facts *ret, struct err *err)
{
	const struct facts *f = &self(kernel)->facts;

	for (size_t i = 0; i < f->count; i++)
		if ((f->items[i].kind == FACT_PATH ? 0 : f->items[i].ns) == ns)
			facts_add(ret, &f->items[i]);
	return 0;
}

static int fake_taps(struct kernel *kernel, struct facts *ret, struct err *err)
{
	copy(&self(kernel)->taps, ret);
	return 0;
}

static bool must_fail(struct fake *k, const struct change *c)
{
	AUTO_BUF struct buf text = {0};

	if (!k->fail_text)
		return false;
	fact_print(c->want ? c->want : c->have, k->base.syms, &text);
	return strstr(buf_text(&text), k->fail_text);
}

/* The taps show on which bridge they are now. */
static void plug(struct fake *k, const struct fact *f, sym bridge)
{
	struct fact *tap = f->kind == FACT_PLUG ? find(&k->taps, f) : NULL;

	if (tap)
		tap->value.dev = bridge;
}

/* What is in a namespace goes with it. */
static void empty_netns(struct fake *k, sym ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->facts.count; i++)
		if (k->facts.items[i].ns != ns)
			k->facts.items[kept++] = k->facts.items[i];
	k->facts.count = kept;
}

static void apply_del(struct fake *k, const struct fact *have)
{
	struct fact *at = find(&k->facts, have);

	if (at)
		drop_at(&k->facts, (size_t)(at - k->facts.items));
	plug(k, have, 0);
	if (have->kind == FACT_NETNS)
		empty_netns(k, have->ns);
}

static void apply_put(struct fake *k, const struct fact *want)
{
	facts_add(&k->facts, want);
	plug(k, want, want->value.dev);
}

static void fake_apply(struct kernel *kernel, struct changes *changes)
{
	struct fake *k = self(kernel);

	for (size_t i = 0; i < changes->count; i++) {
		struct change *c = &changes->items[i];

		c->result = 0;
		free(TAKE(c->why));
		if (must_fail(k, c)) {
			c->result = k->fail_errnum;
			c->why = xasprintf("made to fail: %s", strerror(abs(k->fail_errnum)));
		} else if (c->want) {
			apply_put(k, c->want);
		} else {
			apply_del(k, c->have);
		}
	}
	facts_sort(&k->facts);
}

/* Counters that tests can tell apart: from the last byte of the address. */
static int fake_traffic(struct kernel *kernel, struct traffic **ret, size_t *ret_count, struct err *err)
{
	struct fake *k = self(kernel);

	for (size_t i = 0; i < k->facts.count; i++) {
		const struct fact *f = &k->facts.items[i];
		uint64_t n = f->addr.b[15];

		if (f->kind != FACT_NAT)
			continue;
		*ret = xrealloc(*ret, (*ret_count + 1) * sizeof(**ret));
		(*ret)[(*ret_count)++] = (struct traffic){.floating_ip = f->addr,
							  .ns = f->ns,
							  .in_packets = n,
							  .in_bytes = n * 100,
							  .out_packets = n * 2,
							  .out_bytes = n * 200};
	}
	return 0;
}

static int fake_probe(struct kernel *kernel, const struct fact *floating, const struct probe_packet *p,
		      struct probe_answer *ret, struct err *err)
{
	return err_set(err, -EOPNOTSUPP, "nothing is tried in memory");
}

static int fake_watch(struct kernel *kernel, const struct ip *floating_ips, size_t count, struct err *err)
{
	return err_set(err, -EOPNOTSUPP, "there are no packets in memory");
}

static size_t fake_seen(struct kernel *kernel, struct probe_seen *ret, size_t max)
{
	return 0;
}

static int fake_event_fd(struct kernel *kernel)
{
	return self(kernel)->event;
}

static void signal_event(struct fake *k)
{
	eventfd_write(k->event, 1);
}

static int fake_read_events(struct kernel *kernel, bool *ret_taps_changed, struct facts *conflicts,
			    bool (*is_ours)(void *arg, const struct mac *mac), void *arg, struct err *err)
{
	struct fake *k = self(kernel);
	eventfd_t value;

	eventfd_read(k->event, &value);
	*ret_taps_changed = k->taps_changed;
	k->taps_changed = false;
	copy(&k->conflicts, conflicts);
	k->conflicts.count = 0;
	return 0;
}

static void fake_free(struct kernel *kernel)
{
	struct fake *k = self(kernel);

	facts_done(&k->facts);
	facts_done(&k->taps);
	facts_done(&k->conflicts);
	free(k->fail_text);
	close(k->event);
	free(k);
}

static const struct kernel_ops fake_ops = {
	.observe = fake_observe,
	.observe_place = fake_observe_place,
	.taps = fake_taps,
	.apply = fake_apply,
	.traffic = fake_traffic,
	.probe = fake_probe,
	.watch = fake_watch,
	.seen = fake_seen,
	.event_fd = fake_event_fd,
	.read_events = fake_read_events,
	.free = fake_free,
};

struct kernel *kernel_fake_new(struct symtab *syms)
{
	struct fake *k = xalloc(sizeof(*k));

	k->base = (struct kernel){.ops = &fake_ops, .syms = syms};
	facts_init(&k->facts, syms);
	facts_init(&k->taps, syms);
	facts_init(&k->conflicts, syms);
	k->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return &k->base;
}

void kernel_fake_fail(struct kernel *kernel, const char *text, int errnum)
{
	struct fake *k = self(kernel);

	free(k->fail_text);
	k->fail_text = text ? xstrdup(text) : NULL;
	k->fail_errnum = errnum > 0 ? -errnum : errnum;
}

void kernel_fake_tap(struct kernel *kernel, const char *name, bool present)
{
	struct fake *k = self(kernel);
	struct fact f = {.kind = FACT_PLUG, .dev = symtab_put(k->base.syms, name)}, *at = find(&k->taps, &f);

	if (present && !at)
		facts_add(&k->taps, &f);
	else if (!present && at)
		drop_at(&k->taps, (size_t)(at - k->taps.items));
	/* A tap that goes takes its place on the bridge along. */
	at = present ? NULL : find(&k->facts, &f);
	if (at)
		drop_at(&k->facts, (size_t)(at - k->facts.items));
	k->taps_changed = true;
	signal_event(k);
}

/* Only what is guarded is noticed, on whichever device. */
void kernel_fake_conflict(struct kernel *kernel, const struct ip *addr)
{
	struct fake *k = self(kernel);

	for (size_t i = 0; i < k->facts.count; i++)
		if (k->facts.items[i].kind == FACT_GUARD && ip_eq(&k->facts.items[i].addr, addr))
			facts_add(&k->conflicts, &k->facts.items[i]);
	signal_event(k);
}
