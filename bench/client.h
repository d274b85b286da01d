/* A small HTTP client for measuring: one kept-alive connection, one request at a time.
 * Under load.c, mixed.c and echo.c; it adds as little as possible to what is measured. */
#pragma once
#include "base/util.h"

struct client {
	int fd;
	char *buf; /* the last answer, NUL-terminated; owned */
	size_t cap, len;
	const char *body; /* inside buf */
};

/* Connects; a negative errno when nobody listens there. */
int client_try_open(struct client *c, const char *host, const char *port);
/* Connects, or ends the program. */
void client_open(struct client *c, const char *host, const char *port);
void client_close(struct client *c);
/* Sends one request and reads its answer; the token may be NULL, the body "". Returns the status; a
 * negative errno when the connection broke. */
int client_ask(struct client *c, const char *method, const char *path, const char *token, const char *body);
