/* Parsing, printing and arithmetic of the value types.
 * Pure; the bottom of the model. */
#include "model/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef unsigned __int128 u128;

static bool all_zero(const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i])
			return false;
	return true;
}

static char *put_hex(char *out, const uint8_t *b, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[b[i] >> 4];
		*out++ = digits[b[i] & 15];
	}
	return out;
}

bool uuid_is_null(const struct uuid *u)
{
	return all_zero(u->b, sizeof(u->b));
}

bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int uuid_cmp(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a));
}

int uuid_parse(const char *s, struct uuid *ret)
{
	struct uuid u;
	size_t n = 0;

	for (int i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return -EINVAL;
			continue;
		}
		int hi = hex_digit(s[i]), lo = hi < 0 ? -1 : hex_digit(s[i + 1]);

		if (lo < 0)
			return -EINVAL;
		u.b[n++] = (uint8_t)(hi << 4 | lo);
		i++;
	}
	if (s[36])
		return -EINVAL;
	*ret = u;
	return 0;
}

char *uuid_print(const struct uuid *u, char out[UUID_TEXT])
{
	char *p = put_hex(out, u->b, 4);

	for (int i = 4; i < 10; i += 2) {
		*p++ = '-';
		p = put_hex(p, u->b + i, 2);
	}
	*p++ = '-';
	*put_hex(p, u->b + 10, 6) = '\0';
	return out;
}

const struct uuid hexid_default = {{[15] = 1}};

int hexid_parse(const char *s, struct uuid *ret)
{
	struct uuid u;

	if (strcmp(s, "default") == 0) {
		*ret = hexid_default;
		return 0;
	}
	for (int i = 0; i < 16; i++) {
		int hi = hex_digit(s[2 * i]), lo = hi < 0 ? -1 : hex_digit(s[2 * i + 1]);

		if (lo < 0)
			return -EINVAL;
		u.b[i] = (uint8_t)(hi << 4 | lo);
	}
	if (s[32])
		return -EINVAL;
	*ret = u;
	return 0;
}

char *hexid_print(const struct uuid *u, char out[HEXID_TEXT])
{
	if (uuid_eq(u, &hexid_default))
		strcpy(out, "default");
	else
		*put_hex(out, u->b, 16) = '\0';
	return out;
}

struct uuid uuid_from_random(const uint8_t random[16])
{
	struct uuid u;

	memcpy(u.b, random, 16);
	u.b[6] = (u.b[6] & 0x0f) | 0x40;
	u.b[8] = (u.b[8] & 0x3f) | 0x80;
	return u;
}

/* --- IP addresses --- */

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static u128 ip_number(const struct ip *ip)
{
	u128 n = 0;

	for (int i = 0; i < 16; i++)
		n = n << 8 | ip->b[i];
	return n;
}

static struct ip ip_of_number(u128 n)
{
	struct ip ip;

	for (int i = 15; i >= 0; i--, n >>= 8)
		ip.b[i] = (uint8_t)n;
	return ip;
}

bool ip_is_null(const struct ip *ip)
{
	return all_zero(ip->b, sizeof(ip->b));
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->b, mapped, sizeof(mapped)) == 0;
}

