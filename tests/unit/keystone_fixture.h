/* An API whose identity is an existing Keystone's, which the test plays.
 * Included after api_fixture.h. */
#pragma once
#include "api/identity_keystone.h"

static inline void use_keystone(struct fixture *f, const char *url)
{
	struct api_config *config = &f->api->config;
	struct err err = {0};

	identity_free(f->api->identity);
	f->api->identity = NULL;
	config->keystone = true;
	config->keystone_url = url;
	config->keystone_username = "buoy";
	config->keystone_password = "\"quoted\"";
	config->keystone_project = "service";
	config->keystone_domain = "Default";
	if (identity_new(f->api, &f->api->identity, &err) < 0)
		fail_msg("%s", err.message);
	f->api->authenticate = identity_authenticate;
}
