/* The tables that the command line is made of: nouns (resources), their verbs, fields and options.
 * Parsing, help, completion, the man page and the generic verbs all walk these rows.
 *
 * A new attribute of the schema is an option without a line here; a new resource is one struct noun; a
 * verb with a meaning of its own is one struct verb and a function. Nothing else has to know of it. */
#pragma once
#include "base/err.h"
#include "model/schema.h"

#include <jansson.h>

struct cli;
struct call;
struct noun;

enum service { SERVICE_NONE, SERVICE_NETWORK, SERVICE_IDENTITY, SERVICE_COMPUTE };

/* How the text of an option becomes a JSON value, and whether it may be given several times. */
enum form {
	FORM_AUTO,    /* what the schema says; only in the rows that refine it */
	FORM_TEXT,    /* string */
	FORM_INT,     /* number */
	FORM_BOOL,    /* a flag and its opposite */
	FORM_REF,     /* name or id of field->ref; sent as the id */
	FORM_PORT,    /* as FORM_REF, but an instance's name or id will do for its port */
	FORM_TEXTS,   /* repeatable string, sent as a list */
	FORM_OBJECTS, /* repeatable key=value,key=value with field->keys, sent as a list */
	FORM_DICT,    /* repeatable key=value with free keys, sent as one object */
	FORM_TAGS,    /* repeatable string, sent in a request of its own */
};

/* One key of an object that is written as key=value,... on the command line. */
struct key {
	const char *name; /* as typed; '_' and '-' count as the same */
	const char *attr; /* as sent */
	const char *ref;  /* noun whose names are accepted; NULL: the text itself */
	bool number;
};

enum {
	FIELD_POST = 1 << 0,   /* an option of create */
	FIELD_PUT = 1 << 1,    /* an option of set */
	FIELD_FILTER = 1 << 2, /* an option of list */
	FIELD_NEEDED = 1 << 3, /* create without it is a usage error */
	FIELD_ARG = 1 << 4,    /* the positional argument of create, not an option of it */
	FIELD_NULL = 1 << 5,   /* set has an option that takes it away */
	FIELD_EMPTY = 1 << 6,  /* create has that option too: "none" differs from saying nothing */
	FIELD_HIDE = 1 << 7,   /* neither, whatever the schema says */
	FIELD_SAME = 1 << 8,   /* in a refining row: the schema's flags, and the others here */
	FIELD_ABOUT = 1 << 9,  /* what the object is about, of which it is a member: none without it */
	FIELD_RW = FIELD_POST | FIELD_PUT,
	FIELD_RWF = FIELD_RW | FIELD_FILTER,
};

/* A settable or filterable attribute. Most come from the schema of the model layer (fields.c); rows of
 * this type in a noun refine those or add what the schema does not have. */
struct field {
	const char *attr;   /* the API's name; "a/b" is member b of object a */
	const char *option; /* without "--"; NULL: made from attr */
	const char *no;     /* what takes it away; NULL: "no-<option>" */
	enum form form;
	unsigned flags;
	const char *ref;        /* noun, for FORM_REF */
	const struct key *keys; /* ends with a NULL name; for FORM_OBJECTS */
	const char *value;      /* what the help calls its value; NULL: made from the form */
	const char *doc;        /* a phrase without its full stop */
};

/* An option that is not a field. */
struct opt {
	const char *name;
	const char *value; /* what the help calls its value; NULL: a flag; "[N]": may be left out */
	const char *doc;
	char letter;
	bool repeat;
};

struct arg {
	const char *name; /* as the help shows it, upper case; a name of NULL ends the list */
	const char *ref;  /* noun of which it is a name or id, for completion */
	bool optional, many;
};

typedef int verb_fn(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err);

enum { VERB_CREATE = 1, VERB_LIST = 2, VERB_SHOW = 4, VERB_SET = 8, VERB_DELETE = 16, VERB_ALL = 31 };

