/* The manual page in man(7) form, made from the tables.
 * Printed by `buoy help --man`; the build installs it as buoy.1. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* Text for troff: backslashes and dashes escaped, no line that looks like a request. */
static void put_text(const char *s)
{
	for (bool start = true; *s; s++) {
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else if (start && (*s == '.' || *s == '\''))
			printf("\\&%c", *s);
		else
			putchar(*s);
		start = *s == '\n';
	}
}

static void put_line(const char *request, const char *text)
{
	fputs(request, stdout);
	put_text(text);
	putchar('\n');
}

static void put_option(const struct optspec *o)
{
	puts(".TP");
	fputs(".B ", stdout);
	if (o->letter)
		printf("\\-%c\\fR, \\fB", o->letter);
	put_text("--");
	put_text(o->name);
	if (o->value) {
		fputs(" \\fI", stdout);
		put_text(o->value);
		fputs("\\fR", stdout);
	}
	putchar('\n');
	put_text(o->doc ? o->doc : "");
	puts(o->many ? " (repeatable)." : ".");
}

static void put_verb(const struct noun *noun, const struct verb *verb)
{
	struct optset set = {.mem = talloc_new(NULL)};
	AUTO_FREE char *summary = verb_summary(noun, verb);
	struct arg args[8];
	size_t n = noun_list_args(noun, verb, args, ARRAY_SIZE(args));

	printf(".SS buoy %s%s", noun->name, *verb->name ? " " : "");
	put_text(verb->name);
	for (size_t i = 0; i < n; i++) {
		fputs(args[i].optional ? " [" : " ", stdout);
		put_text(args[i].name);
		printf("%s%s", args[i].optional ? "]" : "", args[i].many ? "..." : "");
	}
	puts(" [options]");
	put_text(summary);
	puts(".");
	optset_add_verb(&set, noun, verb);
	for (size_t i = 0; i < set.n; i++)
		put_option(&set.rows[i]);
	talloc_free(set.mem);
}

static void put_commands(void)
{
	const struct verb *v;

	puts(".SH COMMANDS");
	for (size_t i = 0; nouns[i]; i++) {
		if (nouns[i]->about)
			put_line(".PP\n", nouns[i]->about);
		for (size_t k = 0; (v = noun_get_verb(nouns[i], k)); k++)
			put_verb(nouns[i], v);
	}
}

static void put_globals(void)
{
	struct optset set = {.mem = talloc_new(NULL)};

	optset_add_globals(&set);
	puts(".SH OPTIONS\nEvery command has these.");
	for (size_t i = 0; i < set.n; i++)
		put_option(&set.rows[i]);
	talloc_free(set.mem);
}

static void put_examples(void)
{
	puts(".SH EXAMPLES\n.nf");
	for (size_t i = 0; nouns[i]; i++) {
		for (const char *const *e = nouns[i]->examples; e && *e; e++)
			put_line("", *e);
	}
	puts(".fi");
}

void man_print(void)
{
	puts(".TH BUOY 1 \"\" \"buoy " BUOY_VERSION "\" \"User Commands\"");
	puts(".SH NAME\nbuoy \\- floating IPs, networks and who may use them");
	puts(".SH SYNOPSIS\n.B buoy\n.I COMMAND\n.RI [ VERB ]\n.RI [ arguments\n.IR and\n.IR options ]");
	puts(".SH DESCRIPTION");
	puts(".B buoy\nis a client of the OpenStack Network, Compute and Identity APIs, as buoyd and Neutron "
	     "with Nova and Keystone");
	puts("speak them. Where the cloud is and who asks comes from options, from variables or from "
	     "clouds.yaml,");
	puts("in that order. Names and ids may be used alike; a name that several objects have is refused, "
	     "and the");
	puts("candidates are listed. Lists in an object\\(aqs options replace the whole list.");
	put_commands();
	put_globals();
	puts(".SH ENVIRONMENT\nEach option \\-\\-os\\-X is also read from the variable OS_X, as the "
	     "openstack client does.");
	puts(".SH FILES\nclouds.yaml and secure.yaml in the current folder, in ~/.config/openstack or in "
	     "/etc/openstack,");
	puts("or where OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE say.");
	puts(".SH EXIT STATUS\n0 done; 1 the server or the request failed; 2 the command was not "
	     "understood.");
	put_examples();
}
