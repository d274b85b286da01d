/* Talking to an existing Keystone.
 * Between identity_keystone.c, which caches, and the network. */
#pragma once
#include "api/identity_int.h"

struct keystone_client;

enum keystone_verdict {
	KEYSTONE_GOOD,
	KEYSTONE_BAD,  /* Keystone does not know the token */
	KEYSTONE_DOWN, /* it did not answer, or not in a way that can be understood */
};

/* What Keystone says about a token; strings are malloc'd, and NULL where it says nothing. */
struct keystone_user {
	char *user_id, *user_name, *project_id, *project_name, *domain_id;
	char **roles;
	size_t role_count;
	int64_t expires_us; /* wall clock */
};
void keystone_user_done(struct keystone_user *u);

int keystone_client_new(const struct api_config *config, struct keystone_client **ret, struct err *err);
void keystone_client_free(struct keystone_client *c);
/* Any thread; blocks for some seconds at most. Fills *ret when the token is good. */
enum keystone_verdict keystone_client_ask(struct keystone_client *c, const char *token,
					  struct keystone_user *ret);
/* Reads the body of Keystone's answer; -EBADMSG when it can not be one. Pure: the fuzzers call it. */
int keystone_user_parse(const char *text, size_t len, struct keystone_user *ret);
