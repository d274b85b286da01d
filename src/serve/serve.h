/* What instances are told by DHCP and DNS: from bytes to bytes, and a snapshot.
 *
 * Nothing is remembered: an answer follows from the network that the question came from, the MAC address in
 * it, and the rows. So a new start, or another node, gives the same answer. Pure: no sockets, no clock; every
 * byte that is read here was a stranger's. */
#pragma once
#include "model/snap.h"

struct serve_settings {
	uint32_t address; /* SERVE_ADDRESS: the server's, host order */
	uint32_t lease_s;
	const char *domain; /* of instances whose network has none, without a final dot; "": none */
};

/* Where a question came from. */
struct serve_at {
	const struct snap *snap;
	const struct serve_settings *settings;
	struct uuid network;
	struct mac mac; /* our own there */
};

#define SERVE_FRAME_MAX 1514 /* bytes of an answer */

/* --- frames (frame.c) --- */

/* A UDP datagram over IPv4 in an Ethernet frame. Ports and addresses in host order; the data is borrowed. */
struct datagram {
	struct mac from_mac, to_mac;
	uint32_t from, to;
	uint16_t from_port, to_port;
	const uint8_t *data;
	size_t len;
};

/* 0, or -EBADMSG: no such frame, cut short, a fragment, or with a wrong checksum. `partial`: the sender left
 * the UDP checksum to its network card (PACKET_AUXDATA), it is not looked at. */
int frame_read(const uint8_t *frame, size_t len, bool partial, struct datagram *ret);
/* The frame's length; 0: it has no room in SERVE_FRAME_MAX. */
size_t frame_write(const struct datagram *d, uint8_t out[SERVE_FRAME_MAX]);
/* The answer to an ARP question for our address (RFC 826); 0: it is none. */
size_t frame_answer_arp(const struct serve_at *at, const uint8_t *frame, size_t len,
			uint8_t out[SERVE_FRAME_MAX]);

/* --- DHCP (dhcp.c, RFC 2131) --- */

/* The answer to a client's message, with the datagram that carries it but for its sender's MAC address; its
 * data is in `out`. False: silence, which is what everybody gets who has no port on the network, or one that
 * is switched off. */
#define DHCP_MESSAGE_MAX 1400
bool dhcp_answer(const struct serve_at *at, const struct datagram *asked, uint8_t out[DHCP_MESSAGE_MAX],
		 struct datagram *ret);

/* --- who is who (lease.c) --- */

/* What a port is given. */
struct lease {
	const struct port *port;
	const struct network *network;
	const struct subnet *subnet;
	uint32_t address; /* host order */
};

/* The instance's port of that MAC address on the network, and the first of its IPv4 addresses in a subnet
 * with DHCP; or `wanted`, where that is the first one of another such subnet. -ENOENT. */
int lease_find(const struct serve_at *at, const struct mac *mac, uint32_t wanted, struct lease *ret);
