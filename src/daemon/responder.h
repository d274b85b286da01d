/* The responder process: its state, which its files share. One thread. */
#pragma once
#include <uthash.h>

#include "daemon/config.h"
#include "serve/serve.h"
#include "store/follow.h"

/* A network that is served. */
struct served_link {
	UT_hash_handle hh;
	struct uuid network;
	struct mac mac; /* that answers come from */
	int fd;         /* a packet socket, bound and filtered by the agent; -1: dropped */
	struct served_link *next_dropped;
};

struct forwarder;
struct responder {
	struct follow follow;
	struct serve_settings settings;
	struct served_link *links; /* by network */
	struct served_link *dropped;
	struct forwarder *forwarder; /* responder_dns.h */
	struct publisher *publisher; /* publish.h; NULL: nothing is published */
	struct publish_settings publish;
	char secret[512];
	int epoll, agent_fd, term_fd;
	bool greeted;        /* the agent has said something */
	int64_t complain_us; /* not before: the database can not be read */
};

struct serve_at responder_at(const struct responder *r, const struct served_link *l);
/* Sends without waiting; what does not go through is lost, as on any network. */
void responder_send(const struct served_link *l, const struct datagram *d);
