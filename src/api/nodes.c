/* The nodes' latest reports, and who waits for what they will say.
 * Fed by the daemon's socket to the agents; asked by hooks (status), by replies that wait, by metrics. */
#include "api/nodes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

struct node {
	char *name;
	bool alive;
	int64_t heartbeat_us, started_us;
	uint64_t applied;
	bool express;
	struct node_failure *failures; /* sorted by row; texts are owned */
	size_t failure_count;
	struct uuid *plugged; /* sorted */
	size_t plugged_count;
	struct node_verified *verified; /* sorted */
	size_t verified_count;
	struct node_healed *healed;
	size_t healed_count;
	struct node_traffic *traffic;
	size_t traffic_count;
	struct node *next;
};

struct node_waiter {
	uint64_t revision;
	int64_t deadline_us;
	void (*done)(void *arg);
	void *arg;
	struct node_waiter *prev, *next;
};

struct nodes {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a waiter came, or the end */
	struct node *list;
	struct node_waiter *waiters;
	bool stop;
	pthread_t timer;
	uint64_t version;
	pthread_mutex_t watching; /* the two below, and their call; never taken inside `lock` */
	void (*watch)(void *arg, bool traffic);
	void *watch_arg;
};

/* --- waiting --- */

static bool all_applied(const struct nodes *n, uint64_t revision)
{
	for (const struct node *node = n->list; node; node = node->next)
		if (node->alive && node->applied < revision)
			return false;
	return true;
}

/* Takes out who has waited enough; the caller runs them without the lock. */
static struct node_waiter *take_ready(struct nodes *n, int64_t now)
{
	struct node_waiter *w, *next, *ready = NULL;

	DL_FOREACH_SAFE(n->waiters, w, next)
	{
		if (!n->stop && w->deadline_us > now && !all_applied(n, w->revision))
			continue;
		DL_DELETE(n->waiters, w);
		DL_APPEND(ready, w);
	}
	return ready;
}

static void run_ready(struct node_waiter *ready)
{
	struct node_waiter *w, *next;

	DL_FOREACH_SAFE(ready, w, next)
	{
		w->done(w->arg);
		free(w);
	}
}

static void unlock_and_run(struct nodes *n)
{
	struct node_waiter *ready = n->waiters ? take_ready(n, clock_mono_us()) : NULL;

	pthread_mutex_unlock(&n->lock);
	run_ready(ready);
}

/* Sleeps until the next deadline, or until there is one. */
static void sleep_to_deadline(struct nodes *n)
{
	int64_t deadline = INT64_MAX;
	struct node_waiter *w;
	struct timespec ts;

	DL_FOREACH(n->waiters, w)
	deadline = MIN(deadline, w->deadline_us);
	if (deadline == INT64_MAX) {
		pthread_cond_wait(&n->changed, &n->lock);
		return;
	}
	ts = (struct timespec){deadline / 1000000, deadline % 1000000 * 1000};
	pthread_cond_timedwait(&n->changed, &n->lock, &ts);
}

static void *timer_main(void *arg)
{
	struct nodes *n = arg;

	pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		sleep_to_deadline(n);
		unlock_and_run(n);
		pthread_mutex_lock(&n->lock);
	}
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

void nodes_wait(struct nodes *n, uint64_t revision, int64_t deadline_us, void (*done)(void *arg), void *arg)
{
	struct node_waiter *w;

	pthread_mutex_lock(&n->lock);
	if (all_applied(n, revision)) {
		pthread_mutex_unlock(&n->lock);
		done(arg);
		return;
	}
	w = xalloc(sizeof(*w));
	*w = (struct node_waiter){.revision = revision, .deadline_us = deadline_us, .done = done, .arg = arg};
	/* The timer sleeps towards the first deadline; most come in order, so it need not be woken for each.
	 */
	if (!n->waiters || deadline_us < n->waiters->deadline_us)
		pthread_cond_signal(&n->changed);
	DL_APPEND(n->waiters, w);
	pthread_mutex_unlock(&n->lock);
}

/* --- reports --- */

static int cmp_failure(const void *a, const void *b)
{
	return uuid_cmp(&((const struct node_failure *)a)->row, &((const struct node_failure *)b)->row);
}

static int cmp_uuid(const void *a, const void *b)
{
	return uuid_cmp(a, b);
}

static void free_failures(struct node_failure *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)(uintptr_t)list[i].fact);
		free((char *)(uintptr_t)list[i].why);
	}
	free(list);
}

static void *copy(const void *items, size_t count, size_t size)
{
	void *to = count ? xalloc(count * size) : NULL;

	if (to)
		memcpy(to, items, count * size);
	return to;
}

static struct node_failure *copy_failures(const struct node_failure *list, size_t count)
{
	struct node_failure *to = copy(list, count, sizeof(*to));

