/*
 * Starting a child and ending it whole. The one place that forks.
 *
 * vfork, so that a large parent costs nothing; what the child does before exec is system calls only, and what of it fails comes
 * back through a close-on-exec pipe with its step's name.
 */
#ifndef HONE_TRIALRUNNER_PROCESS_H
#define HONE_TRIALRUNNER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct process_bind {
    const char *source, *target; /* bind source over target, both exist */
    bool read_only;
};

struct process_spec {
    const char *const *argv;            /* ended by NULL; looked up in the PATH of envp */
    const char *const *envp;            /* ended by NULL, complete */
    const char *working_directory;      /* NULL: the parent's; entered after the binds */
    int stdin_fd, stdout_fd, stderr_fd; /* -1: /dev/null */
    bool new_session;                   /* setsid; else its own process group */
    bool die_with_parent;               /* PR_SET_PDEATHSIG KILL: with the parent's thread */
    bool hold_signals; /* TERM and USR1 stay blocked over exec, for a child that takes them when it is ready */
    size_t n_binds;    /* > 0: in a mount namespace of its own (and a user namespace unless privileged) */
    const struct process_bind *binds;
    const int *cgroup_fds; /* open cgroup.procs files that the child writes itself into */
    size_t n_cgroup_fds;
    double data_limit; /* RLIMIT_DATA, bytes; 0: none */
};

struct process {
    pid_t pid;
    int pidfd; /* readable when it has ended; -1: it was reaped before it could be opened */
};

/* ERR_IO: "exec python: No such file or directory", "chdir /x: ...", "bind /a over /b: ...". The child has no other signal
   blocked or ignored, and no descriptor but its three. */
int process_start(const struct process_spec *spec, struct process *process);

/* Can this user bind-mount privately? Tried once, by doing it. HONE_NO_NAMESPACE in the environment: no. */
bool process_can_bind(void);

/* Reap it. 1: ended, *status (as waitpid) and *usage filled, pidfd closed; 0: still runs (only when !block). */
int process_wait(struct process *process, bool block, int *status, struct rusage *usage);

/* Signal every process that carries `name=value` in its environment (tag NULL: none), or descends from this process. Returns
   how many were found; those that only wait to be reaped do not count. Own process never. */
size_t process_signal_tagged(const char *tag, int signal);

/* Bytes of memory that a process and its descendants hold; 0 when it is gone. */
double process_tree_memory(pid_t pid);

/* Does a process, or one that descends from it, listen on a TCP port? */
bool process_tree_listens(pid_t pid, int port);

/* Clock ticks since boot at which a process began: with the pid, its identity. 0: there is no such process. */
unsigned long long process_birth(pid_t pid);

/* "exit code 3", "signal 9 (Killed)". */
const char *process_describe(int status, char buffer[64]);

#endif
