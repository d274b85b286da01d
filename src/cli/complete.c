/* A bash completion script, made from the tables.
 * Printed by `buoy complete`; the build installs it. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const char head[] = "# bash completion for buoy, made by 'buoy complete'\n"
			   "_buoy_words() # NOUN VERB: options of that command\n"
			   "{\n"
			   "\tcase \"$1 $2\" in\n";

static const char names[] =
	"_buoy_names() # NOUN COLUMN: what the server has; nothing when it does not answer at once\n"
	"{\n"
	"\tbuoy \"$1\" list -f value -c \"$2\" --timeout 2 2>/dev/null </dev/null\n"
	"}\n";

static const char tail[] =
	"_buoy()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} noun= verb= word i skip=\n"
	"\tlocal values=\" $(_buoy_with_value) \"\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ -n $skip ]]; then skip=; continue; fi\n"
	"\t\tif [[ $word == -* ]]; then [[ $values == *\" $word \"* ]] && skip=1; continue; fi\n"
	"\t\tif [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word\n"
	"\t\telif [[ \" $(_buoy_verbs \"$noun\") \" == *\" $verb-$word \"* ]]; then verb=$verb-$word; fi\n"
	"\tdone\n"
	"\tif [[ ${COMP_WORDS[COMP_CWORD-1]} == -f || ${COMP_WORDS[COMP_CWORD-1]} == --format ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W 'table json value csv yaml' -- \"$cur\"))\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ -n $skip ]]; then return; fi\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$(_buoy_globals) $(_buoy_words \"$noun\" \"$verb\")\" -- \"$cur\"))\n"
	"\telif [[ -z $noun ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$(_buoy_nouns)\" -- \"$cur\"))\n"
	"\telif [[ -z $verb && -n $(_buoy_verbs \"$noun\") ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$(_buoy_verbs \"$noun\")\" -- \"$cur\"))\n"
	"\telif [[ \" $(_buoy_verbs \"$noun\")\" == *\" $verb-\"* ]]; then # the second word of a verb\n"
	"\t\tword=$(_buoy_verbs \"$noun\" | tr ' ' '\\n' | sed -n \"s/^$verb-//p\")\n"
	"\t\tCOMPREPLY=($(compgen -W \"$word\" -- \"$cur\"))\n"
	"\telse\n"
	"\t\tword=$(_buoy_object \"$noun\" \"$verb\")\n"
	"\t\tif [[ -n $word ]]; then\n"
	"\t\t\tlocal IFS=$'\\n'\n"
	"\t\t\tCOMPREPLY=($(compgen -W \"$(_buoy_names ${word% *} ${word#* })\" -- \"$cur\"))\n"
	"\t\tfi\n"
	"\tfi\n"
	"}\n"
	"_buoy_link() # called as nova or nova-manage\n"
	"{\n"
	"\tCOMP_WORDS=(buoy \"${COMP_WORDS[0]##*/}\" \"${COMP_WORDS[@]:1}\")\n"
	"\t((++COMP_CWORD))\n"
	"\t_buoy\n"
	"}\n"
	"complete -F _buoy buoy\n"
	"for _buoy_word in nova nova-manage; do # not where another package has these names\n"
	"\t[[ $(readlink -f \"$(type -P $_buoy_word)\") != */buoy ]] || complete -F _buoy_link $_buoy_word\n"
	"done\n"
	"unset _buoy_word\n";

/* "fip|floatingip|floating-ip" for a case label. */
static void print_spellings(const struct noun *noun, const char *suffix)
{
	const char *alias = noun->aliases;

	printf("\t\"%s%s\"", noun->name, suffix);
	while (alias && alias[1]) {
		size_t len = strcspn(alias + 1, ",");

		printf("|\"%.*s%s\"", (int)len, alias + 1, suffix);
		alias += len + 1;
	}
	putchar(')');
}

