/* Where the cloud is and who asks: --os-* options, OS_* variables and clouds.yaml, in that order.
 * The first step of a run; everything else asks settings_get(). */
#pragma once
#include "base/err.h"

struct call;

struct setting {
	const char *key;   /* as in clouds.yaml; the option is --os-<key>, the variable OS_<KEY> */
	const char *other; /* one more variable that is read, NULL for none */
	const char *doc;
	bool secret;
	const char *option; /* one more option, which some nouns have; NULL for none */
};

extern const struct setting setting_rows[]; /* ends with a NULL key */

struct settings;

/* Reads options (call may be NULL), environment and, where a cloud is named or nothing else says where
 * to go, clouds.yaml with secure.yaml. Talloc'd on mem. */
int settings_load(void *mem, const struct call *call, struct settings **ret, struct err *err);
/* The value of a key, NULL when nobody gave it or it is empty. */
const char *settings_get(const struct settings *s, const char *key);
/* "true", "1", "yes", "on" in any case. */
bool settings_get_bool(const struct settings *s, const char *key);
/* Name of the clouds.yaml entry in use, NULL for none. */
const char *settings_get_cloud(const struct settings *s);
