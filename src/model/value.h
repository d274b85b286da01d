/* The value types that rows are made of: UUIDs, IP addresses, prefixes, MAC addresses, times.
 * All are plain bytes: they compare with memcmp and the all-zero value means null.
 * Pure; any thread. */
#pragma once
#include "base/err.h"

struct uuid {
	uint8_t b[16];
};

/* An IPv4 address is held in its IPv4-mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that both
 * families order and count alike. Network byte order. */
struct ip {
	uint8_t b[16];
};

/* An address with a prefix length. `len` counts in the address's own family: 0..32 or 0..128. `set` tells
 * ::/0 from null. */
struct cidr {
	struct ip addr;
	uint8_t len;
	bool set;
};

struct mac {
	uint8_t b[6];
};

#define UUID_TEXT  37 /* bytes with the NUL */
#define HEXID_TEXT 33
#define IP_TEXT    46
#define CIDR_TEXT  50
#define MAC_TEXT   18

bool uuid_is_null(const struct uuid *u);
bool uuid_eq(const struct uuid *a, const struct uuid *b);
int uuid_cmp(const struct uuid *a, const struct uuid *b);
/* Strict lower- or upper-case 8-4-4-4-12 text (RFC 9562). 0 or -EINVAL. */
int uuid_parse(const char *s, struct uuid *ret);
/* Writes UUID_TEXT bytes; returns out. */
char *uuid_print(const struct uuid *u, char out[UUID_TEXT]);
/* Identity's ids: 32 hexadecimal digits, or the word "default" (Keystone's first domain). */
int hexid_parse(const char *s, struct uuid *ret);
char *hexid_print(const struct uuid *u, char out[HEXID_TEXT]);
/* Turns 16 random bytes into a version 4 UUID. */
struct uuid uuid_from_random(const uint8_t random[16]);
extern const struct uuid hexid_default; /* what "default" stands for */

bool ip_is_null(const struct ip *ip);
bool ip_is_v4(const struct ip *ip);
bool ip_eq(const struct ip *a, const struct ip *b);
int ip_cmp(const struct ip *a, const struct ip *b);
int ip_parse(const char *s, struct ip *ret);
char *ip_print(const struct ip *ip, char out[IP_TEXT]);
struct ip ip_from_v4(uint32_t host_order);
uint32_t ip_to_v4(const struct ip *ip); /* host order; the address must be IPv4 */
/* ip + n, wrapping at the end of the 128 bits. */
struct ip ip_add(const struct ip *ip, int64_t n);
/* b - a + 1 as a count of addresses, saturated at UINT64_MAX; 0 when b < a. */
uint64_t ip_range_count(const struct ip *a, const struct ip *b);

int cidr_parse(const char *s, struct cidr *ret); /* host bits are kept: 10.0.0.1/24 is accepted */
char *cidr_print(const struct cidr *c, char out[CIDR_TEXT]);
bool cidr_is_null(const struct cidr *c);
struct cidr cidr_masked(const struct cidr *c); /* host bits cleared */
struct ip cidr_first(const struct cidr *c);    /* the network address */
struct ip cidr_last(const struct cidr *c);     /* the broadcast address in IPv4 */
bool cidr_has(const struct cidr *c, const struct ip *ip);
bool cidr_overlaps(const struct cidr *a, const struct cidr *b);

bool mac_is_null(const struct mac *m);
int mac_parse(const char *s, struct mac *ret);
char *mac_print(const struct mac *m, char out[MAC_TEXT]);

/* Seconds since the epoch as "2026-11-22T04:17:39Z" (RFC 3339). */
#define TIME_TEXT 21
char *time_print(int64_t seconds, char out[TIME_TEXT]);
int time_parse(const char *s, int64_t *ret_seconds);
