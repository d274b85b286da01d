/* The rows of a host that is its own router, made sure of at the start of the API process. */
#pragma once
#include "api/api.h"

/* What [nova_network] says. */
struct nova_network {
	const char *pool, *public_physical;         /* the external network */
	const char *fixed_network, *fixed_physical; /* the instances' network */
	struct cidr range;                          /* its subnet */
	struct ip gateway;                          /* the host's address there */
	const char *router;
	const char *floating; /* a range that the pool gets unless it has it; NULL: none */
};

/* Makes the networks, the subnet and the router that are missing, and gives those that are there the names
 * and the gateway that are wanted, all in one transaction; nothing changes when all is as it should be. They
 * are the project's "admin", or the first administrator's. -EAGAIN: nobody administers yet, so that nothing
 * was made. -EEXIST: something else is in the way; the error says what. */
int nova_network_ensure(struct api *api, const struct nova_network *want, struct err *err);
