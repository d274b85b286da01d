/* Small helpers used everywhere: scope-bound cleanup, array sizes, bounds.
 * Bottom of the layer order; knows nothing of networks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a)          (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)              ((a) < (b) ? (a) : (b))
#define MAX(a, b)              ((a) > (b) ? (a) : (b))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED                 __attribute__((unused))

/* Runs `fn(&variable)` when the variable leaves its scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}
static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define AUTO_FREE  CLEANUP(cleanup_free)
#define AUTO_CLOSE CLEANUP(cleanup_close)

/* Hands ownership of a pointer over: returns it and clears the variable. */
#define TAKE(p)                                                                                              \
	(__extension__({                                                                                     \
		typeof(p) take_ = (p);                                                                       \
		(p) = NULL;                                                                                  \
		take_;                                                                                       \
	}))

/* Allocation that aborts the process when memory is out: the state is durable and the
 * kernel keeps forwarding, so stopping is the safest answer. Memory is zeroed. */
void *xalloc(size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
/* malloc'd formatted string; the caller frees it. */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Microseconds. clock_now_us: wall clock since the epoch; clock_mono_us: monotonic. */
int64_t clock_now_us(void);
int64_t clock_mono_us(void);

/* The value of a hexadecimal digit, -1 when it is none. */
int hex_digit(char c);
