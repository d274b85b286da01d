/* The option set of one command and the parsed command line.
 * First step of a run: words to noun, verb, options and arguments. */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static struct optspec *add_row(struct optset *set)
{
	set->rows = talloc_realloc(set->mem, set->rows, struct optspec, set->n + 1);
	set->rows[set->n] = (struct optspec){0};
	return &set->rows[set->n++];
}

static void add_opt(struct optset *set, const struct opt *opt, bool global)
{
	*add_row(set) = (struct optspec){.name = opt->name,
					 .value = opt->value,
					 .doc = opt->doc,
					 .letter = opt->letter,
					 .repeat = opt->repeat,
					 .global = global};
}

void optset_add_globals(struct optset *set)
{
	for (const struct opt *o = global_opts; o->name; o++)
		add_opt(set, o, true);
	for (const struct setting *s = setting_rows; s->key; s++) {
		char *name = talloc_asprintf(set->mem, "os-%s", s->key);

		for (char *p = name; *p; p++)
			*p = *p == '_' ? '-' : *p;
		*add_row(set) =
			(struct optspec){.name = name, .value = "VALUE", .doc = s->doc, .global = true};
	}
}

static const char *value_name(void *mem, const struct field *f)
{
	char *upper;

	if (f->value)
		return f->value;
	switch (f->form) {
	case FORM_INT:
		return "N";
	case FORM_REF:
	case FORM_PORT:
		upper = talloc_strdup(mem, f->ref);
		for (char *p = upper; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		return upper;
	case FORM_OBJECTS:
		return "KEY=VALUE,...";
	case FORM_DICT:
		return "KEY=VALUE";
	case FORM_AUTO:
	case FORM_TEXT:
	case FORM_TEXTS:
	case FORM_TAGS:
	case FORM_BOOL:
		break;
	}
	return "VALUE";
}

static void add_field(struct optset *set, const struct field *f, unsigned use)
{
	bool many = f->form == FORM_TEXTS || f->form == FORM_OBJECTS || f->form == FORM_DICT ||
		    f->form == FORM_TAGS;
	unsigned off = use == FIELD_POST ? FIELD_EMPTY : FIELD_NULL;
	const char *value = f->form == FORM_BOOL ? NULL : value_name(set->mem, f);

	*add_row(set) = (struct optspec){.name = f->option,
					 .value = value,
					 .doc = f->doc,
					 .repeat = many || use == FIELD_FILTER,
					 .many = many,
					 .field = f};
	if (f->form != FORM_BOOL && (use == FIELD_FILTER || !(f->flags & off)))
		return;
	*add_row(set) = (struct optspec){
		.name = f->no ? f->no : talloc_asprintf(set->mem, "no-%s", f->option),
		.off = true,
		.field = f,
		.doc = f->form == FORM_BOOL ? talloc_asprintf(set->mem, "The opposite of --%s", f->option)
		       : many               ? "None of them"
					    : "None",
	};
}

void optset_add_verb(struct optset *set, const struct noun *noun, const struct verb *verb)
{
	for (const struct opt *o = verb->opts; o && o->name; o++) {
		if (noun->service == SERVICE_NETWORK || strcmp(o->name, "sort")) /* Identity does not sort */
			add_opt(set, o, false);
	}
	for (const struct opt *o = noun->opts; o && o->name && (verb->only & (VERB_CREATE | VERB_SET)); o++)
		add_opt(set, o, false);
	for (const struct field *f = noun_fields(noun); f->attr; f++) {
		if (!(f->flags & verb->fields) || (verb->picked && !list_has(verb->picked, f->attr)))
			continue;
		if (!((f->flags & FIELD_ARG) && verb->fields == FIELD_POST))
			add_field(set, f, verb->fields);
	}
}

static char dashed(char c)
{
	return c == '_' ? '-' : c;
}

const struct optspec *optset_find(const struct optset *set, const char *name, size_t len)
{
	for (size_t i = 0; i < set->n; i++) {
		const char *own = set->rows[i].name;
		size_t n = 0;

		while (n < len && own[n] && dashed(own[n]) == dashed(name[n]))
			n++;
		if (n == len && !own[n])
			return &set->rows[i];
	}
	return NULL;
}

const struct optspec *optset_find_letter(const struct optset *set, char letter)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->rows[i].letter && set->rows[i].letter == letter)
			return &set->rows[i];
	}
	return NULL;
}

