/* The data path's decisions (bpf/verdict.h) in words: names for programs, sentences for people.
 * One table for each enum, for everything that the API says about packets. Constant; any thread. */
#pragma once
#include "bpf/verdict.h"

struct words {
	const char *name;   /* for programs: "rate_in" */
	const char *text;   /* a sentence without its full stop */
	const char *advice; /* what to do about it; NULL: nothing is wrong, or nothing can be done */
	const char
		*there; /* what the router's kernel does with such a packet; NULL: it does not come there */
};

extern const struct words drop_words[DROP_REASONS];
extern const struct words verdict_words[VERDICTS];
/* Why a packet goes through the router's namespace. */
extern const struct words slow_words[SLOW_REASONS];
