/* Failed changes with their back-off, and rows that this node can not realise.
 * Part of the agent. */
#include "daemon/failures.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>

#define FIRST_DELAY_US   100000
#define LONGEST_DELAY_US 30000000

struct failed {
	UT_hash_handle hh;
	struct fact fact; /* the key is its first FACT_KEY_SIZE bytes */
	struct link_spec spec;
	bool put;
	int64_t delay_us, next_us;
	char *text, *why;
};

struct failed_row {
	UT_hash_handle hh;
	struct uuid row;
	char *why;
};

struct failures {
	struct symtab *syms;
	struct failed *facts;
	struct failed_row *rows;
	uint64_t version;
};

struct failures *failures_new(struct symtab *syms)
{
	struct failures *f = xalloc(sizeof(*f));

	f->syms = syms;
	return f;
}

static void drop_fact(struct failures *f, struct failed *x)
{
	HASH_DEL(f->facts, x);
	free(x->text);
	free(x->why);
	free(x);
	f->version++;
}

void failures_clear(struct failures *f)
{
	struct failed *x, *next;

	HASH_ITER (hh, f->facts, x, next)
		drop_fact(f, x);
}

void failures_free(struct failures *f)
{
	failures_clear(f);
	failures_clear_rows(f);
	free(f);
}

size_t failures_count(const struct failures *f)
{
	return HASH_COUNT(f->facts) + HASH_COUNT(f->rows);
}

bool failures_has(const struct failures *f, const struct fact *fact)
{
	struct failed *x;

	HASH_FIND(hh, f->facts, fact, FACT_KEY_SIZE, x);
	return x != NULL;
}

uint64_t failures_version(const struct failures *f)
{
	return f->version;
}

static void keep(struct failures *f, const struct change *c, struct failed *x, int64_t now_us)
{
	const struct fact *fact = c->want ? c->want : c->have;
	const char *why = c->why ? c->why : strerror(-c->result);
	struct buf text = {0};

	f->version += !x || strcmp(x->why, why) != 0 || !uuid_eq(&x->fact.row, &fact->row);
	if (!x) {
		x = xalloc(sizeof(*x));
		memcpy(&x->fact, fact, FACT_KEY_SIZE);
		HASH_ADD(hh, f->facts, fact, FACT_KEY_SIZE, x);
	}
	x->fact = *fact;
	if (fact->kind == FACT_LINK && fact->link) {
		x->spec = *fact->link;
		x->fact.link = &x->spec;
	}
	x->put = c->want != NULL;
	x->delay_us = x->delay_us ? MIN(2 * x->delay_us, (int64_t)LONGEST_DELAY_US) : FIRST_DELAY_US;
	x->next_us = now_us + x->delay_us;
	free(x->text);
	free(x->why);
	fact_print(fact, f->syms, &text);
	x->text = buf_take(&text);
	x->why = xstrdup(why);
}

/* A tap that has gone meanwhile is no failure: its coming back is an event. */
static bool is_failure(const struct change *c)
{
	const struct fact *fact = c->want ? c->want : c->have;

	return c->result < 0 && !(fact->kind == FACT_PLUG && c->result == -ENODEV);
}

void failures_take(struct failures *f, const struct changes *done, int64_t now_us)
{
	for (size_t i = 0; i < done->count; i++) {
		const struct change *c = &done->items[i];
		struct failed *x;

		HASH_FIND(hh, f->facts, c->want ? c->want : c->have, FACT_KEY_SIZE, x);
		if (is_failure(c))
			keep(f, c, x, now_us);
		else if (x)
			drop_fact(f, x);
	}
}

static int cmp_due(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int c;

	if (!x->want != !y->want)
		return x->want ? -1 : 1;
	c = fact_key_cmp(x->want ? x->want : x->have, y->want ? y->want : y->have);
	return x->want ? c : -c;
}

void failures_due(const struct failures *f, int64_t now_us, struct facts *owner, struct changes *ret)
{
	const struct failed *x;
	size_t n = 0;

	facts_init(owner, f->syms);
	for (x = f->facts; x; x = x->hh.next)
		if (x->next_us <= now_us)
			facts_add(owner, &x->fact);
	*ret = (struct changes){.items = xalloc(owner->count * sizeof(*ret->items)), .cap = owner->count};
	for (x = f->facts; x; x = x->hh.next) {
		if (x->next_us > now_us)
			continue;
		ret->items[n] = (struct change){.want = x->put ? &owner->items[n] : NULL,
						.have = x->put ? NULL : &owner->items[n]};
		n++;
	}
	ret->count = n;
	if (n > 1)
		qsort(ret->items, n, sizeof(*ret->items), cmp_due);
}

int64_t failures_next(const struct failures *f)
{
	int64_t next = INT64_MAX;

	for (const struct failed *x = f->facts; x; x = x->hh.next)
		next = MIN(next, x->next_us);
	return next;
}

/* --- rows --- */

void failures_clear_row(struct failures *f, const struct uuid *row)
{
	struct failed_row *x;

	HASH_FIND(hh, f->rows, row, sizeof(*row), x);
	if (!x)
		return;
	f->version++;
	HASH_DEL(f->rows, x);
	free(x->why);
	free(x);
}

void failures_clear_rows(struct failures *f)
{
	while (f->rows)
		failures_clear_row(f, &f->rows->row);
}

void failures_set_row(struct failures *f, const struct uuid *row, const char *why)
{
	struct failed_row *x;

	HASH_FIND(hh, f->rows, row, sizeof(*row), x);
	if (x && strcmp(x->why, why) == 0)
		return;
	failures_clear_row(f, row);
	f->version++;
	x = xalloc(sizeof(*x));
	x->row = *row;
	x->why = xstrdup(why);
	HASH_ADD(hh, f->rows, row, sizeof(x->row), x);
}

static int cmp_failure(const void *a, const void *b)
{
	const struct node_failure *x = a, *y = b;

	return uuid_cmp(&x->row, &y->row);
}

struct node_failure *failures_list(const struct failures *f, size_t *ret_count)
{
	struct node_failure *list = xalloc(failures_count(f) * sizeof(*list));
	size_t n = 0;

	for (const struct failed *x = f->facts; x; x = x->hh.next)
		list[n++] = (struct node_failure){x->fact.row, x->text, x->why};
	for (const struct failed_row *x = f->rows; x; x = x->hh.next)
		list[n++] = (struct node_failure){x->row, "", x->why};
	if (n > 1)
		qsort(list, n, sizeof(*list), cmp_failure);
	*ret_count = n;
	return list;
}
