/* Questions that the responder asks of other name servers for instances. */
#pragma once
#include "daemon/responder.h"

struct forwarder;

/* `upstream`: addresses with commas or blanks between them; "": those of /etc/resolv.conf, as it is at the
 * time. Events of its sockets come with a pointer that forwarder_owns tells. */
struct forwarder *forwarder_new(struct responder *r, const char *upstream);
void forwarder_free(struct forwarder *f);
/* Asks for the instance; answers it at once when that can not be. */
void forwarder_ask(struct forwarder *f, struct served_link *l, const struct datagram *asked);
bool forwarder_owns(const struct forwarder *f, const void *event);
void forwarder_read(struct forwarder *f, void *event);
/* The link goes: so does what was asked by it. */
void forwarder_forget(struct forwarder *f, const struct served_link *l);
/* Gives up what is too old. Milliseconds until there is something to give up, -1: nothing waits. */
int forwarder_tick(struct forwarder *f);
