/* One dynamic update as bytes. */
#pragma once
#include "daemon/publish.h"
#include "serve/record.h"

#define UPDATE_MAX 1400

struct update {
	uint8_t wire[UPDATE_MAX];
	size_t len;
	uint8_t mac[64]; /* of its signature, which the answer's is made with */
	size_t mac_len;
};

/* `rr`: a record in presentation form; `add`: or delete it. -EINVAL: it can not be made. */
int update_make(const struct publish_settings *s, const char *zone, const char *rr, bool add,
		struct update *ret);
/* 0: it was done; -EAGAIN: no answer to this update; -EPERM: refused, `why` says how. An answer that says
 * that it was done counts only with a right signature. */
int update_read(const struct publish_settings *s, const struct update *u, const uint8_t *wire, size_t len,
		char why[128]);
