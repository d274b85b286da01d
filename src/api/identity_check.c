/* Checking and hashing secrets without blocking: what was verified lately, the throttle, then a job.
 * Between the route functions that take a secret and identity_password.c. */
#include "api/identity_int.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <talloc.h>

/* Hashing yields to everything else that the machine has to do. */
#define NICE 10

static void retry_after(struct call *c, int seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", seconds);
	http_add_header(c->req, c->resp, "Retry-After", text);
}

/* On a worker thread; the request waits, so its region is ours. */
static void check_job(struct call *c)
{
	struct check *k = c->state;

	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* of this thread; refused: as it was */
	if (k->secret && !k->good)
		k->good = password_verify(c->api->identity->passwords, k->hash, k->secret);
	if (k->wanted && (!k->secret || k->good))
		k->hashed = password_hash(c->req->region, k->wanted);
}

static int check_done(struct call *c, struct err *err)
{
	struct passwords *p = c->api->identity->passwords;
	struct check *k = c->state;

	if (k->secret) {
		throttle_note(p, k->who, c->req->peer, k->good, clock_mono_us());
		if (!k->good)
			return unauthorized(err);
		password_remember(p, &k->id, k->hash, k->secret);
		/* Only what was right: strangers who guess must not use up what the user may do. */
		if (k->payer && !c->caller.authenticated)
			hashes_note(p, k->payer, clock_mono_us());
	}
	if (k->wanted && !k->hashed)
		return err_api(err, 503, "ServiceUnavailable",
			       "There is no memory to hash a password just now");
	return k->next(c, err);
}

static int too_many(struct call *c, const char *what, int wait_s, struct err *err)
{
	retry_after(c, wait_s);
	return err_api(err, 429, "TooManyRequests", "Too many %s; try again in %d s", what, wait_s);
}

int check_run(struct call *c, struct check *k, struct err *err)
{
	struct passwords *p = c->api->identity->passwords;
	int r, wait_s;

	c->state = k;
	if (k->secret && k->hash) {
		bool fast = secret_is_fast(k->hash);

		k->good = fast ? secret_verify(k->hash, k->secret)
			       : password_recent(p, &k->id, k->hash, k->secret);
		/* What is wrong takes the same time whatever it was compared with. */
		if (fast && !k->good)
			k->hash = NULL;
		if (k->good && !k->wanted)
			return k->next(c, err);
	}
	wait_s = k->secret && !k->good ? throttle_wait(p, k->who, c->req->peer, clock_mono_us()) : 0;
	if (wait_s)
		return too_many(c, "failed attempts", wait_s, err);
	if (k->payer && (wait_s = hashes_wait(p, k->payer, clock_mono_us())))
		return too_many(c, "passwords and secrets at once", wait_s, err);
	if (k->payer && c->caller.authenticated)
		hashes_note(p, k->payer, clock_mono_us());
	r = call_job(c, check_job, check_done, err);
	if (r < 0)
		retry_after(c, 1);
	return r;
}
