/* What serve.c and serve_socket.c share. */
#pragma once
#include "kernel/kernel.h"

/* A packet socket on the bridge that receives what instances ask DHCP, DNS and ARP of SERVE_ADDRESS, and
 * nothing else. The thread is in the host's namespace. Its descriptor, or negative errno. */
int serve_open_socket(int ifindex, struct err *err);
/* One message to the responder; -EAGAIN when it has not read the ones before. `fd`: -1: none goes along. */
int serve_send(int channel, const struct serve_message *m, int fd);
