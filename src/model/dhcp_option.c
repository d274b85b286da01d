/* DHCPv4 options by name and number, and their values from text.
 * Between the API, which checks, and the responder, which sends. */
#include "model/dhcp_option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model/value.h"

enum form {
	FORM_GUESS, /* addresses, bytes in hexadecimal, a number, or else text */
	FORM_TEXT,
	FORM_ADDRESSES, /* one or several addresses, with commas between them; IPv6 ones are not sent */
	FORM_U8,
	FORM_U16,
	FORM_U32,
	FORM_S32,
	FORM_ROUTES,  /* "10.0.0.0/8,10.0.0.1,..." (RFC 3442) */
	FORM_DOMAINS, /* "a.example,b.example" (RFC 3397) */
};

struct option {
	uint8_t number;
	enum form form;
	const char *name;
};

static const struct option options[] = {
	{1, FORM_ADDRESSES, "netmask"},
	{2, FORM_S32, "time-offset"},
	{3, FORM_ADDRESSES, "router"},
	{4, FORM_ADDRESSES, "time-server"},
	{6, FORM_ADDRESSES, "dns-server"},
	{7, FORM_ADDRESSES, "log-server"},
	{9, FORM_ADDRESSES, "lpr-server"},
	{12, FORM_TEXT, "hostname"},
	{13, FORM_U16, "boot-file-size"},
	{15, FORM_TEXT, "domain-name"},
	{16, FORM_ADDRESSES, "swap-server"},
	{17, FORM_TEXT, "root-path"},
	{18, FORM_TEXT, "extension-path"},
	{19, FORM_U8, "ip-forward-enable"},
	{20, FORM_U8, "non-local-source-routing"},
	{21, FORM_ADDRESSES, "policy-filter"},
	{22, FORM_U16, "max-datagram-reassembly"},
	{23, FORM_U8, "default-ttl"},
	{26, FORM_U16, "mtu"},
	{27, FORM_U8, "all-subnets-local"},
	{28, FORM_ADDRESSES, "broadcast"},
	{31, FORM_U8, "router-discovery"},
	{32, FORM_ADDRESSES, "router-solicitation"},
	{33, FORM_ADDRESSES, "static-route"},
	{34, FORM_U8, "trailer-encapsulation"},
	{35, FORM_U32, "arp-timeout"},
	{36, FORM_U8, "ethernet-encap"},
	{37, FORM_U8, "tcp-ttl"},
	{38, FORM_U32, "tcp-keepalive"},
	{40, FORM_TEXT, "nis-domain"},
	{41, FORM_ADDRESSES, "nis-server"},
	{42, FORM_ADDRESSES, "ntp-server"},
	{43, FORM_GUESS, "vendor-encap"},
	{44, FORM_ADDRESSES, "netbios-ns"},
	{45, FORM_ADDRESSES, "netbios-dd"},
	{46, FORM_U8, "netbios-nodetype"},
	{47, FORM_TEXT, "netbios-scope"},
	{48, FORM_ADDRESSES, "x-windows-fs"},
	{49, FORM_ADDRESSES, "x-windows-dm"},
	{51, FORM_U32, "lease-time"},
	{58, FORM_U32, "T1"},
	{59, FORM_U32, "T2"},
	{60, FORM_TEXT, "vendor-class"},
	{64, FORM_TEXT, "nis+-domain"},
	{65, FORM_ADDRESSES, "nis+-server"},
	{66, FORM_TEXT, "tftp-server"},
	{66, FORM_TEXT, "tftp-server-name"},
	{67, FORM_TEXT, "bootfile-name"},
	{67, FORM_TEXT, "boot-file-name"},
	{68, FORM_ADDRESSES, "mobile-ip-home"},
	{69, FORM_ADDRESSES, "smtp-server"},
	{70, FORM_ADDRESSES, "pop3-server"},
	{71, FORM_ADDRESSES, "nntp-server"},
	{74, FORM_ADDRESSES, "irc-server"},
	{100, FORM_TEXT, "posix-timezone"},
	{101, FORM_TEXT, "tzdb-timezone"},
	{119, FORM_DOMAINS, "domain-search"},
	{121, FORM_ROUTES, "classless-static-route"},
	{150, FORM_ADDRESSES, "tftp-server-address"},
	{249, FORM_ROUTES, "ms-classless-static-route"},
};

