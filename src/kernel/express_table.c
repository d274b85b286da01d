/* The table of floating IPs, in memory that the programs read: entries, and the places by which they are
 * found. Between express_fip.c and the maps `floats` and `places`, which are mapped here. One writer: the
 * agent.
 *
 * Programs look at any time. An entry's place is written when the entry is complete, and is the first that
 * goes when it ends; the entry itself is nobody else's for a while after that, for who has just found it. A
 * place that was taken out stays marked while others may be found behind it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "kernel/express.h"

#define REST_US                                                                                              \
	100000 /* so long is an entry that was taken out left alone: a program has long ended then           \
		*/

struct rested {
	uint32_t index;
	int64_t since_us;
};

struct express_table {
	struct float_entry *entries;
	uint64_t *places;
	uint32_t capacity, mask;
	struct rested *free; /* a ring */
	uint32_t free_head, free_count;
};

static size_t entries_size(uint32_t capacity)
{
	return (size_t)capacity * sizeof(struct float_entry);
}

static size_t places_size(uint32_t capacity)
{
	return (size_t)capacity * PLACES_EACH * sizeof(uint64_t);
}

static void push_free(struct express_table *t, uint32_t index, int64_t since_us)
{
	t->free[(t->free_head + t->free_count++) % t->capacity] = (struct rested){index, since_us};
}

/* What no place leads to is free. */
static void find_free(struct express_table *t)
{
	bool *used AUTO_FREE = xalloc(t->capacity);

	memset(used, 0, t->capacity);
	for (size_t i = 0; i <= t->mask; i++)
		if (t->places[i] && t->places[i] <= t->capacity)
			used[t->places[i] - 1] = true;
	for (uint32_t i = 0; i < t->capacity; i++)
		if (!used[i])
			push_free(t, i, 0);
}

int express_table_open(struct express *x, struct err *err)
{
	struct express_table *t = xalloc(sizeof(*t));
	int protection = x->only_looks ? PROT_READ : PROT_READ | PROT_WRITE;
	void *entries, *places;

	*t = (struct express_table){.capacity = x->capacity, .mask = x->capacity * PLACES_EACH - 1};
	x->table = t;
	entries = mmap(NULL, entries_size(t->capacity), protection, MAP_SHARED, x->maps[MAP_FLOATS], 0);
	places = mmap(NULL, places_size(t->capacity), protection, MAP_SHARED, x->maps[MAP_PLACES], 0);
	t->entries = entries == MAP_FAILED ? NULL : entries;
	t->places = places == MAP_FAILED ? NULL : places;
	if (!t->entries || !t->places)
		return err_set(err, -errno, "the express table: %m");
	if (x->only_looks)
		return 0;
	t->free = xalloc(t->capacity * sizeof(*t->free));
	find_free(t);
	return 0;
}

void express_table_close(struct express_table *t)
{
	if (!t)
		return;
	if (t->entries)
		munmap(t->entries, entries_size(t->capacity));
	if (t->places)
		munmap(t->places, places_size(t->capacity));
	free(t->free);
	free(t);
}

static bool is_key(const struct float_key *a, const struct float_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static uint32_t first_place(const struct express_table *t, const struct float_key *key)
{
	uint32_t word[3];

	memcpy(word, key, sizeof(word));
	return float_hash(word[0], word[1], word[2]) & t->mask;
}

/* The place that leads to the key; NULL: none. `ret_spare`: where one could be put, or NULL. */
static uint64_t *find_place(const struct express_table *t, const struct float_key *key, uint64_t **ret_spare)
{
	uint32_t at = first_place(t, key);
	uint64_t *spare = NULL, *found = NULL;

	for (uint32_t i = 0; i < FLOAT_PROBES && !found; i++) {
		uint64_t *place = &t->places[(at + i) & t->mask];

		if (*place == 0 || *place == FLOAT_GONE)
			spare = spare ? spare : place;
		else if (is_key(&t->entries[*place - 1].key, key))
			found = place;
		if (*place == 0)
			break;
	}
	if (ret_spare)
		*ret_spare = spare;
	return found;
}

struct float_entry *express_table_find(const struct express_table *t, const struct float_key *key)
{
	const uint64_t *place = find_place(t, key, NULL);

	return place ? &t->entries[*place - 1] : NULL;
}

static bool take_free(struct express_table *t, uint32_t *ret)
{
	const struct rested *r = &t->free[t->free_head];
	int64_t left_us = r->since_us + REST_US - clock_mono_us();
	struct timespec pause = {.tv_nsec = left_us * 1000};

	if (!t->free_count)
		return false;
	if (r->since_us && left_us > 0)
		nanosleep(&pause, NULL);
	*ret = r->index;
	t->free_head = (t->free_head + 1) % t->capacity;
	t->free_count--;
	return true;
}

struct float_entry *express_table_put(struct express_table *t, const struct float_key *key)
{
	uint64_t *spare, *place = find_place(t, key, &spare);
	uint32_t index;
	struct float_entry *e;

	if (place)
		return &t->entries[*place - 1];
	if (!spare || !take_free(t, &index))
		return NULL;
	e = &t->entries[index];
	memset(e, 0, sizeof(*e));
	e->key = *key;
	__atomic_store_n(spare, (uint64_t)index + 1, __ATOMIC_RELEASE);
	return e;
}

/* Marks that nothing is found behind any more. */
static void clear_marks(struct express_table *t, uint32_t at)
{
	while (t->places[at] == FLOAT_GONE && t->places[(at + 1) & t->mask] == 0) {
		__atomic_store_n(&t->places[at], 0, __ATOMIC_RELAXED);
		at = (at - 1) & t->mask;
	}
}

void express_table_del(struct express_table *t, const struct float_key *key)
{
	uint64_t *place = find_place(t, key, NULL);
	uint32_t index;

	if (!place)
		return;
	index = (uint32_t)*place - 1;
	__atomic_store_n(place, FLOAT_GONE, __ATOMIC_RELEASE);
	clear_marks(t, (uint32_t)(place - t->places));
	push_free(t, index, clock_mono_us());
}

struct float_entry *express_table_next(const struct express_table *t, size_t *at)
{
	while (*at <= t->mask) {
		uint64_t index = t->places[(*at)++];

		if (index && index <= t->capacity)
			return &t->entries[index - 1];
	}
	return NULL;
}
