/* What config.c and the section [nova_network] share.
 * Private to the configuration reader. */
#pragma once
#include "daemon/config.h"

void config_add_physical(struct config *c, const char *name, enum physical_type type, const char *device);
/* Checks the section and derives what follows from it: physical networks that nobody named, the addresses,
 * what the API and the planner are told. Before the names of the physical networks are handed out. */
int config_derive_nova(struct config *c, struct err *err);
