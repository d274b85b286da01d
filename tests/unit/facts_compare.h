/* Sorted facts against each other, for tests of the planner: as text, and what is left without some of them.
 * Included by test_plan.c. */
#pragma once
#include "base/buf.h"
#include "plan/fact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *all_text(const struct facts *f)
{
	struct buf text = {0};
	char id[UUID_TEXT];

	for (size_t i = 0; i < f->count; i++) {
		fact_print(&f->items[i], f->syms, &text);
		buf_printf(&text, " flags %u row %s\n",
			   f->items[i].kind == FACT_ADDRESS ? f->items[i].value.num : 0,
			   uuid_print(&f->items[i].row, id));
	}
	buf_puts(&text, "");
	return buf_take(&text);
}

static void must_be_equal(const struct facts *a, const struct facts *b)
{
	char *x AUTO_FREE = all_text(a), *y AUTO_FREE = all_text(b);

	assert_string_equal(x, y);
}

/* `all` without what is in `gone`, which must all be there. */
static void subtract(const struct facts *all, const struct facts *gone, struct facts *ret)
{
	size_t found = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct fact *there = facts_find(gone, &all->items[i]);

		if (!there) {
			facts_add(ret, &all->items[i]);
			continue;
		}
		assert_true(fact_value_eq(there, &all->items[i]));
		found++;
	}
	assert_int_equal(found, gone->count);
}
