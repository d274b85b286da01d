/* clouds.yaml, clouds-public.yaml and secure.yaml as JSON trees.
 * Read by settings.c; every scalar becomes a string, so that a password of digits stays as written. */
#pragma once
#include "base/err.h"

#include <jansson.h>

/* Parses YAML text; `<<` merges. -EINVAL with the line of the mistake. */
int yaml_parse(const char *text, size_t len, json_t **ret, struct err *err);
/* The same where a key that stands twice in one mapping is a mistake: nobody says which of the two counts. */
int yaml_parse_unique(const char *text, size_t len, json_t **ret, struct err *err);
/* The entry `name` of the first clouds.yaml found (OS_CLIENT_CONFIG_FILE, ., ~/.config/openstack,
 * /etc/openstack), over its profile, under secure.yaml. With a NULL name: the only entry, when the file
 * has just one. Without a file or an entry: -ENOENT. `ret_name` is talloc'd on mem. */
int cloud_load(void *mem, const char *name, json_t **ret, char **ret_name, struct err *err);
