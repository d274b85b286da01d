/* The data paths, and where they may differ from the model. See exclusions.h. */
#include "exclusions.h"

#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17, DCCP = 33, GRE = 47, SCTP = 132, UDPLITE = 136 };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t l4_at(const uint8_t *ip)
{
	return (ip[0] & 15) * 4U;
}

static bool is_icmp_error(const uint8_t *ip, size_t len)
{
	static const bool error[256] = {[3] = true, [4] = true, [5] = true, [11] = true, [12] = true};

	return ip[9] == ICMP && len > l4_at(ip) && error[ip[l4_at(ip)]];
}

static bool is_cut_off(const uint8_t *ip, size_t len)
{
	static const uint8_t size[256] = {[TCP] = 20, [UDP] = 8, [UDPLITE] = 8, [GRE] = 8};

	return len < l4_at(ip) + size[ip[9]];
}

/* An ICMP error about one of the next. */
static bool is_about_odd(const uint8_t *ip, size_t len)
{
	const uint8_t *quote = ip + l4_at(ip) + 8;
	size_t left = len - l4_at(ip) - 8;

	if (!is_icmp_error(ip, len) || len < l4_at(ip) + 8 + 20)
		return false;
	return quote[9] == DCCP || quote[9] == SCTP || is_cut_off(quote, left);
}

static bool is_sctp(const uint8_t *ip, size_t len)
{
	return ip[9] == SCTP;
}

static bool is_strange_gre(const uint8_t *ip, size_t len)
{
	return ip[9] == GRE && len >= l4_at(ip) + 2 && ip[l4_at(ip) + 1] & 7;
}

static bool is_dccp(const uint8_t *ip, size_t len)
{
	return ip[9] == DCCP;
}

/* UDP's length, or UDP-Lite's coverage, is more than is there, or less than a header; UDP-Lite without
 * checksum. */
static bool is_bad_udp(const uint8_t *ip, size_t len)
{
	const uint8_t *p = ip + l4_at(ip);
	size_t said = (size_t)(p[4] << 8 | p[5]);

	if (ip[9] == UDPLITE && !(p[6] | p[7]))
		return true;
	if (ip[9] == UDPLITE && said == 0)
		return false;
	return said < 8 || said > len - l4_at(ip);
}

/* Conntrack calls it invalid, or may do so for what came before, or NAT drops it. */
static bool may_be_invalid(const uint8_t *ip, size_t len)
{
	static const bool request[256] = {[8] = true, [13] = true, [15] = true, [17] = true};

	if (ip[9] == ICMP)
		return len < l4_at(ip) + 8 || !request[ip[l4_at(ip)]];
	if (ip[9] == TCP || ip[9] == SCTP || is_cut_off(ip, len) || is_strange_gre(ip, len))
		return true;
	return (ip[9] == UDP || ip[9] == UDPLITE) && is_bad_udp(ip, len);
}

/* What NAT does not translate in a quote, or drops. */
static bool is_hard_to_quote(const uint8_t *ip, size_t len)
{
	return ip[9] == DCCP || ip[9] == GRE || is_cut_off(ip, len);
}

static const struct exclusion of_nft[] = {
	{"errors about SCTP, DCCP, and half a header", "of quoted headers the same holds as of others, below",
	 MAY_BE_MISSING | L4_IS_FREE, is_about_odd, 0, SIZE_MAX},
	{"ICMP errors", "dropped when conntrack does not know the flow; redirects and wrong checksums always",
	 MAY_BE_MISSING, is_icmp_error, 0, 0},
	{"half a header",
	 "dropped when NAT or nft can not write to what is not there; else a checksum may be adjusted",
	 MAY_BE_MISSING | L4_IS_FREE, is_cut_off, 16, 2},
	{"GRE of other versions than 0", "NAT knows PPTP's, and drops what it does not know", MAY_BE_MISSING,
	 is_strange_gre, 0, 0},
	{"SCTP checksums", "NAT writes them anew, so that a wrong one becomes right", L4_IS_FREE, is_sctp, 8,
	 4},
	{"DCCP checksums", "Linux has no DCCP any more since 6.16, and NAT leaves its checksum alone",
	 L4_IS_FREE, is_dccp, 6, 2},
	{"answers about what is invalid", "they would quote the fixed IP, which nobody could undo: not made",
	 ANSWER_IS_OPEN, may_be_invalid, 0, 0},
};

static const struct exclusion of_bpf[] = {
	{"answers about DCCP, GRE, and half a header",
	 "after a tagged frame, conntrack knows the flow, and NAT sees to them", ANSWER_IS_OPEN,
	 is_hard_to_quote, 0, 0},
};

static const struct data_path paths[] = {
	{"nft", true, &paths[0], of_nft, COUNT(of_nft)},
	{"bpf", false, &paths[0], of_bpf, COUNT(of_bpf)},
};

const struct data_path *data_path_find(const char *name)
{
	for (size_t i = 0; i < COUNT(paths); i++)
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	return NULL;
}

const struct exclusion *data_path_exclusion(const struct data_path *path, unsigned effects, const uint8_t *ip,
					    size_t len)
{
	for (size_t i = 0; i < path->exclusion_count; i++)
		if (path->exclusions[i].effects & effects && path->exclusions[i].holds(ip, len))
			return &path->exclusions[i];
	return NULL;
}
