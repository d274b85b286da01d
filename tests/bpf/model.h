/* The reference model: what a router with floating IPs must make of one frame.
 * Pure C without a kernel; the programs of the eBPF data path and the kernel's own path are compared with it.
 *
 * The rule. A floating IP F stands for a fixed address X, one to one, without state:
 *  - what enters by the external leg for F goes on to X; what X sends out by the external leg comes from F;
 *  - any IP protocol; the TTL falls by one; a checksum that was right is right, one that was wrong is equally
 *    wrong (RFC 1624), UDP's "none" stays none (RFC 768), and 0 is never written for UDP and UDP-Lite;
 *  - a first fragment's L4 checksum covers what is not here, and is adjusted like a wrong one; later ones
 *    have none;
 *  - ICMP errors (3, 4, 5, 11, 12: what the kernel calls errors) carry a quote. Coming in for F, with a quote
 *    whose source is F, that becomes X. Going out, with a quote whose destination is some X, that becomes F,
 *    and the error comes from F whoever sent it. The quoted header's checksum, the quoted L4 checksum where
 *    the fixed L4 header is quoted as a whole, and the ICMP checksum follow. A quote is an IPv4 header that
 *    is there as a whole; other bytes there are left alone. Errors quoted in errors are not looked into.
 *
 * Around it an IPv4 router (RFC 1812) as Linux is one with rp_filter off, source routes refused and nothing
 * but host and network in its tables: it checks the header, refuses martians, takes what is for itself,
 * answers a TTL that ends and a DF that is too large, and forwards nothing from an external leg to one.
 *
 * What is not said here: bytes behind the IP datagram (padding) may be there or not. 0x0000 and 0xffff are
 * the same number to every checksum but UDP's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_FRAME_MAX (14 + 65535 + 4)

/* Addresses are in host order throughout. */
struct model_leg {
	uint8_t mac[6];
	uint32_t address; /* the router's own, the floating IPs not among them */
	uint8_t plen;
	uint32_t mtu;  /* what may leave here. What enters is never larger: one wire, one MTU */
	bool external; /* else instances live here */
};

struct model_nat {
	uint32_t floating, fixed;
};

/* Besides the legs' own networks. */
struct model_route {
	uint32_t to, via;
	uint8_t plen;
	unsigned leg;
};

struct model_neighbour {
	uint32_t address;
	unsigned leg;
	uint8_t mac[6];
};

/* All arrays are borrowed. */
struct model_world {
	const struct model_leg *legs;
	size_t leg_count;
	const struct model_nat *nats; /* no address twice */
	size_t nat_count;
	const struct model_route *routes;
	size_t route_count;
	const struct model_neighbour *neighbours; /* who is not here does not answer ARP */
	size_t neighbour_count;
	bool snat; /* who has no floating IP leaves with the external leg's address; else not at all */
};

enum model_verdict {
	MODEL_FORWARD,  /* the bytes are seen at the leg `leg`, and nothing anywhere else */
	MODEL_NOTHING,  /* nothing is seen at any leg */
	MODEL_ROUTER,   /* not forwarded; the router keeps it, and may answer: `answer` */
	MODEL_STATEFUL, /* if forwarded, in a way that depends on connections: many to one, to a floating IP
			   from inside, to the metadata service. What leaves by an external leg has its
			   address */
	MODEL_OPEN,     /* nobody has decided, and both ways are right: `why` */
};

struct model_answer {
	uint8_t type, code; /* of ICMP. Type 0: no answer that this model foretells */
	uint32_t source;    /* of the answer; 0: an address of the router */
	uint32_t mtu;       /* fragmentation needed */
};

struct model_result {
	enum model_verdict verdict;
	const char *why; /* for people; constant text */
	/* MODEL_FORWARD */
	unsigned leg;
	size_t len;    /* of `out` */
	uint32_t left; /* if not 0: longer than this MTU, so that it is seen in fragments; `out` is the whole
			*/
	/* MODEL_ROUTER. Its quote begins with the IP header of `out` and 8 bytes: the packet as it came in,
	 * but for what Linux wipes in its options. */
	struct model_answer answer;
};

/* What becomes of `frame`, which comes in on the wire of the leg `in`. `out` has room for len + 4 bytes;
 * whatever the verdict, it then has the frame, untagged, as far as the router came with it. */
struct model_result model_translate(const struct model_world *w, unsigned in, const uint8_t *frame,
				    size_t len, uint8_t *out);

/* The Internet checksum (RFC 1071) of some bytes, as a number in host order; `start` is a sum to add. */
uint16_t model_checksum(const void *data, size_t len, uint32_t start);
/* The sum of the pseudo-header of an IPv4 header, to start with. */
uint32_t model_pseudo(const uint8_t *ip, uint8_t protocol, size_t l4_len);
