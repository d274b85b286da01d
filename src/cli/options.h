/* The option set of one command and the parsed command line.
 * Assembled from the tables of noun.h; used by the parser, the help and the completion alike. */
#pragma once
#include "cli/noun.h"
#include "cli/settings.h"

struct optspec {
	const char *name;  /* without "--" */
	const char *value; /* NULL: a flag; "[N]": may be left out */
	const char *doc;
	char letter;
	bool repeat, global;
	bool many;                 /* each time adds one: not a mere alternative */
	bool off;                  /* the opposite of `field` */
	const struct field *field; /* NULL: not a field */
};

struct optset {
	struct optspec *rows; /* talloc'd on `mem` */
	size_t n;
	void *mem;
};

struct given {
	const struct optspec *opt;
	const char *value; /* NULL for a flag */
};

struct call {
	const struct noun *noun;
	const struct verb *verb;
	struct optset opts;
	struct given *given;
	size_t n_given;
	const char **args;
	size_t n_args;
};

/* Adds the options that every command has, and the --os-* ones. */
void optset_add_globals(struct optset *set);
/* Adds the options of one verb: its own and its noun's fields. */
void optset_add_verb(struct optset *set, const struct noun *noun, const struct verb *verb);
/* '_' and '-' count as the same. */
const struct optspec *optset_find(const struct optset *set, const char *name, size_t len);
const struct optspec *optset_find_letter(const struct optset *set, char letter);

/* Parses argv[1..] into ret. The first words select noun and verb; both may stay NULL (help shows what
 * can follow). Everything lives on `mem`. -EINVAL with one sentence for a usage error; ret->noun and
 * ret->verb are filled as far as they were understood even then. */
int call_parse(void *mem, int argc, char *const argv[], struct call *ret, struct err *err);

/* The last value of an option, "" for a flag, NULL when it was not given. */
const char *call_get(const struct call *call, const char *name);
bool call_has(const struct call *call, const char *name);
/* The positional argument i, or NULL. */
const char *call_arg(const struct call *call, size_t i);

/* The word of `words` nearest to `word` when it is near enough to be a typing error, else NULL. */
const char *nearest_word(const char *word, const char *const *words, size_t n);