const char *call_get(const struct call *call, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < call->n_given; i++) {
		if (!strcmp(call->given[i].opt->name, name))
			value = call->given[i].value ? call->given[i].value : "";
	}
	return value;
}

bool call_has(const struct call *call, const char *name)
{
	return call_get(call, name) != NULL;
}

const char *call_arg(const struct call *call, size_t i)
{
	return i < call->n_args ? call->args[i] : NULL;
}

/* The option that a word starts, NULL for one that is not known. `ret_value` is what is in the word. */
static const struct optspec *match_option(const struct optset *set, const char *word, const char **ret_value)
{
	*ret_value = NULL;
	if (word[1] == '-') {
		size_t len = strcspn(word + 2, "=");

		if (word[2 + len])
			*ret_value = word + 2 + len + 1;
		return optset_find(set, word + 2, len);
	}
	if (word[2])
		*ret_value = word + 2;
	return optset_find_letter(set, word[1]);
}

/* Does an option whose value may be left out take this word? */
static bool takes_word(const struct optspec *o, const char *word)
{
	return o->value && (*o->value != '[' || (word && *word != '-'));
}

/* The options of a noun that may stand before its verb. */
static void add_common(struct optset *set, const char *name)
{
	const struct noun *noun = noun_find(name);

	for (const struct opt *o = noun ? noun->common : NULL; o && o->name; o++)
		add_opt(set, o, false);
}

/* Finds the places in argv of the leading words that are no options: at most `max`. */
static size_t leading_words(struct optset *globals, int argc, char *const argv[], int *places, size_t max)
{
	size_t n = 0;

	for (int i = 1; i < argc && n < max; i++) {
		const struct optspec *o;
		const char *value;

		if (argv[i][0] != '-' || !argv[i][1]) {
			places[n++] = i;
			if (n == 1)
				add_common(globals, argv[i]);
			continue;
		}
		o = match_option(globals, argv[i], &value);
		if (!o)
			break; /* an option of the verb: all words that select are before it */
		if (!value && takes_word(o, argv[i + 1]))
			i++;
	}
	return n;
}

/* Joins two words with a dash: "role assignment" is the noun role-assignment. */
static const char *joined(void *mem, const char *a, const char *b)
{
	return talloc_asprintf(mem, "%s-%s", a, b);
}

