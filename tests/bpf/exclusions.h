/* What a data path may do otherwise than the model says, for reasons that are the kernel's and not ours. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exclusion_effect {
	MAY_BE_MISSING = 1, /* but what is seen is as the model says */
	L4_IS_FREE = 2,     /* some bytes of it are not compared */
	ANSWER_IS_OPEN = 4, /* the router need not answer where it should, or answers with less */
};

struct exclusion {
	const char *what, *why;
	unsigned effects; /* enum exclusion_effect */
	bool (*holds)(const uint8_t *ip, size_t len);
	size_t free_at, free_len; /* L4_IS_FREE: which, from the beginning of the L4 header; may reach beyond
				     the end */
};

struct data_path {
	const char *name;
	bool reassembles; /* fragments go through as one datagram, or not at all */
	/* What is tagged, or is not translated, takes this one; may be the same. */
	const struct data_path *others;
	const struct exclusion *exclusions;
	size_t exclusion_count;
};

/* By name: "nft" or "bpf". NULL: there is none. */
const struct data_path *data_path_find(const char *name);
/* The first exclusion with one of these effects that holds for an IP packet, as the model wants it seen.
 * NULL: none. */
const struct exclusion *data_path_exclusion(const struct data_path *path, unsigned effects, const uint8_t *ip,
					    size_t len);
