/* An end of a wire: frames put on it and taken from it as they are. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct wire {
	int fd;
};

/* Opens `dev` in the network namespace /run/netns/`ns` (NULL or "-": this one), promiscuous, with room for
 * many frames. 0 or a negative errno. The calling thread is in its own namespace again afterwards. */
int wire_open(const char *ns, const char *dev, struct wire *ret);
void wire_close(struct wire *w);
/* 0 or a negative errno: -EMSGSIZE: longer than the wire's MTU. */
int wire_send(const struct wire *w, const uint8_t *frame, size_t len);
/* The next frame that came in, without waiting; VLAN tags are where they were on the wire. Its length,
 * -EAGAIN when there is none, or another negative errno. */
ssize_t wire_receive(const struct wire *w, uint8_t *frame, size_t room);
/* How many frames found no room since the last call. */
unsigned wire_lost(const struct wire *w);
