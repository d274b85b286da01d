/* What instances are called in DNS: the API shows it, the responder answers with it.
 * Pure; any thread. */
#pragma once
#include "model/schema.h"

#define DNS_NAME_TEXT 512 /* bytes with the NUL of a host's name and its domain */

/* Checks a name or domain (RFC 1123, 2.1): labels of letters, digits and hyphens. A final dot makes it a
 * whole one. -EINVAL with the reason in the words of an API answer, behind "Reason: ". "" is fine. */
int names_check(const char *text, struct err *err);

/* The domain that the port's names end in, without a final dot: the port's, the network's, or `domain`. The
 * network may be NULL. */
const char *names_domain(const struct port *port, const struct network *network, const char *domain,
			 char out[DNS_NAME_TEXT]);
/* What the address is called: the port's dns_name, as it was given, or "host-10-0-0-5". */
const char *names_host(const struct port *port, const struct ip *ip, char out[DNS_NAME_TEXT]);
/* Both together, with a final dot: "web1.cloud.example.". */
const char *names_whole(const struct port *port, const struct network *network, const struct ip *ip,
			const char *domain, char out[DNS_NAME_TEXT]);
/* The address in "host-10-0-0-5", also in front of a dot; -EINVAL. IPv4 only. */
int names_parse_host(const char *label, struct ip *ret);
