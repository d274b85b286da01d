/* The parent: starts the processes, starts them anew, ends them.
 * `buoyd run`. It holds both ends of each socket pair, so that one process can be replaced while the others
 * go on. */
#include "daemon/channel.h"
#include "daemon/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* For a predecessor that was killed: its children notice and end. */
#define INSTANCE_WAIT_US  5000000
#define SHORTEST_DELAY_US 50000
#define LONGEST_DELAY_US  5000000
#define STABLE_US         10000000
#define END_WAIT_US       8000000

/* The parent's own descriptors. */
struct parent {
	int channel[2]; /* agent, API */
	int serve[2];   /* agent, responder */
	int sfd, instance;
};

struct child {
	const char *name;
	int (*body)(const struct config *config, const struct process_ends *ends);
	struct process_ends ends;
	const struct parent *parent;
	pid_t pid; /* 0: not running */
	int64_t started_us, delay_us, next_us;
};

static sigset_t watched(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	return set;
}

static void close_unless(int fd, const struct process_ends *ends)
{
	if (fd != ends->channel && fd != ends->serve)
		close(fd);
}

static void close_others(const struct child *c)
{
	for (int i = 0; i < 2; i++) {
		close_unless(c->parent->channel[i], &c->ends);
		close_unless(c->parent->serve[i], &c->ends);
	}
	close(c->parent->sfd);
	close(c->parent->instance);
}

/* Only the child's own ends come along: what strangers talk to must not speak for the agent.
 */
static int child_main(const struct config *config, const struct child *c, pid_t parent)
{
	sigset_t set = watched(), chld;
	struct process_ends ends = c->ends;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 1;
	close_others(c);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &chld, NULL);
	log_set_name(c->name);
	prctl(PR_SET_NAME, c->name);
	ends.term = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return ends.term < 0 ? 1 : c->body(config, &ends);
}

static void start(const struct config *config, struct child *c, int64_t now_us)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(child_main(config, c, parent));
	if (pid < 0) {
		log_line("cannot start the %s process: %m", c->name);
		c->next_us = now_us + LONGEST_DELAY_US;
		return;
	}
	c->pid = pid;
	c->started_us = now_us;
}

static void describe_end(const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		log_line("the %s process (%d) was ended by signal %d (%s); starting it again", c->name,
			 (int)c->pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_line("the %s process (%d) ended with code %d; starting it again", c->name, (int)c->pid,
			 WEXITSTATUS(status));
}

static void reap(struct child *children, size_t count, int64_t now_us, bool ending)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < count; i++) {
			struct child *c = &children[i];

			if (c->pid != pid)
				continue;
			if (!ending)
				describe_end(c, status);
			c->pid = 0;
			c->delay_us = now_us - c->started_us > STABLE_US
					      ? 0
					      : MIN(c->delay_us * 2, (int64_t)LONGEST_DELAY_US);
			c->next_us = now_us + c->delay_us;
			c->delay_us = MAX(c->delay_us, (int64_t)SHORTEST_DELAY_US);
		}
}

/* Tells systemd (sd_notify(3)) in the one line that it takes. */
static void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = -1;
	size_t len = path ? strlen(path) : 0;

	if (!len || len >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, len);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&addr,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

static bool any_running(const struct child *children, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (children[i].pid)
			return true;
	return false;
}

static void end_all(struct child *children, size_t count, int sfd)
{
	int64_t deadline = clock_mono_us() + END_WAIT_US;

	for (size_t i = 0; i < count; i++)
		if (children[i].pid)
			kill(children[i].pid, SIGTERM);
	while (any_running(children, count)) {
		struct pollfd p = {.fd = sfd, .events = POLLIN};
		struct signalfd_siginfo info;
		int64_t left = deadline - clock_mono_us();

		if (left <= 0)
			break;
		if (poll(&p, 1, (int)(left / 1000) + 1) > 0 && read(sfd, &info, sizeof(info)) < 0 &&
		    errno != EAGAIN)
			break;
		reap(children, count, clock_mono_us(), true);
	}
	for (size_t i = 0; i < count; i++)
		if (children[i].pid) {
			kill(children[i].pid, SIGKILL);
			waitpid(children[i].pid, NULL, 0);
		}
}

/* Starts what is not running and due; returns how long to wait, in milliseconds. */
static int start_due(const struct config *config, struct child *children, size_t count)
{
	int64_t now_us = clock_mono_us(), next = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		if (!children[i].pid && children[i].next_us <= now_us)
			start(config, &children[i], now_us);
		if (!children[i].pid)
			next = MIN(next, children[i].next_us);
	}
	return next == INT64_MAX ? -1 : (int)MAX((next - now_us) / 1000, (int64_t)0) + 1;
}

/* All inherit it: one holds connections, one namespaces, one a socket for each network. */
static void allow_many_files(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

static void run_children(const struct config *config, struct child *children, size_t count, int sfd)
{
	for (bool stop = false; !stop;) {
		struct pollfd p = {.fd = sfd, .events = POLLIN};
		struct signalfd_siginfo info;

		poll(&p, 1, start_due(config, children, count));
		while (read(sfd, &info, sizeof(info)) == (ssize_t)sizeof(info))
			stop |= info.ssi_signo != SIGCHLD;
		if (!stop)
			reap(children, count, clock_mono_us(), false);
	}
}

int supervise(const struct config *config)
{
	struct child children[] = {{.name = "agent", .body = agent_process},
				   {.name = "api", .body = api_process},
				   {.name = "responder", .body = responder_process}};
	size_t count = config->node.serve || !ip_is_null(&config->publish.server) ? 3 : 2;
	sigset_t set = watched();
	struct err err = {0};
	AUTO_CLOSE int instance = instance_take(INSTANCE_WAIT_US, &err);
	struct parent parent = {.instance = instance};

	if (instance < 0 || channel_new(parent.channel, &err) < 0 || channel_new(parent.serve, &err) < 0) {
		log_line("%s", err.message);
		return 1;
	}
	allow_many_files();
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	parent.sfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	children[0].ends =
		(struct process_ends){parent.channel[0], config->node.serve ? parent.serve[0] : -1, -1};
	children[1].ends = (struct process_ends){parent.channel[1], -1, -1};
	children[2].ends = (struct process_ends){-1, parent.serve[1], -1};
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		children[i].parent = &parent;
	start_due(config, children, count);
	notify_ready();
	run_children(config, children, count, parent.sfd);
	end_all(children, count, parent.sfd);
	close(parent.sfd);
	for (int i = 0; i < 2; i++) {
		close(parent.channel[i]);
		close(parent.serve[i]);
	}
	return 0;
}
