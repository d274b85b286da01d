/* Which record of an external name server a floating IP wants. Pure. */
#pragma once
#include "model/names.h"
#include "model/snap.h"

struct record {
	char name[DNS_NAME_TEXT]; /* whole, with its final dot */
	char zone[DNS_NAME_TEXT]; /* the domain, with its final dot */
	struct ip address;        /* IPv4 */
};

/* By its own dns_name and dns_domain; else, while it is associated, by its port's dns_name in the port's or
 * the network's dns_domain. False: it has none. */
bool record_of(const struct snap *s, const struct floatingip *f, struct record *ret);
/* What a released one had, by its own name. */
bool record_of_rest(const struct snap *s, const struct rest *r, struct record *ret);
bool record_eq(const struct record *a, const struct record *b);
/* Whether some floating IP wants this record. */
bool record_is_wanted(const struct snap *s, const struct record *r);
/* Calls `fn` for each floating IP whose record may differ for a row that has changed. */
void record_touch(const struct snap *was, const struct snap *is, enum kind kind, const struct uuid *id,
		  void (*fn)(void *arg, const struct uuid *floatingip), void *arg);
/* "3.113.0.203.in-addr.arpa." and the zone of its /24. */
void record_reverse(const struct record *r, char name[DNS_NAME_TEXT], char zone[DNS_NAME_TEXT]);