static int unknown_noun(void *mem, const char *word, struct err *err)
{
	const char **names = NULL, *near;
	size_t n = 0;

	for (; nouns[n]; n++) {
		names = talloc_realloc(mem, names, const char *, n + 1);
		names[n] = nouns[n]->name;
	}
	near = nearest_word(word, names, n);
	return err_set(err, -EINVAL, "'%s' is not a command%s%s%s; 'buoy help' lists them", word,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int unknown_verb(void *mem, const struct noun *noun, const char *word, struct err *err)
{
	const char **names = NULL, *near;
	const struct verb *v;
	size_t n = 0;

	for (; (v = noun_get_verb(noun, n)); n++) {
		names = talloc_realloc(mem, names, const char *, n + 1);
		names[n] = v->name;
	}
	near = nearest_word(word, names, n);
	return err_set(err, -EINVAL, "'%s' is not a verb of '%s'%s%s%s", word, noun->name,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Finds noun and verb among the leading words; *ret_used: how many of them that took. */
static int select_command(void *mem, struct call *call, char *const argv[], const int *places, size_t n,
			  size_t *ret_used, struct err *err)
{
	size_t at = 0;

	if (n >= 2)
		call->noun = noun_find(joined(mem, argv[places[0]], argv[places[1]]));
	at = call->noun ? 2 : 1;
	if (!call->noun && n >= 1)
		call->noun = noun_find(argv[places[0]]);
	if (!call->noun)
		return n ? unknown_noun(mem, argv[places[0]], err) : 0;
	*ret_used = at;
	call->verb = noun_find_verb(call->noun, "");
	/* A noun that is a command by itself may have others besides. */
	if (call->verb && at < n && noun_find_verb(call->noun, argv[places[at]])) {
		call->verb = noun_find_verb(call->noun, argv[places[at]]);
		*ret_used = at + (*call->verb->name != 0);
	}
	if (call->verb || at >= n)
		return 0;
	if (at + 1 < n)
		call->verb = noun_find_verb(call->noun, joined(mem, argv[places[at]], argv[places[at + 1]]));
	*ret_used = call->verb ? at + 2 : at + 1;
	if (!call->verb)
		call->verb = noun_find_verb(call->noun, argv[places[at]]);
	return call->verb ? 0 : unknown_verb(mem, call->noun, argv[places[at]], err);
}

static int unknown_option(void *mem, const struct call *call, const char *word, struct err *err)
{
	const char **names = talloc_array(mem, const char *, call->opts.n + 1), *near = NULL;

	for (size_t i = 0; i < call->opts.n; i++)
		names[i] = call->opts.rows[i].name;
	if (word[1] == '-')
		near = nearest_word(talloc_strndup(mem, word + 2, strcspn(word + 2, "=")), names,
				    call->opts.n);
	return err_set(err, -EINVAL, "%.*s: there is no such option here%s%s%s", (int)strcspn(word, "="),
		       word, near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

static int take_option(void *mem, struct call *call, int argc, char *const argv[], int *i, struct err *err)
{
	const char *value, *word = argv[*i];
	const struct optspec *o = match_option(&call->opts, word, &value);

	if (!o)
		return unknown_option(mem, call, word, err);
	if (!o->value && value)
		return err_set(err, -EINVAL, "--%s takes no value", o->name);
	if (!value && takes_word(o, argv[*i + 1])) {
		if (*i + 1 >= argc)
			return err_set(err, -EINVAL, "--%s needs a value: %s", o->name, o->value);
		value = argv[++*i];
	}
	if (!o->repeat && o->field && call_has(call, o->name))
		return err_set(err, -EINVAL, "--%s is given twice", o->name);
	call->given = talloc_realloc(mem, call->given, struct given, call->n_given + 1);
	call->given[call->n_given++] = (struct given){o, value};
	return 0;
}

static void take_arg(void *mem, struct call *call, const char *word)
{
	call->args = talloc_realloc(mem, call->args, const char *, call->n_args + 1);
	call->args[call->n_args++] = word;
}

/* Are there as many positional arguments as the verb wants? */
static int check_args(const struct call *call, struct err *err)
{
	struct arg args[8];
	size_t n = noun_list_args(call->noun, call->verb, args, ARRAY_SIZE(args)), i;

	for (i = 0; i < n; i++) {
		if (i >= call->n_args && !args[i].optional)
			return err_set(err, -EINVAL, "%s is missing", args[i].name);
	}
	if (call->n_args > n && !(n > 0 && args[n - 1].many))
		return err_set(err, -EINVAL, "'%s' is one word too many", call->args[n]);
	return 0;
}

static int check_needed(const struct call *call, struct err *err)
{
	if (!(call->verb->fields & FIELD_POST) || !call->verb->only)
		return 0;
	for (const struct field *f = noun_fields(call->noun); f->attr; f++) {
		if ((f->flags & FIELD_NEEDED) && !(f->flags & FIELD_ARG) && (f->flags & FIELD_POST) &&
		    !call_has(call, f->option))
			return err_set(err, -EINVAL, "--%s is missing: %s", f->option, f->doc);
	}
	return 0;
}

/* JSON holds nothing but UTF-8; said here once, so that no value is lost later on. */
static int check_utf8(int argc, char *const argv[], struct err *err)
{
	for (int i = 1; i < argc; i++) {
		json_auto_t *text = json_string(argv[i]);

		if (!text)
			return err_set(err, -EINVAL, "word %d of the command is not UTF-8", i);
	}
	return 0;
}

int call_parse(void *mem, int argc, char *const argv[], struct call *ret, struct err *err)
{
	int places[4], r;
	size_t n, used = 0, next = 0;
	bool only_args = false;

	*ret = (struct call){.opts.mem = mem};
	optset_add_globals(&ret->opts);
	n = leading_words(&ret->opts, argc, argv, places, ARRAY_SIZE(places));
	r = select_command(mem, ret, argv, places, n, &used, err);
	if (r)
		return r;
	if (ret->verb)
		optset_add_verb(&ret->opts, ret->noun, ret->verb);
	r = check_utf8(argc, argv, err);
	if (r)
		return r;
	for (int i = 1; i < argc; i++) {
		if (next < used && i == places[next]) {
			next++;
		} else if (only_args || argv[i][0] != '-' || !argv[i][1]) {
			take_arg(mem, ret, argv[i]);
		} else if (!strcmp(argv[i], "--")) {
			only_args = true;
		} else {
			r = take_option(mem, ret, argc, argv, &i, err);
			if (r)
				return r;
		}
	}
	if (!ret->verb || call_has(ret, "help") || call_has(ret, "version"))
		return 0;
	r = check_args(ret, err);
	return r ? r : check_needed(ret, err);
}
