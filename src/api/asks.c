/* Questions that wait for an answer, and the thread that ends those that wait too long. See asks.h. */
#include "api/asks.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

struct ask {
	uint64_t id; /* 0: free */
	int64_t deadline_us;
	void (*done)(void *arg, const struct probe_answer *answer);
	void *arg;
};

struct asks {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a question came, or the end */
	struct ask list[ASKS_MAX];
	uint64_t last_id;
	bool stop;
	pthread_t timer;
	bool (*send)(const struct probe_question *q);
};

static struct ask *find(struct asks *a, uint64_t id)
{
	for (size_t i = 0; i < ASKS_MAX; i++)
		if (a->list[i].id == id)
			return &a->list[i];
	return NULL;
}

/* Takes out one that has waited long enough; false: none has. */
static bool take_late(struct asks *a, int64_t now_us, struct ask *ret)
{
	for (size_t i = 0; i < ASKS_MAX; i++) {
		if (!a->list[i].id || (!a->stop && a->list[i].deadline_us > now_us))
			continue;
		*ret = a->list[i];
		a->list[i] = (struct ask){0};
		return true;
	}
	return false;
}

static void sleep_to_deadline(struct asks *a)
{
	int64_t deadline = INT64_MAX;
	struct timespec ts;

	for (size_t i = 0; i < ASKS_MAX; i++)
		if (a->list[i].id)
			deadline = MIN(deadline, a->list[i].deadline_us);
	if (deadline == INT64_MAX) {
		pthread_cond_wait(&a->changed, &a->lock);
		return;
	}
	ts = (struct timespec){deadline / 1000000, deadline % 1000000 * 1000};
	pthread_cond_timedwait(&a->changed, &a->lock, &ts);
}

static void end_late(struct asks *a)
{
	struct ask late;

	while (take_late(a, clock_mono_us(), &late)) {
		pthread_mutex_unlock(&a->lock);
		late.done(late.arg, NULL);
		pthread_mutex_lock(&a->lock);
	}
}

static void *timer_main(void *arg)
{
	struct asks *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		sleep_to_deadline(a);
		end_late(a);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

int asks_new(bool (*send)(const struct probe_question *q), struct asks **ret, struct err *err)
{
	struct asks *a = xalloc(sizeof(*a));
	pthread_condattr_t attr;
	int r;

	a->send = send;
	/* An agent may still answer what an API process before this one has asked. */
	a->last_id = (uint64_t)clock_now_us();
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->changed, &attr);
	pthread_condattr_destroy(&attr);
	r = pthread_create(&a->timer, NULL, timer_main, a);
	if (r) {
		pthread_cond_destroy(&a->changed);
		pthread_mutex_destroy(&a->lock);
		free(a);
		return err_set(err, -r, "cannot start a thread: %s", strerror(r));
	}
	*ret = a;
	return 0;
}

void asks_free(struct asks *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	end_late(a);
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->timer, NULL);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

int asks_put(struct asks *a, struct probe_question *q, int64_t deadline_us,
	     void (*done)(void *arg, const struct probe_answer *answer), void *arg, struct err *err)
{
	struct ask *free_one;
	bool sent = false;

	pthread_mutex_lock(&a->lock);
	free_one = a->stop ? NULL : find(a, 0);
	if (free_one) {
		q->id = ++a->last_id;
		*free_one = (struct ask){q->id, deadline_us, done, arg};
		/* Under the lock: the answer finds its question. */
		sent = a->send(q);
		if (!sent)
			*free_one = (struct ask){0};
	}
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return sent ? 0
		    : err_api(err, 503, "ServiceUnavailable",
			      free_one ? "The agent is busy; try again."
				       : "Too many ask already; try again.");
}

void asks_answer(struct asks *a, const struct probe_answer *answer)
{
	struct ask *found, taken = {0};

	if (!answer->id)
		return;
	pthread_mutex_lock(&a->lock);
	found = find(a, answer->id);
	if (found) {
		taken = *found;
		*found = (struct ask){0};
	}
	pthread_mutex_unlock(&a->lock);
	if (taken.id)
		taken.done(taken.arg, answer);
}
