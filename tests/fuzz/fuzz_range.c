/* Fuzz target: ranges of floating IPs, and the patterns of the servers' list. The input is a range, or a
 * pattern and, behind a newline, a text. What is accepted must make sense; nothing may take long. */
#include "api/compute.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size), *newline = strchr(text, '\n');
	struct compute_range range;
	struct err err = {0};

	if (newline)
		*newline = '\0';
	if (compute_range_parse(text, &range, &err) == 0) {
		assert(ip_is_v4(&range.first) && ip_is_v4(&range.last));
		assert(cidr_has(&range.cidr, &range.first) && cidr_has(&range.cidr, &range.last));
		assert(ip_range_count(&range.first, &range.last) >= 1);
		assert(ip_range_count(&range.first, &range.last) < 1000000);
	} else {
		assert(err.status == 400 && err.message[0]);
	}
	if (newline)
		compute_matches(text, newline + 1);
	/* A pattern without special characters is found in itself. */
	if (strlen(text) < 200 && !strpbrk(text, "^$*."))
		assert(compute_matches(text, text));
	talloc_free(text);
	return 0;
}
