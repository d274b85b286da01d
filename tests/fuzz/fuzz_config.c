/* The configuration reader: no text crashes it.
 * Fuzz target. */
#include "daemon/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xalloc(size + 1);
	struct config c = {0};
	struct err err = {0};

	memcpy(text, data, size);
	if (config_parse(text, &c, &err) == 0)
		config_done(&c);
	return 0;
}
