/* What a made-up packet may be.
 * Asked by the API for what a client wants, and by the agent for what the API process says. */
#include "model/probe.h"

#include <errno.h>
#include <netinet/in.h>

#define IP_HEADER 20

static const struct header {
	uint8_t protocol, size;
	bool ports;
} headers[] = {
	{IPPROTO_ICMP, 8, false}, {IPPROTO_TCP, 20, true},    {IPPROTO_UDP, 8, true},
	{IPPROTO_SCTP, 12, true}, {IPPROTO_UDPLITE, 8, true}, {IPPROTO_DCCP, 12, true},
};

static const struct header *header_of(uint8_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (headers[i].protocol == protocol)
			return &headers[i];
	return NULL;
}

bool probe_has_ports(uint8_t protocol)
{
	const struct header *h = header_of(protocol);

	return h && h->ports;
}

uint16_t probe_length_min(uint8_t protocol)
{
	const struct header *h = header_of(protocol);

	return IP_HEADER + (h ? h->size : 0);
}

static bool is_flag(uint8_t v)
{
	return v <= 1;
}

int probe_check(const struct probe_packet *p, struct err *err)
{
	uint16_t min = probe_length_min(p->protocol);

	if (!ip_is_v4(&p->other) || ip_to_v4(&p->other) == 0)
		return err_api(err, 400, "HTTPBadRequest", "The packet's other end is an IPv4 address.");
	if (p->protocol == 0)
		return err_api(err, 400, "HTTPBadRequest", "The protocol is a number from 1 to 255.");
	if (p->ttl == 0)
		return err_api(err, 400, "HTTPBadRequest", "The TTL is a number from 1 to 255.");
	if (p->length < min || p->length > PROBE_LENGTH_MAX)
		return err_api(err, 400, "HTTPBadRequest",
			       "The length of such a packet, with its headers, is a number from %d to %d.",
			       min, PROBE_LENGTH_MAX);
	if (!probe_has_ports(p->protocol) && (p->port || p->source_port))
		return err_api(err, 400, "HTTPBadRequest", "Packets of this protocol have no ports.");
	if (!is_flag(p->do_not_fragment) || !is_flag(p->direction))
		return err_api(err, 400, "HTTPBadRequest", "The packet makes no sense.");
	return 0;
}
