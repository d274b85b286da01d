/* Fuzz target: request targets. The input is taken as a path and as a query string.
 * Built with libFuzzer (option fuzz), and with replay_main.c for the ordinary tests. */
#include "api/http.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *region = talloc_new(NULL);
	char *text = talloc_strndup(region, (const char *)data, size);
	const struct http_param *params = NULL;
	const char *path = NULL;
	size_t count = 0;

	if (http_parse_query(region, text, &params, &count, NULL) == 0)
		for (size_t i = 0; i < count; i++)
			assert(strlen(params[i].key) + strlen(params[i].value) <= size);
	if (http_parse_path(region, text, &path, NULL) == 0)
		assert(path[0] == '/' && (!path[1] || path[strlen(path) - 1] != '/'));
	talloc_free(region);
	return 0;
}
