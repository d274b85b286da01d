/* Fields of a noun: the model's schema as options, refined by the noun's own rows.
 * Between the schema and everything that walks options. */
#include "cli/noun.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 768, KEYS_MAX = 128, CHARS_MAX = 8192, NOUNS_MAX = 64 };

/* Built once per noun, on first use; the tables of a command line are small, so they are static. */
static struct {
	struct field fields[FIELDS_MAX];
	struct key keys[KEYS_MAX];
	char chars[CHARS_MAX];
	size_t n_fields, n_keys, n_chars;
	const struct noun *nouns[NOUNS_MAX];
	const struct field *first[NOUNS_MAX];
	size_t n_nouns;
} built;

/* Stores text of which '_' and ':' become '-', without its last `cut` characters. */
static const char *store_dashed(const char *text, size_t cut)
{
	size_t len = strlen(text) - cut;
	char *to = built.chars + built.n_chars;

	assert(built.n_chars + len + 1 <= CHARS_MAX);
	for (size_t i = 0; i < len; i++)
		to[i] = text[i] == '_' || text[i] == ':' ? '-' : text[i];
	to[len] = 0;
	built.n_chars += len + 1;
	return to;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), e = strlen(end);

	return n > e && !strcmp(text + n - e, end);
}

static enum form form_of(const struct attr *a)
{
	switch (a->type) {
	case ATTR_BOOL:
		return FORM_BOOL;
	case ATTR_INT:
		return FORM_INT;
	case ATTR_JSON:
	case ATTR_OBJECT:
		return FORM_DICT;
	case ATTR_LIST:
		return a->item->attrs[0].name[0] ? FORM_OBJECTS : FORM_TEXTS;
	case ATTR_UUID:
	case ATTR_HEXID:
		return noun_of_kind(a->ref) ? FORM_REF : FORM_TEXT;
	case ATTR_STR:
	case ATTR_IP:
	case ATTR_CIDR:
	case ATTR_MAC:
	case ATTR_TIME:
		return FORM_TEXT;
	}
	return FORM_TEXT;
}

static void add_key(const char *name, const struct attr *a, const struct noun *ref)
{
	assert(built.n_keys < KEYS_MAX);
	built.keys[built.n_keys++] = (struct key){
		.name = name,
		.attr = a ? a->name : NULL,
		.ref = ref ? ref->name : NULL,
		.number = a && a->type == ATTR_INT,
	};
}

/* The keys of a list's items: "subnet_id" may be written subnet=NAME or subnet-id=NAME. */
static const struct key *keys_of(const struct shape *item)
{
	const struct key *first = built.keys + built.n_keys;

	for (unsigned i = 0; i < item->count; i++) {
		const struct attr *a = &item->attrs[i];
		const struct noun *ref = noun_of_kind(a->ref);

		if (ref && ends_with(a->name, "_id"))
			add_key(store_dashed(a->name, 3), a, ref);
		add_key(store_dashed(a->name, 0), a, ref);
	}
	add_key(NULL, NULL, NULL);
	return first;
}

static unsigned flags_of(const struct attr *a, enum form form)
{
	unsigned flags = (a->flags & A_POST ? FIELD_POST : 0) | (a->flags & A_PUT ? FIELD_PUT : 0) |
			 (a->flags & A_FILTER ? FIELD_FILTER : 0);

	if ((a->flags & A_REQ) && !a->def)
		flags |= FIELD_NEEDED;
	if ((a->flags & A_NULL) || form == FORM_BOOL || form == FORM_TEXTS || form == FORM_OBJECTS ||
	    form == FORM_DICT)
		flags |= FIELD_NULL;
	return flags;
}

/* What the option of an attribute is called: "network_id" is --network, "fixed_ips" is --fixed-ip. */
static const char *option_of(const char *attr, enum form form)
{
	bool list = form == FORM_TEXTS || form == FORM_OBJECTS;

	if ((form == FORM_REF || form == FORM_PORT) && ends_with(attr, "_id"))
		return store_dashed(attr, 3);
	return store_dashed(attr, list && ends_with(attr, "s") ? 1 : 0);
}

/* What the help calls the value; NULL: made from the form. */
static const char *value_of(const struct attr *a)
{
	switch (a->type) {
	case ATTR_IP:
		return "ADDRESS";
	case ATTR_CIDR:
		return "ADDRESS/LENGTH";
	case ATTR_MAC:
		return "MAC";
	case ATTR_TIME:
		return "YYYY-mm-ddTHH:MM:SSZ";
	case ATTR_STR:
		return a->one_of && strlen(a->one_of) < 40 ? a->one_of : NULL;
	case ATTR_UUID:
	case ATTR_HEXID:
		return noun_of_kind(a->ref) ? NULL : "ID";
	case ATTR_BOOL:
	case ATTR_INT:
	case ATTR_JSON:
	case ATTR_LIST:
	case ATTR_OBJECT:
		break;
	}
	return NULL;
}

static struct field field_of(const struct attr *a)
{
	const struct noun *ref = noun_of_kind(a->ref);
	enum form form = form_of(a);

	return (struct field){
		.attr = a->name,
		.form = form,
		.flags = flags_of(a, form),
		.ref = ref ? ref->name : NULL,
		.keys = form == FORM_OBJECTS ? keys_of(a->item) : NULL,
		.value = value_of(a),
		.doc = a->doc,
	};
}

/* The schema's row with what a refining row says on top. */
static struct field refine(struct field base, const struct field *over)
{
	if (over->form != FORM_AUTO)
		base.form = over->form;
	if (over->flags & FIELD_SAME)
		base.flags |= over->flags;
	else if (over->flags)
		base.flags = over->flags;
	base.option = over->option ? over->option : base.option;
	base.no = over->no ? over->no : base.no;
	base.ref = over->ref ? over->ref : base.ref;
	base.keys = over->keys ? over->keys : base.keys;
	base.value = over->value ? over->value : base.value;
	base.doc = over->doc ? over->doc : base.doc;
	return base;
}

static void add_field(struct field f)
{
	assert(built.n_fields < FIELDS_MAX);
	if (f.attr && !f.option)
		f.option = option_of(f.attr, f.form);
	if (!(f.flags & FIELD_HIDE))
		built.fields[built.n_fields++] = f;
}

static const struct field *refinement(const struct noun *noun, const char *attr)
{
	for (const struct field *f = noun->fields; f && f->attr; f++) {
		if (!strcmp(f->attr, attr))
			return f;
	}
	return NULL;
}

static void build_fields(const struct noun *noun)
{
	const struct shape *shape = shape_of(noun->kind);

	for (unsigned i = 0; shape && i < shape->count; i++) {
		const struct field *over = refinement(noun, shape->attrs[i].name);
		struct field f = field_of(&shape->attrs[i]);

		if (over)
			f = refine(f, over);
		if (f.flags & FIELD_RWF)
			add_field(f);
	}
	for (const struct field *f = noun->fields; f && f->attr; f++) {
		if (!shape || !shape_attr(shape, f->attr) || refinement(noun, f->attr) != f)
			add_field(*f);
	}
	add_field((struct field){0});
}

const struct field *noun_fields(const struct noun *noun)
{
	for (size_t i = 0; i < built.n_nouns; i++) {
		if (built.nouns[i] == noun)
			return built.first[i];
	}
	assert(built.n_nouns < NOUNS_MAX);
	built.nouns[built.n_nouns] = noun;
	built.first[built.n_nouns] = built.fields + built.n_fields;
	build_fields(noun);
	return built.first[built.n_nouns++];
}
