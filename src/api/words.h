/* The data path's decisions (bpf/verdict.h) in words: names for programs, sentences for people.
 * One table for each enum, for everything that the API says about packets. Constant; any thread. */
#pragma once
#include "bpf/verdict.h"

struct words {
	const char *name;   /* for programs: "rate_in" */
	const char *text;   /* a sentence without its full stop */
	const char *advice; /* what to do about it; NULL: nothing is wrong, or nothing can be done */
};

extern const struct words drop_words[DROP_REASONS];
