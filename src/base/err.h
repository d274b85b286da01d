/* The error object: how every layer says what went wrong.
 *
 * Convention of the whole project: a function that can fail returns 0 or a negative errno,
 * takes `struct err *` as its last parameter and leaves it untouched on success. Outputs are
 * named ret_ and are never changed on failure. Code below the daemon never logs: it returns
 * an error, and the daemon (or the API reply) shows it once. `err` may be NULL where the
 * caller does not want the text. */
#pragma once
#include "base/util.h"

struct err {
	int errnum;        /* negative errno, as returned; 0: no error */
	int status;        /* HTTP status that this error is to an API caller; 0: internal (500) */
	char type[64];     /* the API's exception name, e.g. "FloatingIPNotFound"; may be empty */
	char message[512]; /* one sentence for a person, without a final newline */
};

/* Fills an internal error; returns `errnum` so that `return err_set(...)` reads well. */
int err_set(struct err *err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Fills an error that is an API answer. Returns the errno that fits the status:
 * 400 EINVAL, 401 EACCES, 403 EPERM, 404 ENOENT, 409 EBUSY, 412 ESTALE, 413 EMSGSIZE,
 * 429 EAGAIN, 501 ENOSYS, 503 EAGAIN, others EIO (all negative). */
int err_api(struct err *err, int status, const char *type, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Puts "prefix: " before the message that is there; returns err->errnum. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