/* What makes a message a message, or says who the client is. */
static const uint8_t reserved[] = {0, 50, 52, 53, 54, 55, 56, 57, 61, 82, 255};

static int parse_number(const char *text, long max, long *ret)
{
	char *end;

	errno = 0;
	*ret = strtol(text, &end, 10);
	return errno || end == text || *end || *ret > max ? -EINVAL : 0;
}

int dhcp_option_number(const char *name)
{
	long number;

	if (strncasecmp(name, "option:", 7) == 0)
		name += 7;
	if (strcasecmp(name, "server-ip-address") == 0)
		return DHCP_OPTION_SIADDR;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcasecmp(options[i].name, name) == 0)
			return options[i].number;
	if (parse_number(name, 255, &number) < 0 || number < 0)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (reserved[i] == number)
			return -EPERM;
	return (int)number;
}

static enum form form_of(int number)
{
	if (number == DHCP_OPTION_SIADDR)
		return FORM_ADDRESSES;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].number == number)
			return options[i].form;
	return FORM_GUESS;
}

/* --- values --- */

/* The next of the texts between commas, without blanks around it: false at the end, -1 as its length when it
 * has no place in `out`. */
static bool next_part(const char **at, char out[128], int *ret_len)
{
	size_t n;

	*at += strspn(*at, ", ");
	if (!**at)
		return false;
	n = strcspn(*at, ", ");
	*ret_len = n < 128 ? (int)n : -1;
	if (n < 128) {
		memcpy(out, *at, n);
		out[n] = '\0';
	}
	*at += n;
	return true;
}

static int parse_v4(const char *text, uint8_t out[4])
{
	struct ip ip;
	uint32_t v4;

	if (ip_parse(text, &ip) < 0 || !ip_is_v4(&ip))
		return -EINVAL;
	v4 = ip_to_v4(&ip);
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v4 >> (24 - 8 * i));
	return 0;
}

static int put_addresses(const char *value, uint8_t *out)
{
	char part[128];
	int len, n = 0;

	while (next_part(&value, part, &len)) {
		struct ip ip;

		if (len < 0 || n + 4 > DHCP_OPTION_MAX || ip_parse(part, &ip) < 0)
			return -EINVAL;
		if (parse_v4(part, out + n) == 0)
			n += 4;
	}
	return n;
}

static int put_routes(const char *value, uint8_t *out)
{
	char part[128];
	int len, n = 0;

	while (next_part(&value, part, &len)) {
		struct cidr c;
		struct ip plain;
		int octets;

		if (len < 0 || n + 9 > DHCP_OPTION_MAX)
			return -EINVAL;
		if (ip_parse(part, &plain) == 0)
			c = (struct cidr){plain, 32, true};
		else if (cidr_parse(part, &c) < 0)
			return -EINVAL;
		if (!ip_is_v4(&c.addr) || c.len > 32)
			return -EINVAL;
		octets = (c.len + 7) / 8;
		out[n++] = c.len;
		c = cidr_masked(&c);
		memcpy(out + n, c.addr.b + 12, (size_t)octets);
		n += octets;
		if (!next_part(&value, part, &len) || len < 0 || parse_v4(part, out + n) < 0)
			return -EINVAL;
		n += 4;
	}
	return n;
}