bool ip_eq(const struct ip *a, const struct ip *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int ip_cmp(const struct ip *a, const struct ip *b)
{
	return memcmp(a, b, sizeof(*a));
}

int ip_parse(const char *s, struct ip *ret)
{
	uint8_t v4[4];
	struct ip ip;

	if (inet_pton(AF_INET, s, v4) == 1) {
		memcpy(ip.b, mapped, sizeof(mapped));
		memcpy(ip.b + 12, v4, 4);
	} else if (inet_pton(AF_INET6, s, ip.b) != 1) {
		return -EINVAL;
	}
	*ret = ip;
	return 0;
}

char *ip_print(const struct ip *ip, char out[IP_TEXT])
{
	if (ip_is_v4(ip))
		inet_ntop(AF_INET, ip->b + 12, out, IP_TEXT);
	else
		inet_ntop(AF_INET6, ip->b, out, IP_TEXT);
	return out;
}

struct ip ip_from_v4(uint32_t v4)
{
	struct ip ip;

	memcpy(ip.b, mapped, sizeof(mapped));
	for (int i = 0; i < 4; i++)
		ip.b[12 + i] = (uint8_t)(v4 >> (24 - 8 * i));
	return ip;
}

uint32_t ip_to_v4(const struct ip *ip)
{
	return (uint32_t)ip_number(ip);
}

struct ip ip_add(const struct ip *ip, int64_t n)
{
	return ip_of_number(ip_number(ip) + (u128)(__int128)n);
}

uint64_t ip_range_count(const struct ip *a, const struct ip *b)
{
	u128 n;

	if (ip_cmp(b, a) < 0)
		return 0;
	n = ip_number(b) - ip_number(a);
	return n >= UINT64_MAX ? UINT64_MAX : (uint64_t)n + 1;
}

/* --- prefixes --- */

static unsigned cidr_host_bits(const struct cidr *c)
{
	return (ip_is_v4(&c->addr) ? 32U : 128U) - c->len;
}

static u128 cidr_host_mask(const struct cidr *c)
{
	unsigned bits = cidr_host_bits(c);

	return bits == 128 ? ~(u128)0 : ((u128)1 << bits) - 1;
}

int cidr_parse(const char *s, struct cidr *ret)
{
	const char *slash = strchr(s, '/');
	char addr[IP_TEXT];
	struct cidr c;
	unsigned len = 0;

	if (!slash || (size_t)(slash - s) >= sizeof(addr) || !slash[1] || strlen(slash + 1) > 3)
		return -EINVAL;
	memcpy(addr, s, (size_t)(slash - s));
	addr[slash - s] = '\0';
	if (ip_parse(addr, &c.addr) < 0)
		return -EINVAL;
	for (const char *p = slash + 1; *p; p++) {
		if (!isdigit((unsigned char)*p))
			return -EINVAL;
		len = len * 10 + (unsigned)(*p - '0');
	}
	if (len > (ip_is_v4(&c.addr) ? 32U : 128U))
		return -EINVAL;
	c.len = (uint8_t)len;
	c.set = true;
	*ret = c;
	return 0;
}

char *cidr_print(const struct cidr *c, char out[CIDR_TEXT])
{
	char addr[IP_TEXT];

	snprintf(out, CIDR_TEXT, "%s/%u", ip_print(&c->addr, addr), c->len);
	return out;
}

bool cidr_is_null(const struct cidr *c)
{
	return !c->set;
}

struct cidr cidr_masked(const struct cidr *c)
{
	return (struct cidr){ip_of_number(ip_number(&c->addr) & ~cidr_host_mask(c)), c->len, c->set};
}

struct ip cidr_first(const struct cidr *c)
{
	return cidr_masked(c).addr;
}

struct ip cidr_last(const struct cidr *c)
{
	return ip_of_number(ip_number(&c->addr) | cidr_host_mask(c));
}

bool cidr_has(const struct cidr *c, const struct ip *ip)
{
	struct cidr other = {*ip, c->len, true};
	struct cidr a = cidr_masked(c), b;

	if (ip_is_v4(ip) != ip_is_v4(&c->addr))
		return false;
	b = cidr_masked(&other);
	return ip_eq(&a.addr, &b.addr);
}

bool cidr_overlaps(const struct cidr *a, const struct cidr *b)
{
	struct ip a_first = cidr_first(a), b_first = cidr_first(b);

	return cidr_has(a, &b_first) || cidr_has(b, &a_first);
}

/* --- MAC addresses --- */

bool mac_is_null(const struct mac *m)
{
	return all_zero(m->b, sizeof(m->b));
}

int mac_parse(const char *s, struct mac *ret)
{
	struct mac m;

	for (int i = 0; i < 6; i++) {
		int hi = hex_digit(s[3 * i]), lo = hi < 0 ? -1 : hex_digit(s[3 * i + 1]);

		if (lo < 0 || s[3 * i + 2] != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		m.b[i] = (uint8_t)(hi << 4 | lo);
	}
	*ret = m;
	return 0;
}

char *mac_print(const struct mac *m, char out[MAC_TEXT])
{
	snprintf(out, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2], m->b[3], m->b[4],
		 m->b[5]);
	return out;
}

/* --- times --- */

char *time_print(int64_t seconds, char out[TIME_TEXT])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(out, "1970-01-01T00:00:00Z");
	return out;
}

int time_parse(const char *s, int64_t *ret_seconds)
{
	struct tm tm = {0};
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!end)
		return -EINVAL;
	if (*end == '.') {
		do
			end++;
		while (isdigit((unsigned char)*end));
	}
	if (*end == 'Z')
		end++;
	if (*end)
		return -EINVAL;
	*ret_seconds = (int64_t)timegm(&tm);
	return 0;
}
