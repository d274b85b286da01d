/* A stub is a few instructions of its own for each attachment: it says where it is and jumps to the program
 * of its role. What it says is read back from its instructions, so that the kernel alone is the memory of
 * what is attached where. The stubs' answer for what is not theirs is TC_ACT_UNSPEC: other filters at the
 * device go on as if they were not there. One thread: the agent's. */
#pragma once
#include "kernel/express.h"

struct stub {
	uint32_t cb[CBS];
	uint32_t program;
};

/* A role has at most so many at a device: one, or one for each direction. */
#define STUB_PLACES 2

/* Puts those of one role at a device; `what` says where it is, its program is the role's. In the order in
 * which they must come: the way out first. */
int stub_attach(struct kernel_linux *k, struct netns *ns, const struct link_info *link, enum hook_role role,
		const struct stub *what, struct err *err);
/* The way in first. */
int stub_detach(struct kernel_linux *k, struct netns *ns, const struct link_info *link, enum hook_role role,
		struct err *err);
/* The stub of one place of a role; false: there is none. Another build's, of another layout or for another
 * program, has program PROGRAMS: it is to be replaced. */
bool stub_look(struct kernel_linux *k, struct netns *ns, int ifindex, enum hook_role role, size_t which,
	       struct stub *ret);
