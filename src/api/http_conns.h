/* The open connections and how long each may still take. Private to the HTTP server.
 *
 * The library's own timeout starts anew with each byte, so a client that sends one byte a second would be
 * kept for ever. Here a connection is in one phase, a phase has one deadline, and a thread shuts down what
 * has passed it. When the table is nearly full, the connection that has been without a complete request for
 * longest makes room for each new one: ten thousand silent connections cannot keep a working client out,
 * because a working client completes its request sooner than they are pushed out. */
#pragma once
#include "base/err.h"

struct conns;
struct conn;

enum conn_phase {
	CONN_IDLE,      /* no request yet, or none since the last answer */
	CONN_RECEIVING, /* from the request line to the last byte of the body */
	CONN_HANDLING,  /* the server's turn: no deadline */
	CONN_SENDING,   /* the client takes the answer */
	CONN_STREAMING, /* the answer has no end yet; http_stream.c watches it */
	CONN_CLOSING,   /* shut down by us, the library has not noticed yet */
};

struct conns_config {
	unsigned max;     /* the library refuses to accept beyond this */
	unsigned threads; /* server threads, each of which has its share of `max` */
	int64_t idle_us, request_us;
};

/* Starts the thread that watches the deadlines. */
int conns_new(const struct conns_config *config, struct conns **ret, struct err *err);
/* After the last conns_del. */
void conns_free(struct conns *c);
unsigned conns_count(struct conns *c);

/* Any thread. The descriptor is borrowed and must stay open until conns_del returns. */
struct conn *conns_add(struct conns *c, int fd);
void conns_del(struct conns *c, struct conn *conn);
/* Enters a phase; its deadline starts. `bytes`: size of the answer for CONN_SENDING, else 0. */
void conns_enter(struct conns *c, struct conn *conn, enum conn_phase phase, size_t bytes);
