/* DHCPv4 options that a port may be given: their names, as dnsmasq has them, numbers and forms (RFC 2132 and
 * the IANA registry). The API checks with it what is accepted, the responder builds with it what is sent.
 * Pure; any thread. */
#pragma once
#include "base/err.h"

/* In the place of a number: the address in the header that a boot loader loads from (RFC 2131, siaddr). */
#define DHCP_OPTION_SIADDR 256
#define DHCP_OPTION_MAX    1024 /* bytes that one option may have; it is cut into pieces of 255 (RFC 3396) */

/* The number of "router", "3" or "option:3". -ENOENT: no such option; -EPERM: one that the protocol itself
 * uses, which is not to be set. */
int dhcp_option_number(const char *name);
/* Writes the option's data, at most DHCP_OPTION_MAX bytes; their count may be 0: the option is not to be
 * sent. -EINVAL, with the reason, when the value has not the option's form. */
int dhcp_option_encode(int number, const char *value, uint8_t out[DHCP_OPTION_MAX], struct err *err);
