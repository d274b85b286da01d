/* How the API process gives up what it does not need before it reads a stranger's first byte.
 * Called by api_process: privileges_limit at its start, privileges_drop before the first request. */
#include "daemon/process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

/* What answering requests never needs. Refused with EPERM rather than killed, so that a library that tries
 * one goes on as it would in any small container. */
static const int forbidden[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(process_madvise),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig),
	SCMP_SYS(fsmount),
	SCMP_SYS(fspick),
	SCMP_SYS(open_tree),
	SCMP_SYS(move_mount),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(fanotify_init),
	SCMP_SYS(name_to_handle_at),
	SCMP_SYS(lookup_dcookie),
	SCMP_SYS(migrate_pages),
	SCMP_SYS(move_pages),
	SCMP_SYS(modify_ldt),
	SCMP_SYS(personality),
	SCMP_SYS(syslog),
	SCMP_SYS(vhangup),
	SCMP_SYS(acct),
	SCMP_SYS(quotactl),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(adjtimex),
	SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
};

/* clone(2) makes threads, but no namespaces: in a user namespace of its own a process has every capability
 * and reaches parts of the kernel that it would not otherwise. What clone3(2) is asked for lies in memory,
 * where a filter can not look; without it the C library uses clone(2). */
static int forbid_namespaces(scmp_filter_ctx ctx)
{
	static const unsigned long flags[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
					      CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
	int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	for (size_t i = 0; i < ARRAY_SIZE(flags) && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				     SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
	return r;
}

/* The filter is for all threads (TSYNC), not only for the one that installs it. */
static int filter_calls(struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = ctx ? seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(forbidden) && r == 0; i++)
		if (forbidden[i] >= 0)
			r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
	if (r == 0)
		r = forbid_namespaces(ctx);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r < 0 ? err_set(err, r, "cannot install the system call filter: %s", strerror(-r)) : 0;
}

static int change_user(const char *user, struct err *err)
{
	const struct passwd *pw = getpwnam(user);

	if (!pw)
		pw = getpwnam("nobody");
	if (!pw)
		return err_set(err, -ENOENT, "there is neither a user '%s' nor 'nobody'", user);
	if (pw->pw_uid == 0)
		return err_set(err, -EINVAL, "user in [api] is '%s', who is root: name an ordinary user",
			       user);
	if (setgroups(0, NULL) < 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return err_set(err, -errno, "cannot become the user '%s': %m", pw->pw_name);
	return 0;
}

void privileges_limit(void)
{
	const cap_value_t bind = CAP_NET_BIND_SERVICE;
	cap_flag_value_t has = CAP_CLEAR;
	cap_t now = cap_get_proc(), keep = cap_init();

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() != 0 && now && keep && cap_get_flag(now, bind, CAP_PERMITTED, &has) == 0) {
		cap_set_flag(keep, CAP_PERMITTED, 1, &bind, has);
		cap_set_flag(keep, CAP_EFFECTIVE, 1, &bind, has);
		cap_set_proc(keep);
	}
	cap_free(now);
	cap_free(keep);
}

/* Changing the user makes the kernel forget that we are to end with our parent. */
static int end_with_parent(pid_t parent, struct err *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		return err_set(err, -ESRCH, "the parent process has ended");
	return 0;
}

static int drop_capabilities(struct err *err)
{
	cap_t none = cap_init();
	int r = none && cap_set_proc(none) == 0 ? 0 : err_set(err, -errno, "cannot drop capabilities: %m");

	cap_free(none);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_set(err, -errno, "cannot forbid new privileges: %m");
	return r;
}

int privileges_drop(const char *user, struct err *err)
{
	pid_t parent = getppid();
	int r = geteuid() == 0 ? change_user(user, err) : 0;

	if (r == 0)
		r = end_with_parent(parent, err);
	if (r == 0)
		r = drop_capabilities(err);
	return r ? r : filter_calls(err);
}