struct verb {
	const char *name;    /* "" for a noun that is a command by itself; may be two words */
	const char *summary; /* may have one %s: the noun's title */
	const struct arg *args;
	const struct opt *opts;
	unsigned fields;    /* FIELD_POST, FIELD_PUT or FIELD_FILTER: those fields are options too */
	unsigned only;      /* generic verbs: the VERB_ bit; 0 for a noun's own */
	const char *picked; /* own verbs: the fields that are options, as ",a,b,"; NULL: all of `fields` */
	verb_fn *run;
	bool local; /* talks to no server */
};

/* A noun that stands for a program of its own, called by that name too, says things as that one did. */
struct dialect {
	/* The command was not understood, or (errnum 0) has no verb: says so; the exit code. */
	int (*misread)(const struct call *call, const struct err *err);
	/* It was understood and failed: says so; the exit code. */
	int (*failed)(struct cli *cli, const struct err *err);
};

struct noun {
	const char *name;
	const char *aliases; /* ",a,b," or NULL */
	const char *title;   /* "floating IP" */
	enum service service;
	const char *path;  /* "/floatingips"; "{user}" stands for the caller's id, "{above}" for that of: */
	const char *among; /* a query string that all its lists have; NULL: none */
	struct arg above;  /* what its rows are in: the first argument of its generic verbs; mostly empty */
	const char
		*own_path; /* lists those of the caller where listing all is forbidden; NULL: nothing does */
	const char *one, *many;
	const char *label;             /* the attribute that people use as its name; NULL: only ids */
	const char *lookup;            /* the query filter that finds it by label; NULL: same as label */
	const char *columns;           /* "a,b": what list shows; dotted paths reach into objects */
	const char *more;              /* what --long adds */
	const char *key;               /* the attribute that identifies it; NULL: "id" */
	unsigned verbs;                /* VERB_ bits */
	enum kind kind;                /* its shape in the model's schema; KIND_NONE: only `fields` */
	const struct field *fields;    /* refine and extend the schema; ends with a NULL attr; may be NULL */
	const struct opt *opts;        /* further options of create and set; NULL for none */
	const struct opt *common;      /* options that any verb takes, and that may stand before it; NULL */
	const struct dialect *dialect; /* NULL: buoy's own */
	const struct verb *own;        /* ends with a NULL name */
	const char *const *examples;   /* ends with NULL */
	const char *about;             /* more help, NULL for none */
	/* Changes a body before it is sent (id is NULL at create); NULL for nothing to do. */
	int (*prepare)(struct cli *cli, const struct call *call, const char *id, json_t *body,
		       struct err *err);
};

/* All nouns in the order of the help; ends with NULL. */
extern const struct noun *const nouns[];
/* The verbs that many nouns share; ends with a NULL name. */
extern const struct verb generic_verbs[];
/* The options that every command has; ends with a NULL name. */
extern const struct opt global_opts[];

const struct noun *noun_find(const char *name);
/* Words of a verb may be joined by a dash. */
const struct verb *noun_find_verb(const struct noun *noun, const char *name);
/* The noun that stands for a kind of the schema, NULL for none. */
const struct noun *noun_of_kind(enum kind kind);
/* All fields of a noun, schema and refinements merged. Ends with a NULL attr; constant for the run. */
const struct field *noun_fields(const struct noun *noun);
/* Walks the verbs of a noun: 0, 1, ...; NULL after the last. */
const struct verb *noun_get_verb(const struct noun *noun, size_t i);
/* The positional arguments of a verb of this noun: fills at most `max` and returns how many. */
size_t noun_list_args(const struct noun *noun, const struct verb *verb, struct arg *ret, size_t max);
/* One sentence without its full stop, e.g. "Make a floating IP"; malloc'd. */
char *verb_summary(const struct noun *noun, const struct verb *verb);
/* Is `word` one of ",a,b,"? NULL list: no. */
bool list_has(const char *list, const char *word);
/* The key that identifies a row, usually "id". */
const char *noun_key(const struct noun *noun);