	for (size_t i = 0; i < count; i++) {
		to[i].fact = xstrdup(list[i].fact ? list[i].fact : "");
		to[i].why = xstrdup(list[i].why ? list[i].why : "");
	}
	if (count)
		qsort(to, count, sizeof(*to), cmp_failure);
	return to;
}

static struct node *node_get(struct nodes *n, const char *name)
{
	struct node *node, **at = &n->list;

	LL_FOREACH(n->list, node)
	if (strcmp(node->name, name) == 0)
		return node;
	node = xalloc(sizeof(*node));
	node->name = xstrdup(name);
	while (*at && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	node->next = *at;
	*at = node;
	return node;
}

static bool same_failures(const struct node *node, const struct node_report *r)
{
	if (node->failure_count != r->failure_count)
		return false;
	for (size_t i = 0; i < r->failure_count; i++) {
		const struct node_failure *f = bsearch(&r->failures[i], node->failures, node->failure_count,
						       sizeof(*f), cmp_failure);

		if (!f || strcmp(f->why, r->failures[i].why ? r->failures[i].why : "") != 0)
			return false;
	}
	return true;
}

/* Whether a row's status may be another one with this report. */
static bool says_new(const struct node *node, const struct node_report *r)
{
	return !node->alive || node->applied != r->applied || node->plugged_count != r->plugged_count ||
	       (r->plugged_count &&
		memcmp(node->plugged, r->plugged, r->plugged_count * sizeof(*r->plugged)) != 0) ||
	       !same_failures(node, r);
}

static void take_report(struct node *node, const struct node_report *r)
{
	free_failures(node->failures, node->failure_count);
	free(node->plugged);
	node->failures = copy_failures(r->failures, r->failure_count);
	node->failure_count = r->failure_count;
	node->plugged = copy(r->plugged, r->plugged_count, sizeof(*node->plugged));
	node->plugged_count = r->plugged_count;
	if (r->verified) {
		free(node->verified);
		node->verified = copy(r->verified, r->verified_count, sizeof(*node->verified));
		node->verified_count = r->verified_count;
	}
	if (r->healed) {
		free(node->healed);
		node->healed = copy(r->healed, r->healed_count, sizeof(*node->healed));
		node->healed_count = r->healed_count;
	}
	if (r->traffic) {
		free(node->traffic);
		node->traffic = copy(r->traffic, r->traffic_count, sizeof(*node->traffic));
		node->traffic_count = r->traffic_count;
	}
	if (!node->alive)
		node->started_us = r->time_us;
	node->alive = true;
	node->heartbeat_us = r->time_us;
	node->applied = r->applied;
	node->express = r->express;
}

void nodes_report(struct nodes *n, const struct node_report *report)
{
	struct node *node;

	pthread_mutex_lock(&n->lock);
	node = node_get(n, report->node);
	n->version += says_new(node, report);
	take_report(node, report);
	unlock_and_run(n);
	pthread_mutex_lock(&n->watching);
	if (n->watch)
		n->watch(n->watch_arg, report->traffic != NULL);
	pthread_mutex_unlock(&n->watching);
}

void nodes_watch(struct nodes *n, void (*fn)(void *arg, bool traffic), void *arg)
{
	pthread_mutex_lock(&n->watching);
	n->watch = fn;
	n->watch_arg = arg;
	pthread_mutex_unlock(&n->watching);
}

uint64_t nodes_version(struct nodes *n)
{
	uint64_t version;

	pthread_mutex_lock(&n->lock);
	version = n->version;
	pthread_mutex_unlock(&n->lock);
	return version;
}

void nodes_gone(struct nodes *n, const char *name)
{
	struct node *node;

	pthread_mutex_lock(&n->lock);
	LL_FOREACH(n->list, node)
	if (strcmp(node->name, name) == 0) {
		n->version += node->alive;
		node->alive = false;
	}
	unlock_and_run(n);
}

static void free_node(struct node *node)
{
	free_failures(node->failures, node->failure_count);
	free(node->plugged);
	free(node->verified);
	free(node->healed);
	free(node->traffic);
	free(node->name);
	free(node);
}

void nodes_forget(struct nodes *n, const char *name)
{
	struct node *node, *next;

	pthread_mutex_lock(&n->lock);
	LL_FOREACH_SAFE(n->list, node, next)
	if (!node->alive && strcmp(node->name, name) == 0) {
		LL_DELETE(n->list, node);
		free_node(node);
	}
	pthread_mutex_unlock(&n->lock);
}

/* --- asking --- */

static const struct node_failure *find_failure(const struct nodes *n, const struct uuid *row)
{
	struct node_failure probe = {.row = *row};

	for (const struct node *node = n->list; node; node = node->next) {
		const struct node_failure *f = node->alive && node->failure_count
						       ? bsearch(&probe, node->failures, node->failure_count,
								 sizeof(probe), cmp_failure)
						       : NULL;

		if (f)
			return f;
	}
	return NULL;
}

enum node_state nodes_state(struct nodes *n, const struct uuid *row, uint64_t revision)
{
	enum node_state state = NODE_APPLIED;
	bool alive = false;

