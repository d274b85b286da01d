/* Look-ups in the tables of nouns and verbs.
 * Used by the parser, the help and the verbs. */
#include "cli/noun.h"

#include <stdio.h>
#include <string.h>

const struct opt global_opts[] = {
	{"format", "FORMAT", "Output as table (default), json, value, csv or yaml", 'f', false},
	{"column", "COLUMN", "Show this column only; may be repeated", 'c', true},
	{"long", NULL, "Lists: show more columns", 0, false},
	{"max-width", "N", "Fit tables into N columns; 0: never (default: the terminal's width)", 0, false},
	{"plan", NULL, "Do nothing: show what would change, in the network's objects and in the kernel", 0,
	 false},
	{"as-of", "TIME|REVISION", "Show the network as it was then, e.g. 2026-11-28T10:00:00Z", 0, false},
	{"quiet", NULL, "Print nothing but errors", 'q', false},
	{"timeout", "SECONDS", "Give up on a request after this time (60)", 0, false},
	{"insecure", NULL, "Do not check the server's certificate", 0, false},
	{"debug", NULL, "Show the requests and answers on stderr; passwords and tokens are taken out", 0,
	 false},
	{"help", NULL, "Show the help of this command", 'h', false},
	{"version", NULL, "Show the version", 0, false},
	{0},
};

bool list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; at && (at = strstr(at, word)); at++) {
		if (at > list && at[-1] == ',' && at[n] == ',' && n > 0)
			return true;
	}
	return false;
}

const struct noun *noun_find(const char *name)
{
	for (size_t i = 0; nouns[i]; i++) {
		if (!strcmp(nouns[i]->name, name) || list_has(nouns[i]->aliases, name))
			return nouns[i];
	}
	return NULL;
}

const struct noun *noun_of_kind(enum kind kind)
{
	for (size_t i = 0; kind != KIND_NONE && nouns[i]; i++) {
		if (nouns[i]->kind == kind)
			return nouns[i];
	}
	return NULL;
}

char *verb_summary(const struct noun *noun, const struct verb *verb)
{
	const char *mark = strstr(verb->summary, "%s");
	const char *n = "";
	int len;

	if (!mark)
		return xstrdup(verb->summary);
	len = (int)(mark - verb->summary);
	if (len >= 2 && !strncmp(mark - 2, "a ", 2) && strchr("aeioAEIO", noun->title[0]))
		n = "n"; /* "an application credential" */
	return xasprintf("%.*s%s%s%s%s", *n ? len - 1 : len, verb->summary, n, *n ? " " : "", noun->title,
			 mark + 2);
}

const char *noun_key(const struct noun *noun)
{
	return noun->key ? noun->key : "id";
}

const struct verb *noun_get_verb(const struct noun *noun, size_t i)
{
	for (const struct verb *v = generic_verbs; v->name; v++) {
		if ((noun->verbs & v->only) && i-- == 0)
			return v;
	}
	for (const struct verb *v = noun->own; v && v->name; v++) {
		if (i-- == 0)
			return v;
	}
	return NULL;
}

/* Is this the verb's name? Two words may be joined by a dash. */
static bool is_called(const struct verb *verb, const char *name)
{
	const char *own = verb->name;

	while (*own && (*own == *name || (*own == ' ' && *name == '-'))) {
		own++;
		name++;
	}
	return !*own && !*name;
}

const struct verb *noun_find_verb(const struct noun *noun, const char *name)
{
	/* A noun's own verb stands before a generic one of the same name. */
	for (const struct verb *v = noun->own; v && v->name; v++) {
		if (is_called(v, name))
			return v;
	}
	for (const struct verb *v = generic_verbs; v->name; v++) {
		if ((noun->verbs & v->only) && !strcmp(v->name, name))
			return v;
	}
	return NULL;
}

/* The positional argument of a generic create: the field that is marked so. */
static size_t create_args(const struct noun *noun, struct arg *ret)
{
	for (const struct field *f = noun_fields(noun); f->attr; f++) {
		if (f->flags & FIELD_ARG) {
			*ret = (struct arg){f->value ? f->value : "NAME", f->ref, !(f->flags & FIELD_NEEDED),
					    false};
			return 1;
		}
	}
	return 0;
}

/* What the help calls a row. */
static const char *row_name(const struct noun *noun)
{
	static const char *const names[][2] = {{"name", "NAME|ID"},
					       {"floating_ip_address", "ADDRESS|ID"},
					       {"external_port", "PORT|ID"},
					       {"host", "HOST|ID"},
					       {"direction", "DIRECTION|ID"}};

	for (size_t i = 0; noun->label && i < ARRAY_SIZE(names); i++)
		if (strcmp(noun->label, names[i][0]) == 0)
			return names[i][1];
	return "ID";
}

size_t noun_list_args(const struct noun *noun, const struct verb *verb, struct arg *ret, size_t max)
{
	size_t n = 0;

	if (n < max && verb->only && noun->above.ref)
		ret[n++] = noun->above;
	if (n < max && verb->only == VERB_CREATE)
		return n + create_args(noun, &ret[n]);
	if (n < max && (verb->only & (VERB_SHOW | VERB_SET | VERB_DELETE))) {
		ret[n++] = (struct arg){row_name(noun), noun->name, false, verb->only == VERB_DELETE};
		return n;
	}
	for (const struct arg *a = verb->args; a && a->name && n < max; a++)
		ret[n++] = *a;
	return n;
}
