/* Help at every level, made from the tables.
 * Beside man.c and complete.c, which print the same tables in other forms. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { OPTION_COLUMN = 34, VERB_COLUMN = 25, LINE_WIDTH = 78 };

static const char *program = "buoy ";

void help_set_program(const char *prefix)
{
	program = prefix;
}

const char *help_get_program(void)
{
	return program;
}

void help_synopsis(FILE *to, const struct noun *noun, const struct verb *verb)
{
	struct optset set = {0};
	struct arg args[8];
	size_t n;

	if (!verb) {
		fprintf(to, "%s%s VERB ...\n", program, noun->name);
		return;
	}
	n = noun_list_args(noun, verb, args, ARRAY_SIZE(args));
	fprintf(to, "%s%s%s%s", program, noun->name, *verb->name ? " " : "", verb->name);
	for (size_t i = 0; i < n; i++)
		fprintf(to, args[i].optional ? " [%s]%s" : " %s%s", args[i].name, args[i].many ? "..." : "");
	set.mem = talloc_new(NULL);
	optset_add_verb(&set, noun, verb);
	for (size_t i = 0; i < set.n && verb->only == VERB_CREATE; i++) {
		const struct optspec *o = &set.rows[i];

		if (o->field && (o->field->flags & FIELD_NEEDED) && !o->off)
			fprintf(to, " --%s %s", o->name, o->value);
	}
	talloc_free(set.mem);
	fputs(" [options]\n", to);
}

static void print_option(const struct optspec *o)
{
	char text[128], letter[8] = "    ";
	int n;

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	n = snprintf(text, sizeof(text), "  %s--%s%s%s", letter, o->name, o->value ? " " : "",
		     o->value ? o->value : "");
	printf("%-*s", OPTION_COLUMN, text);
	if (n >= OPTION_COLUMN)
		printf("\n%*s", OPTION_COLUMN, "");
	printf("%s%s\n", o->doc ? o->doc : "", o->many ? " (repeatable)" : "");
}

static void print_options(const struct optset *set, bool global, bool os)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct optspec *o = &set->rows[i];

		if (o->global == global && (!global || !strncmp(o->name, "os-", 3) == os))
			print_option(o);
	}
}

static void print_examples(const struct noun *noun, const struct verb *verb)
{
	AUTO_FREE char *needle =
		xasprintf("buoy %s%s%s", noun->name, verb && *verb->name ? " " : "", verb ? verb->name : "");
	bool any = false;

	for (const char *const *e = noun->examples; e && *e; e++) {
		const char *at = strstr(*e, needle);

		if (verb &&
		    (!at || (at[strlen(needle)] && at[strlen(needle)] != ' ' && at[strlen(needle)] != ')')))
			continue;
		printf("%s  %s\n", any ? "" : "\nExamples:\n", *e);
		any = true;
	}
}

static void help_verb(const struct noun *noun, const struct verb *verb)
{
	struct optset set = {.mem = talloc_new(NULL)};
	AUTO_FREE char *summary = verb_summary(noun, verb);

	printf("Usage: ");
	help_synopsis(stdout, noun, verb);
	printf("\n%s.\n", summary);
	if (noun->about)
		printf("%s\n", noun->about);
	optset_add_verb(&set, noun, verb);
	if (set.n > 0) {
		puts("\nOptions:");
		print_options(&set, false, false);
	}
	print_examples(noun, verb);
	puts("\n'buoy help' lists the options that every command has.");
	talloc_free(set.mem);
}

static void help_noun(const struct noun *noun)
{
	const struct verb *v;
	int column = 18;

	fputs("Usage: ", stdout);
	help_synopsis(stdout, noun, NULL);
	putchar('\n');
	if (noun->about)
		printf("%s\n\n", noun->about);
	puts("Verbs:");
	for (size_t i = 0; (v = noun_get_verb(noun, i)); i++)
		column = MAX(column, (int)strlen(v->name) + 1);
	for (size_t i = 0; (v = noun_get_verb(noun, i)); i++) {
		AUTO_FREE char *summary = verb_summary(noun, v);

		printf("  %-*s %s\n", column, v->name, summary);
	}
	print_examples(noun, NULL);
	printf("\n'%s%s VERB --help' shows the options of one.\n", program, noun->name);
}

static void print_verbs(const struct noun *noun)
{
	const struct verb *v;
	int column = VERB_COLUMN;

	for (size_t i = 0; (v = noun_get_verb(noun, i)); i++) {
		if (column + strlen(v->name) > LINE_WIDTH) {
			printf(",\n%*s%s", VERB_COLUMN, "", v->name);
			column = VERB_COLUMN;
		} else {
			printf("%s%s", i ? ", " : "", v->name);
		}
		column += (int)strlen(v->name) + 2;
	}
	putchar('\n');
}

static void help_all(void)
{
	struct optset set = {.mem = talloc_new(NULL)};

	puts("Usage: buoy COMMAND [VERB] [arguments and options]\n");
	puts("Floating IPs, networks and who may use them: a client of the OpenStack Network, Compute and");
	puts("Identity APIs. Where the cloud is and who asks comes from the OS_* variables, from "
	     "clouds.yaml");
	puts("(OS_CLOUD) or from --os-* options. Names and ids may be used alike.\n\nCommands:");
	for (size_t i = 0; nouns[i]; i++) {
		const struct verb *only = noun_find_verb(nouns[i], "");

		printf("  %-22s ", nouns[i]->name);
		if (only)
			puts(only->summary);
		else
			print_verbs(nouns[i]);
	}
	optset_add_globals(&set);
	puts("\nOptions of every command:");
	print_options(&set, true, false);
	puts("\nThe cloud and the user (each also as a variable: --os-auth-url is OS_AUTH_URL):");
	print_options(&set, true, true);
	puts("\nExit codes: 0 done, 1 the server or the request failed, 2 the command was not understood.");
	puts("'buoy COMMAND --help' and 'buoy COMMAND VERB --help' say more.");
	talloc_free(set.mem);
}

void help_print(const struct noun *noun, const struct verb *verb)
{
	if (noun && !verb)
		verb = noun_find_verb(noun, ""); /* a command by itself */
	if (!noun)
		help_all();
	else if (verb)
		help_verb(noun, verb);
	else
		help_noun(noun);
}

void help_usage(const struct noun *noun, const struct verb *verb)
{
	const struct verb *v;

	if (noun && verb) {
		fputs("Usage: ", stderr);
		help_synopsis(stderr, noun, verb);
		fprintf(stderr, "'buoy %s%s%s --help' says more.\n", noun->name, *verb->name ? " " : "",
			verb->name);
		return;
	}
	fprintf(stderr, "Usage: buoy %s ...\n", noun ? noun->name : "COMMAND");
	for (size_t i = 0; !noun && nouns[i]; i++)
		fprintf(stderr, "%s%s", i ? ", " : "Commands: ", nouns[i]->name);
	for (size_t i = 0; noun && (v = noun_get_verb(noun, i)); i++)
		fprintf(stderr, "%s%s", i ? ", " : "Verbs: ", v->name);
	fprintf(stderr, "\n'buoy%s%s --help' says more.\n", noun ? " " : "", noun ? noun->name : "");
}
