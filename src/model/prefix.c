/* Sets of addresses as lists of prefixes.
 * Pure; for subnet pools and address scopes. */
#include "model/prefix.h"

#include <errno.h>
#include <stdlib.h>
#include <talloc.h>

static unsigned bits_of(const struct cidr *c)
{
	return ip_is_v4(&c->addr) ? 32 : 128;
}

struct cidr cidr_half(const struct cidr *c, bool upper)
{
	struct cidr half = {upper ? cidr_last(c) : cidr_first(c), (uint8_t)(c->len + 1), true};

	half.addr = cidr_first(&half);
	return half;
}

bool cidr_covers(const struct cidr *a, const struct cidr *b)
{
	struct ip first = cidr_first(b);

	return a->len <= b->len && ip_is_v4(&a->addr) == ip_is_v4(&b->addr) && cidr_has(a, &first);
}

static int cmp_prefix(const void *x, const void *y)
{
	const struct cidr *a = &((const struct prefix *)x)->cidr, *b = &((const struct prefix *)y)->cidr;
	int c = ip_cmp(&a->addr, &b->addr);

	return c ? c : (int)a->len - (int)b->len;
}

static bool are_halves(const struct cidr *a, const struct cidr *b)
{
	struct cidr whole = {a->addr, (uint8_t)(a->len - 1), true};

	return a->len == b->len && a->len > 0 && !ip_eq(&a->addr, &b->addr) && cidr_covers(&whole, b);
}

uint32_t prefixes_compact(struct prefix *list, uint32_t count)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		list[i].cidr.addr = cidr_first(&list[i].cidr);
	if (count > 1)
		qsort(list, count, sizeof(*list), cmp_prefix);
	for (uint32_t i = 0; i < count; i++) {
		if (n && cidr_covers(&list[n - 1].cidr, &list[i].cidr))
			continue;
		list[n++] = list[i];
		for (; n > 1 && are_halves(&list[n - 2].cidr, &list[n - 1].cidr); n--)
			list[n - 2].cidr.len--;
	}
	return n;
}

bool prefixes_cover(const struct list *list, const struct cidr *what)
{
	const struct prefix *p = list->items;

	for (uint32_t i = 0; i < list->count; i++)
		if (cidr_covers(&p[i].cidr, what))
			return true;
	return false;
}

bool prefixes_cover_all(const struct list *list, const struct list *what)
{
	const struct prefix *p = what->items;

	for (uint32_t i = 0; i < what->count; i++)
		if (!prefixes_cover(list, &p[i].cidr))
			return false;
	return true;
}

bool prefixes_overlap(const struct list *a, const struct list *b)
{
	const struct prefix *p = a->items, *q = b->items;
	uint32_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		if (cidr_overlaps(&p[i].cidr, &q[j].cidr))
			return true;
		if (ip_cmp(&p[i].cidr.addr, &q[j].cidr.addr) < 0)
			i++;
		else
			j++;
	}
	return false;
}

/* --- difference --- */

struct left {
	void *region;
	struct prefix *list;
	uint32_t count, max;
};

static int keep(struct left *l, const struct cidr *c)
{
	if (l->count == l->max)
		return -E2BIG;
	l->list[l->count++].cidr = *c;
	return 0;
}

static const struct cidr *overlapping(const struct list *what, const struct cidr *c)
{
	const struct prefix *p = what->items;

	for (uint32_t i = 0; i < what->count; i++)
		if (cidr_overlaps(&p[i].cidr, c))
			return &p[i].cidr;
	return NULL;
}

/* Halves until a part is either free of `what` or covered by it: at most one step for each bit of an address,
 * for each item. */
static int take_out(struct left *l, const struct cidr *c, const struct list *what)
{
	const struct cidr *hit = overlapping(what, c);
	struct cidr half;
	int r = 0;

	if (!hit)
		return keep(l, c);
	if (cidr_covers(hit, c) || c->len >= bits_of(c))
		return 0;
	for (int upper = 0; upper < 2 && r == 0; upper++) {
		half = cidr_half(c, upper);
		r = take_out(l, &half, what);
	}
	return r;
}

int prefixes_without(void *region, const struct list *list, const struct list *what, uint32_t max,
		     struct list *ret)
{
	struct left l = {.region = region, .list = talloc_zero_array(region, struct prefix, max), .max = max};
	const struct prefix *p = list->items;
	int r = 0;

	for (uint32_t i = 0; i < list->count && r == 0; i++)
		r = take_out(&l, &p[i].cidr, what);
	if (r == 0)
		*ret = (struct list){l.list, prefixes_compact(l.list, l.count)};
	return r;
}
