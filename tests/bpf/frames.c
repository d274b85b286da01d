/* Frames as text. See frames.h. */
#include "frames.h"

#include <stdio.h>
#include <string.h>

#include "model.h"
#include "world.h"

const struct translation translations[] = {
#include "translations.inc"
};
const size_t translation_count = COUNT(translations);

size_t frames_from_hex(const char *text, uint8_t *out)
{
	size_t len = 0;
	unsigned byte = 0;
	int used = 0;

	while (sscanf(text, " %2x%n", &byte, &used) == 1) {
		out[len++] = (uint8_t)byte;
		text += used;
	}
	return len;
}

void frames_patch(uint8_t *frame, const struct patch *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (unsigned j = 0; j < changes[i].bytes; j++)
			frame[changes[i].at + j] =
				(uint8_t)(changes[i].value >> 8 * (changes[i].bytes - 1 - j));
}

void frames_put_sum(uint8_t *frame, size_t header_len)
{
	uint16_t sum;

	memset(frame + SUM, 0, 2);
	sum = model_checksum(frame + VERSION, header_len, 0);
	frame[SUM] = (uint8_t)(sum >> 8);
	frame[SUM + 1] = (uint8_t)sum;
}
