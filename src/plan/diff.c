/* The difference of two sorted arrays of facts: what apply has to do.
 * Between plan() and the kernel. */
#include "plan/fact.h"

#include <string.h>

void changes_done(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->items[i].why);
	free(c->items);
	*c = (struct changes){0};
}

static void add(struct changes *c, const struct fact *want, const struct fact *have)
{
	if (c->count == c->cap) {
		c->cap = MAX(c->cap * 2, (size_t)64);
		c->items = xrealloc(c->items, c->cap * sizeof(*c->items));
	}
	c->items[c->count++] = (struct change){.want = want, .have = have};
}

static void reverse(struct change *items, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct change c = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = c;
	}
}

void facts_diff(const struct facts *want, const struct facts *have, struct changes *ret)
{
	struct changes gone = {0};
	size_t w = 0, h = 0;

	while (w < want->count || h < have->count) {
		const struct fact *a = w < want->count ? &want->items[w] : NULL;
		const struct fact *b = h < have->count ? &have->items[h] : NULL;
		int cmp = !a ? 1 : !b ? -1 : fact_key_cmp(a, b);

		if (cmp > 0) {
			/* A setting has no absence to go back to. */
			if (b->kind != FACT_SYSCTL)
				add(&gone, NULL, b);
		} else if (cmp < 0) {
			add(ret, a, NULL);
		} else if (!fact_value_eq(a, b)) {
			add(ret, a, b);
		}
		w += cmp <= 0;
		h += cmp >= 0;
	}
	reverse(gone.items, gone.count);
	for (size_t i = 0; i < gone.count; i++)
		add(ret, NULL, gone.items[i].have);
	free(gone.items);
}
