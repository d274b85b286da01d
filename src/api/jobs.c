/* Worker threads behind a bounded ring of jobs.
 * Fed by handlers that must not block. */
#include "api/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct job {
	void (*fn)(void *arg);
	void *arg;
};

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	unsigned room, first, count; /* the ring: jobs first .. first + count */
	struct job *ring;
	unsigned thread_count;
	pthread_t *threads;
};

static void *work(void *arg)
{
	struct jobs *j = arg;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		struct job job;

		while (!j->count && !j->stop)
			pthread_cond_wait(&j->wake, &j->lock);
		if (!j->count)
			break;
		job = j->ring[j->first];
		j->first = (j->first + 1) % j->room;
		j->count--;
		pthread_mutex_unlock(&j->lock);
		job.fn(job.arg);
		pthread_mutex_lock(&j->lock);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

int jobs_new(unsigned threads, unsigned max_queue, struct jobs **ret, struct err *err)
{
	struct jobs *j = xalloc(sizeof(*j));
	int r = 0;

	j->room = MAX(max_queue, 1u);
	j->ring = xalloc(j->room * sizeof(*j->ring));
	j->threads = xalloc(MAX(threads, 1u) * sizeof(*j->threads));
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->wake, NULL);
	while (r == 0 && j->thread_count < MAX(threads, 1u)) {
		r = pthread_create(&j->threads[j->thread_count], NULL, work, j);
		j->thread_count += r == 0;
	}
	if (r) {
		jobs_free(j);
		return err_set(err, -r, "cannot start a thread: %s", strerror(r));
	}
	*ret = j;
	return 0;
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_broadcast(&j->wake);
	pthread_mutex_unlock(&j->lock);
	for (unsigned i = 0; i < j->thread_count; i++)
		pthread_join(j->threads[i], NULL);
	pthread_cond_destroy(&j->wake);
	pthread_mutex_destroy(&j->lock);
	free(j->threads);
	free(j->ring);
	free(j);
}

int jobs_put(struct jobs *j, void (*fn)(void *arg), void *arg)
{
	int r = -EAGAIN;

	pthread_mutex_lock(&j->lock);
	if (j->count < j->room) {
		j->ring[(j->first + j->count++) % j->room] = (struct job){fn, arg};
		pthread_cond_signal(&j->wake);
		r = 0;
	}
	pthread_mutex_unlock(&j->lock);
	return r;
}
