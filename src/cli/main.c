/* buoy, the command line: reads the words, logs in, does one thing, prints it.
 * Exit codes: 0 done, 1 the server or the request failed, 2 the command was not understood. */
#include "cli/cli.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, TIMEOUT_S = 60 };

static void print_error(const char *text, const char *note)
{
	AUTO_BUF struct buf b = {0};

	/* What the server says may hold other people's texts: no control characters reach the terminal. */
	buf_puts(&b, "buoy: ");
	text_add_visible(&b, text, false);
	buf_putc(&b, '\n');
	if (note)
		text_add_visible(&b, note, true);
	fputs(buf_text(&b), stderr);
}

/* The command was not understood, as far as errors tell: everything that no server said. */
static bool is_usage(const struct err *err)
{
	return err->errnum == -EINVAL && err->status == 0;
}

static int make_output(struct cli *cli, const struct call *call, struct err *err)
{
	struct output *o = &cli->out;
	int r = 0;

	for (size_t i = 0; i < call->n_given; i++) {
		if (strcmp(call->given[i].opt->name, "column"))
			continue;
		o->columns = talloc_realloc(cli->mem, o->columns, const char *, o->n_columns + 1);
		o->columns[o->n_columns++] = call->given[i].value;
	}
	o->all = call_has(call, "long");
	o->visible = isatty(STDOUT_FILENO);
	cli->quiet = call_has(call, "quiet");
	if (call_has(call, "format"))
		r = format_parse(call_get(call, "format"), &o->format, err);
	return r ? r : output_find_width(call_get(call, "max-width"), &o->width, err);
}

static int make_session(struct cli *cli, const struct call *call, struct err *err)
{
	const char *timeout = call_get(call, "timeout");
	long seconds = TIMEOUT_S;
	char *end;
	int r;

	if (timeout) {
		seconds = strtol(timeout, &end, 10);
		if (*end || end == timeout || seconds <= 0)
			return err_set(err, -EINVAL, "--timeout %s: a number of seconds is needed", timeout);
	}
	r = settings_load(cli->mem, call, &cli->settings, err);
	if (r)
		return r;
	r = session_new(cli->mem, cli->settings, call_has(call, "debug"), seconds, &cli->session, err);
	if (r == 0 && call_has(call, "plan"))
		session_plan_only(cli->session);
	if (r == 0 && call_has(call, "as-of"))
		session_look_back(cli->session, call_get(call, "as-of"));
	return r;
}

static int run(struct cli *cli, struct call *call, struct err *err)
{
	int r = make_output(cli, call, err);

	if (r == 0 && !call->verb->local)
		r = make_session(cli, call, err);
	if (r == 0)
		r = resolve_above(cli, call, err);
	if (r == 0)
		r = call->verb->run(cli, call->noun, call, err);
	/* What was planned ends with that error, which says that nothing was done. */
	if ((r == 0 || r == -ECANCELED) && cli->session && session_get_plans(cli->session))
		r = plans_show(cli, session_get_plans(cli->session), err);
	return r;
}

static int run_command_line(struct cli *cli, int argc, char *argv[])
{
	struct err err = {0};
	struct call call;

	if (call_parse(cli->mem, argc, argv, &call, &err)) {
		if (call.noun && call.noun->dialect)
			return call.noun->dialect->misread(&call, &err);
		print_error(err.message, NULL);
		help_usage(call.noun, call.verb);
		return EXIT_USAGE;
	}
	if (call_has(&call, "version")) {
		puts("buoy " BUOY_VERSION);
		return 0;
	}
	if (call_has(&call, "help")) {
		help_print(call.noun, call.verb);
		return 0;
	}
	if (!call.verb && call.noun && call.noun->dialect)
		return call.noun->dialect->misread(&call, &err);
	if (!call.verb) {
		if (call.noun)
			print_error("a verb is missing", NULL);
		help_usage(call.noun, NULL);
		return EXIT_USAGE;
	}
	if (run(cli, &call, &err) == 0)
		return 0;
	if (call.noun->dialect)
		return call.noun->dialect->failed(cli, &err);
	print_error(err.message, cli->note);
	return is_usage(&err) ? EXIT_USAGE : EXIT_FAILED;
}

/* Called by the name of a noun that stands for a program: the noun's word is put before the others. */
static char **as_program(void *mem, int *argc, char *argv[])
{
	const char *slash = *argc > 0 ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : argv[0];
	const struct noun *noun = *argc > 0 ? noun_find(name) : NULL;
	char **words;

	if (!noun || !noun->dialect)
		return argv;
	words = talloc_array(mem, char *, (size_t)*argc + 2);
	words[0] = argv[0];
	words[1] = talloc_strdup(mem, noun->name);
	memcpy(words + 2, argv + 1, (size_t)*argc * sizeof(*argv)); /* with the NULL at the end */
	(*argc)++;
	help_set_program("");
	return words;
}

int main(int argc, char *argv[])
{
	struct cli cli = {.mem = talloc_new(NULL)};
	int code;

	text_width_init();
	argv = as_program(cli.mem, &argc, argv);
	code = run_command_line(&cli, argc, argv);
	talloc_free(cli.mem);
	return code;
}
