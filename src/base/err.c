/* Filling the error object.
 * Bottom of the layer order. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF_LIKE(5, 0)
static void fill(struct err *err, int errnum, int status, const char *type, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->errnum = errnum;
	err->status = status;
	snprintf(err->type, sizeof(err->type), "%s", type);
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
}

int err_set(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, errnum, 0, "", fmt, ap);
	va_end(ap);
	return errnum;
}

static int errno_of_status(int status)
{
	static const struct {
		int status, errnum;
	} map[] = {
		{400, -EINVAL}, {401, -EACCES},   {403, -EPERM},  {404, -ENOENT}, {409, -EBUSY},
		{412, -ESTALE}, {413, -EMSGSIZE}, {429, -EAGAIN}, {501, -ENOSYS}, {503, -EAGAIN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].status == status)
			return map[i].errnum;
	return -EIO;
}

int err_api(struct err *err, int status, const char *type, const char *fmt, ...)
{
	int errnum = errno_of_status(status);
	va_list ap;

	va_start(ap, fmt);
	fill(err, errnum, status, type, fmt, ap);
	va_end(ap);
	return errnum;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	AUTO_FREE char *old = NULL, *prefix = NULL;
	va_list ap;

	if (!err)
		return -EIO;
	old = xstrdup(err->message);
	va_start(ap, fmt);
	if (vasprintf(&prefix, fmt, ap) < 0)
		prefix = NULL;
	va_end(ap);
	snprintf(err->message, sizeof(err->message), "%s: %s", prefix ? prefix : "", old);
	return err->errnum;
}
