/* Interned strings: equal texts get the same small number, so that facts compare as plain bytes.
 * A table belongs to one thread. Symbols stay valid until symtab_free. */
#pragma once
#include "base/util.h"

typedef uint32_t sym; /* 0 is the empty string in every table */

struct symtab;
struct symtab *symtab_new(void);
void symtab_free(struct symtab *t);
#define AUTO_SYMTAB CLEANUP(cleanup_symtab)

/* The symbol of a text, made when it is new. NULL counts as "". */
sym symtab_put(struct symtab *t, const char *text);
/* The text of a symbol; borrowed from the table. */
const char *symtab_text(const struct symtab *t, sym s);

static inline void cleanup_symtab(struct symtab **t)
{
	symtab_free(*t);
}
