/* Publishing floating IPs' names at an external name server, by dynamic updates (RFC 2136) with TSIG (RFC
 * 8945).
 *
 * Part of the responder: it follows the rows, and nothing that answers requests waits for it. What each
 * floating IP wants follows from the snapshot; what is known is which record was last sent for it. A record
 * is added and deleted exactly, so others' records of the same name stay. One update is under way at a time.
 */
#pragma once
#include "model/snap.h"
#include "store/follow.h"

struct publish_settings {
	struct ip server; /* null: nothing is published */
	uint16_t port;
	const char *key_name, *algorithm; /* "buoy.", "hmac-sha256." */
	const char *secret;               /* base64 */
	uint32_t ttl_s;
	bool reverse; /* PTR records, too */
};

struct publisher;

/* All records of the snapshot are sent. Settings are borrowed. */
struct publisher *publisher_new(const struct publish_settings *settings, const struct snap *s);
void publisher_free(struct publisher *p);
void publisher_touch(struct publisher *p, const struct snap *was, const struct snap *is,
		     const struct touched *rows, size_t count);
/* Reads what the server has said, sends what is next. `s`: the rows as they are. Milliseconds until it is to
 * be called again, at the latest. */
int publisher_step(struct publisher *p, const struct snap *s);
/* Polls readable when publisher_step has something to read; stays the same. */
int publisher_fd(const struct publisher *p);
