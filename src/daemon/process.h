/* The three processes and their parent.
 *
 * The parent starts them, on socket pairs that it keeps open, and starts any anew when it ends; what is
 * in the kernel does not depend on any of them. */
#pragma once
#include "daemon/config.h"
#include "kernel/kernel.h"

/* One line to stderr: "buoyd[api] message". Below the daemon nobody logs. */
void log_line(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* What log_line puts in brackets. */
void log_set_name(const char *name);

/* Makes this process the one buoyd of the host (its network namespace) as long as the returned descriptor is
 * open; waits so long for one that is just ending. -EADDRINUSE when another one runs. */
int instance_take(int64_t wait_us, struct err *err);

/* Runs until SIGTERM or SIGINT. Returns the exit code. */
int supervise(const struct config *config);

/* Makes sure of the rows that [nova_network] wants. `floating`: a range for the pool, or NULL. */
int nova_ensure(const struct config *config, struct api *api, const char *floating, struct err *err);
/* The host's address on the interface, with its prefix: the first one, or the one in `range` (not NULL).
 * -ENOENT.
 */
int nova_host_address(const char *interface, const struct cidr *range, struct cidr *ret);
/* Prints what of this host would keep its own routing from working, and the line that helps. */
void nova_check(const struct config *config);

/* What a process has of the sockets between them; -1: none. */
struct process_ends {
	int channel; /* API process and agent (channel.h) */
	int serve;   /* agent and responder (kernel_linux_serve) */
	int term;    /* polls readable when the process is to end */
};
/* The bodies of the processes; they return an exit code. */
int api_process(const struct config *config, const struct process_ends *ends);
int agent_process(const struct config *config, const struct process_ends *ends);
int responder_process(const struct config *config, const struct process_ends *ends);

/* api_config's plan_kernel; `arg` is the struct plan_node. What the node sees of its surroundings comes from
 * its last report: which taps are there, which data path it has. */
void foresee(const void *arg, struct nodes *nodes, const struct kernel_change *change,
	     void (*step)(void *arg, const struct kernel_step *step),
	     void (*impossible)(void *arg, const struct uuid *row, const char *why), void *fn_arg);

/* First, while there is one thread: nothing that this process starts will ever gain a privilege, and of the
 * capabilities of an ordinary user (systemd's AmbientCapabilities) only binding a low port is kept. */
void privileges_limit(void);
/* Gives up root: becomes `user` (or nobody), drops every capability, forbids new privileges and the system
 * calls that a process that only answers requests never makes. All threads are included. Called after files
 * and ports are open. */
int privileges_drop(const char *user, struct err *err);

/* An agent on this host's kernel and the configured database, which it only reads. `express`: EXPRESS_MAKE to
 * act, EXPRESS_LOOK to change nothing. Nothing is left on failure. */
struct agent;
int agent_open(const struct config *config, enum express_open express, struct agent *ret, struct err *err);

/* The commands that act on the kernel or the database and end. They print to stdout and return an exit code.
 */
int command_plan(const struct config *config);
int command_cleanup(const struct config *config);
int command_nat(const struct config *config);
/* From nothing to a configured host that routes itself. */
struct single_host {
	const char *config;                                                           /* the file to write */
	const char *public_interface, *bridge, *range, *floating, *metadata, *clouds; /* NULL: not given */
};
int command_single_host(const struct single_host *given);
int command_bootstrap(const struct config *config, const char *user, const char *project,
		      const char *password);