/* " list"; words of one verb are joined, as the parser allows. */
static char *verb_suffix(const struct verb *verb)
{
	char *suffix = xasprintf(" %s", verb->name);

	for (char *p = suffix + 1; *p; p++)
		*p = *p == ' ' ? '-' : *p;
	return suffix;
}

static void print_options(const struct noun *noun, const struct verb *verb)
{
	struct optset set = {.mem = talloc_new(NULL)};
	AUTO_FREE char *suffix = verb_suffix(verb);

	optset_add_verb(&set, noun, verb);
	if (set.n > 0) {
		print_spellings(noun, suffix);
		fputs(" echo '", stdout);
		for (size_t i = 0; i < set.n; i++)
			printf("%s--%s", i ? " " : "", set.rows[i].name);
		puts("';;");
	}
	talloc_free(set.mem);
}

/* What a verb's first argument names: the noun to list, and the column of its names. */
static void print_object(const struct noun *noun, const struct verb *verb)
{
	AUTO_FREE char *suffix = verb_suffix(verb);
	const struct noun *ref;
	struct arg args[8];
	size_t n = noun_list_args(noun, verb, args, ARRAY_SIZE(args));

	ref = n > 0 && args[0].ref ? noun_find(args[0].ref) : NULL;
	if (!ref || !(ref->verbs & VERB_LIST))
		return;
	print_spellings(noun, suffix);
	printf(" echo '%s %s';;\n", ref->name, ref->label ? ref->label : noun_key(ref));
}

static void each_verb(void (*print)(const struct noun *noun, const struct verb *verb))
{
	const struct verb *v;

	for (size_t i = 0; nouns[i]; i++) {
		for (size_t k = 0; (v = noun_get_verb(nouns[i], k)); k++)
			print(nouns[i], v);
	}
	puts("\tesac\n}");
}

static void print_verbs(void)
{
	const struct verb *v;

	puts("_buoy_verbs() # NOUN\n{\n\tcase \"$1\" in");
	for (size_t i = 0; nouns[i]; i++) {
		if (noun_find_verb(nouns[i], ""))
			continue;
		print_spellings(nouns[i], "");
		fputs(" echo '", stdout);
		for (size_t k = 0; (v = noun_get_verb(nouns[i], k)); k++) {
			AUTO_FREE char *suffix = verb_suffix(v);

			printf("%s", suffix + !k);
		}
		puts("';;");
	}
	puts("\tesac\n}");
}

/* All options that take a value, of any command: enough to know which words are values. */
static void print_globals(void)
{
	struct optset set = {.mem = talloc_new(NULL)};
	const struct verb *v;
	size_t n;

	optset_add_globals(&set);
	n = set.n;
	puts("_buoy_globals()\n{\n\techo '\\");
	for (size_t i = 0; i < n; i++)
		printf("--%s ", set.rows[i].name);
	puts("'\n}\n_buoy_with_value()\n{\n\techo '-f -c \\");
	for (size_t i = 0; nouns[i]; i++) {
		for (size_t k = 0; (v = noun_get_verb(nouns[i], k)); k++)
			optset_add_verb(&set, nouns[i], v);
	}
	for (size_t i = 0; i < set.n; i++) {
		const char *name = set.rows[i].name;

		if (set.rows[i].value && optset_find(&set, name, strlen(name)) == &set.rows[i])
			printf("--%s ", name);
	}
	puts("'\n}");
	talloc_free(set.mem);
}

void complete_print(void)
{
	fputs(head, stdout);
	each_verb(print_options);
	puts("_buoy_object() # NOUN VERB: what its arguments are names of\n{\n\tcase \"$1 $2\" in");
	each_verb(print_object);
	print_verbs();
	puts("_buoy_nouns()\n{\n\techo '\\");
	for (size_t i = 0; nouns[i]; i++)
		printf("%s ", nouns[i]->name);
	puts("'\n}");
	print_globals();
	fputs(names, stdout);
	fputs(tail, stdout);
}