	pthread_mutex_lock(&n->lock);
	for (const struct node *node = n->list; node; node = node->next)
		alive |= node->alive;
	if (!alive || !all_applied(n, revision))
		state = NODE_PENDING;
	else if (find_failure(n, row))
		state = NODE_FAILED;
	pthread_mutex_unlock(&n->lock);
	return state;
}

bool nodes_plugged(struct nodes *n, const struct uuid *port_id)
{
	bool found = false;

	pthread_mutex_lock(&n->lock);
	for (const struct node *node = n->list; node && !found; node = node->next)
		found = node->alive && node->plugged_count &&
			bsearch(port_id, node->plugged, node->plugged_count, sizeof(*port_id), cmp_uuid);
	pthread_mutex_unlock(&n->lock);
	return found;
}

static int cmp_verified(const void *a, const void *b)
{
	return uuid_cmp(&((const struct node_verified *)a)->router,
			&((const struct node_verified *)b)->router);
}

int64_t nodes_verified(struct nodes *n, const struct uuid *router, uint64_t revision)
{
	struct node_verified probe = {.router = *router};
	int64_t time_us = INT64_MAX;
	bool any = false;

	pthread_mutex_lock(&n->lock);
	for (const struct node *node = n->list; node && time_us; node = node->next) {
		const struct node_verified *v =
			node->alive && node->verified_count
				? bsearch(&probe, node->verified, node->verified_count, sizeof(probe),
					  cmp_verified)
				: NULL;

		if (!node->alive)
			continue;
		any = true;
		time_us = v && v->revision >= revision ? MIN(time_us, v->time_us) : 0;
	}
	pthread_mutex_unlock(&n->lock);
	return any ? time_us : 0;
}

void nodes_each_healed(struct nodes *n,
		       void (*fn)(void *arg, const char *node, const struct node_healed *healed), void *arg)
{
	pthread_mutex_lock(&n->lock);
	for (const struct node *node = n->list; node; node = node->next)
		for (size_t i = 0; i < node->healed_count; i++)
			fn(arg, node->name, &node->healed[i]);
	pthread_mutex_unlock(&n->lock);
}

bool nodes_failure(struct nodes *n, const struct uuid *row, char *why, size_t len)
{
	const struct node_failure *f;

	pthread_mutex_lock(&n->lock);
	f = find_failure(n, row);
	if (f)
		snprintf(why, len, "%s", f->why);
	pthread_mutex_unlock(&n->lock);
	return f != NULL;
}

void nodes_each(struct nodes *n, void (*fn)(void *arg, const struct node_info *node), void *arg)
{
	pthread_mutex_lock(&n->lock);
	for (const struct node *node = n->list; node; node = node->next)
		fn(arg, &(struct node_info){.name = node->name,
					    .alive = node->alive,
					    .heartbeat_us = node->heartbeat_us,
					    .started_us = node->started_us,
					    .applied = node->applied,
					    .express = node->express,
					    .failures = node->failures,
					    .failure_count = node->failure_count,
					    .plugged = node->plugged,
					    .plugged_count = node->plugged_count});
	pthread_mutex_unlock(&n->lock);
}

void nodes_each_traffic(struct nodes *n, void (*fn)(void *arg, const struct node_traffic *t), void *arg)
{
	pthread_mutex_lock(&n->lock);
	for (const struct node *node = n->list; node; node = node->next)
		for (size_t i = 0; i < node->traffic_count; i++)
			fn(arg, &node->traffic[i]);
	pthread_mutex_unlock(&n->lock);
}

/* --- the whole --- */

struct nodes *nodes_new(void)
{
	struct nodes *n = xalloc(sizeof(*n));
	pthread_condattr_t attr;

	pthread_mutex_init(&n->lock, NULL);
	pthread_mutex_init(&n->watching, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&n->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&n->timer, NULL, timer_main, n) != 0)
		abort();
	return n;
}

void nodes_free(struct nodes *n)
{
	struct node *node, *next;

	if (!n)
		return;
	pthread_mutex_lock(&n->lock);
	n->stop = true;
	pthread_cond_signal(&n->changed);
	unlock_and_run(n); /* who still waits is told, so that nothing hangs on us */
	pthread_join(n->timer, NULL);
	LL_FOREACH_SAFE(n->list, node, next)
	free_node(node);
	pthread_cond_destroy(&n->changed);
	pthread_mutex_destroy(&n->watching);
	pthread_mutex_destroy(&n->lock);
	free(n);
}
