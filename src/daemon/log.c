/* The daemon's one way to say something: a line on stderr.
 * systemd and the sandbox catch it. */
#include "daemon/process.h"

#include <stdarg.h>
#include <stdio.h>

static const char *process_name = "";

void log_set_name(const char *name)
{
	process_name = name;
}

void log_line(const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	fprintf(stderr, "buoyd%s%s%s %s\n", process_name[0] ? "[" : "", process_name,
		process_name[0] ? "]" : "", text ? text : "");
}
