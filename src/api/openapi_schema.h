/* JSON schemas (draft 2020-12, as OpenAPI 3.1 has them) of the kinds that the network API serves, from
 * schema.h's tables. Used by openapi.c. */
#pragma once
#include "model/schema.h"

#include <jansson.h>

enum schema_use {
	SCHEMA_SHOW,   /* as answers have it */
	SCHEMA_CREATE, /* what a POST may and must give */
	SCHEMA_UPDATE, /* what a PUT may give */
};

/* {"$ref": "#/components/schemas/FloatingIPCreate"} */
json_t *schema_ref(const struct shape *shape, enum schema_use use);
/* All of them, by name. */
json_t *schema_components(void);
