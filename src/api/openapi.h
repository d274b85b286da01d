/* The API's description, OpenAPI 3.1, printed from the tables that the API itself is made of.
 *
 * Every route below /v2.0 is in it, and those of the service itself. What the generic verbs serve is
 * described by the kind's schema: attributes with their types, bounds, defaults and rights, filters, paging.
 * Any other route says what it is in its row (`about`), and may have a JSON schema of its body and its
 * answer. https://spec.openapis.org/oas/v3.1.0 */
#pragma once
#include "api/api.h"

/* A route's function: GET /openapi.json. */
int openapi_show(struct call *c, struct err *err);
