/* Interned strings over uthash.
 * Bottom of the layer order. */
#include "base/symtab.h"

#include <string.h>
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	sym number;
	char text[];
};

struct symtab {
	struct entry *by_text;
	struct entry **by_number;
	uint32_t count, cap;
};

struct symtab *symtab_new(void)
{
	struct symtab *t = xalloc(sizeof(*t));

	symtab_put(t, "");
	return t;
}

void symtab_free(struct symtab *t)
{
	if (!t)
		return;
	HASH_CLEAR(hh, t->by_text);
	for (uint32_t i = 0; i < t->count; i++)
		free(t->by_number[i]);
	free(t->by_number);
	free(t);
}

sym symtab_put(struct symtab *t, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	struct entry *e;

	text = text ? text : "";
	HASH_FIND(hh, t->by_text, text, len, e);
	if (e)
		return e->number;
	e = xalloc(sizeof(*e) + len + 1);
	memcpy(e->text, text, len + 1);
	e->number = t->count;
	if (t->count == t->cap) {
		t->cap = MAX(t->cap * 2, 64U);
		t->by_number = xrealloc(t->by_number, t->cap * sizeof(struct entry *));
	}
	t->by_number[t->count++] = e;
	HASH_ADD_KEYPTR(hh, t->by_text, e->text, len, e);
	return e->number;
}

const char *symtab_text(const struct symtab *t, sym s)
{
	return s < t->count ? t->by_number[s]->text : "";
}