static int put_integer(const char *value, int bytes, bool is_signed, uint8_t *out)
{
	long max = (1L << (8 * bytes - (is_signed ? 1 : 0))) - 1, n;

	if (parse_number(value, max, &n) < 0 || n < (is_signed ? -max - 1 : 0))
		return -EINVAL;
	for (int i = 0; i < bytes; i++)
		out[i] = (uint8_t)((unsigned long)n >> (8 * (bytes - 1 - i)));
	return bytes;
}

static int put_text(const char *value, uint8_t *out)
{
	size_t n = strlen(value);

	if (n > DHCP_OPTION_MAX)
		return -EINVAL;
	memcpy(out, value, n);
	return (int)n;
}

/* Each name as DNS writes it, uncompressed. */
static int put_domains(const char *value, uint8_t *out)
{
	char part[128];
	int len, n = 0;

	while (next_part(&value, part, &len)) {
		const char *label = part;

		if (len < 0 || n + len + 2 > DHCP_OPTION_MAX)
			return -EINVAL;
		while (*label) {
			size_t size = strcspn(label, ".");

			if (size == 0 || size > 63)
				return -EINVAL;
			out[n++] = (uint8_t)size;
			memcpy(out + n, label, size);
			n += (int)size;
			label += size + (label[size] == '.');
		}
		out[n++] = 0;
	}
	return n;
}

static int put_hex(const char *value, uint8_t *out)
{
	int n = 0;

	if (!strchr(value, ':'))
		return -EINVAL;
	for (const char *p = value; n < DHCP_OPTION_MAX; p += 3, n++) {
		int high = hex_digit(p[0]), low = high < 0 ? -1 : hex_digit(p[1]);

		if (low < 0)
			return -EINVAL;
		out[n] = (uint8_t)(high << 4 | low);
		if (!p[2])
			return n + 1;
		if (p[2] != ':')
			return -EINVAL;
	}
	return -EINVAL;
}

static int put_guess(const char *value, uint8_t *out)
{
	long number;
	int n = *value ? put_addresses(value, out) : 0;

	if (n < 0)
		n = put_hex(value, out);
	if (n < 0 && parse_number(value, UINT32_MAX, &number) == 0 && number >= 0)
		n = put_integer(value, number < 256 ? 1 : number < 65536 ? 2 : 4, false, out);
	return n < 0 ? put_text(value, out) : n;
}

static int put_value(enum form form, const char *value, uint8_t *out)
{
	switch (form) {
	case FORM_GUESS:
		return put_guess(value, out);
	case FORM_TEXT:
		return put_text(value, out);
	case FORM_ADDRESSES:
		return put_addresses(value, out);
	case FORM_U8:
		return put_integer(value, 1, false, out);
	case FORM_U16:
		return put_integer(value, 2, false, out);
	case FORM_U32:
		return put_integer(value, 4, false, out);
	case FORM_S32:
		return put_integer(value, 4, true, out);
	case FORM_ROUTES:
		return put_routes(value, out);
	case FORM_DOMAINS:
		return put_domains(value, out);
	}
	return -EINVAL;
}

int dhcp_option_encode(int number, const char *value, uint8_t out[DHCP_OPTION_MAX], struct err *err)
{
	static const char *const forms[] = {
		[FORM_GUESS] = "at most 1024 bytes",
		[FORM_TEXT] = "text of at most 1024 bytes",
		[FORM_ADDRESSES] = "IP addresses with commas between them",
		[FORM_U8] = "a number from 0 to 255",
		[FORM_U16] = "a number from 0 to 65535",
		[FORM_U32] = "a number from 0 to 4294967295",
		[FORM_S32] = "a number",
		[FORM_ROUTES] = "prefixes and next hops by turns, with commas between them",
		[FORM_DOMAINS] = "domain names with commas between them",
	};
	enum form form = form_of(number);
	int n = put_value(form, value, out);

	if (number == DHCP_OPTION_SIADDR && n > 4)
		n = -EINVAL;
	return n < 0 ? err_set(err, -EINVAL, "must be %s", forms[form]) : n;
}
