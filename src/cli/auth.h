/* The log-in: from settings to the body of POST /v3/auth/tokens.
 * Under session.c; pure but for asking for a password on the terminal. */
#pragma once
#include "base/err.h"
#include "cli/settings.h"

#include <jansson.h>

/* The request's body, new reference. -EINVAL says what is missing and how to give it. */
int auth_make_body(const struct settings *s, json_t **ret, struct err *err);
/* Reads a password from the terminal without showing it; talloc'd on mem. */
int password_ask(void *mem, const char *prompt, char **ret, struct err *err);
/* The address with its version at the end: ("http://h:5000/", "/v3") is "http://h:5000/v3". An older or
 * the same version at the end is replaced. Talloc'd on mem. */
char *versioned_url(void *mem, const char *url, const char *version);
/* The URL of a service type in a token's catalogue, NULL when it has none. Borrowed. */
const char *catalog_find(const json_t *token, const char *type, const char *interface, const char *region);
