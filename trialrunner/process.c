/*
 * vfork, a straight line of system calls, exec.
 *
 * The child shares the parent's memory until it execs, so all that it needs is made ready before, and signals stay blocked
 * until it has dispositions of its own.
 */
#include "trialrunner/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "trialrunner/process_namespace.h"

enum step {
    STEP_GROUP,
    STEP_CGROUP,
    STEP_LIMIT,
    STEP_NAMESPACE,
    STEP_BIND,
    STEP_STREAMS,
    STEP_DIRECTORY,
    STEP_EXEC,
};

/* What the child writes into the pipe when it cannot go on. */
struct mishap {
    enum step step;
    int error;
    size_t bind; /* which, in STEP_BIND */
};

/* All that the child needs, ready before vfork. */
struct child {
    const struct process_spec *spec;
    struct private_namespace namespace;
    pid_t parent;
    int mishap_fd;
    const char *const *candidates; /* paths to exec, ended by NULL */
};

static int connect_streams(const struct process_spec *spec)
{
    int fds[3] = { spec->stdin_fd, spec->stdout_fd, spec->stderr_fd };

    for (int i = 0; i < 3; i++) { /* out of the way of 0, 1 and 2 first */
        if (fds[i] < 0)
            fds[i] = open("/dev/null", i == 0 ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CLOEXEC);
        fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
        if (fds[i] < 0)
            return -1;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0)
            return -1;
    syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */); /* older kernels: ours are close-on-exec anyway */
    return 0;
}

static void default_signals(bool hold)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t held;

    for (int i = 1; i < NSIG; i++)
        sigaction(i, &action, NULL);
    sigemptyset(&held);
    if (hold) {
        sigaddset(&held, SIGTERM);
        sigaddset(&held, SIGUSR1);
    }
    sigprocmask(SIG_SETMASK, &held, NULL);
}

static int enter_group(const struct child *child)
{
    const struct process_spec *spec = child->spec;

    if (spec->new_session ? setsid() < 0 : setpgid(0, 0) < 0)
        return -1;
    if (spec->die_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != child->parent)
            raise(SIGKILL);
    }
    return 0;
}

static int enter_cgroups(const struct process_spec *spec)
{
    for (size_t i = 0; i < spec->n_cgroup_fds; i++)
        if (write(spec->cgroup_fds[i], "0", 1) < 0)
            return -1;
    return 0;
}

static int limit_data(const struct process_spec *spec)
{
    struct rlimit limit = { (rlim_t)spec->data_limit, (rlim_t)spec->data_limit };

    return spec->data_limit > 0 ? setrlimit(RLIMIT_DATA, &limit) : 0;
}

/* Like execvp: the first that can be executed; a permission denied is told rather than a name not found. */
static void try_candidates(const struct child *child)
{
    int error = ENOENT;

    for (const char *const *path = child->candidates; *path != NULL; path++) {
        execve(*path, (char *const *)child->spec->argv, (char *const *)child->spec->envp);
        if (errno == EACCES ? access(*path, F_OK) == 0 : errno != ENOENT && errno != ENOTDIR)
            error = errno;
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
            break;
    }
    errno = error;
}

/* In the child: every step up to exec. Returns the step that failed, errno set. */
static enum step become(const struct child *child, size_t *bind)
{
    const struct process_spec *spec = child->spec;

    if (enter_group(child) < 0)
        return STEP_GROUP;
    if (enter_cgroups(spec) < 0)
        return STEP_CGROUP;
    if (spec->n_binds > 0 && private_namespace_enter(&child->namespace) < 0)
        return STEP_NAMESPACE;
    for (*bind = 0; *bind < spec->n_binds; ++*bind)
        if (private_namespace_bind(&spec->binds[*bind]) < 0)
            return STEP_BIND;
    if (connect_streams(spec) < 0)
        return STEP_STREAMS;
    if (spec->working_directory != NULL && chdir(spec->working_directory) < 0)
        return STEP_DIRECTORY;
    if (limit_data(spec) < 0)
        return STEP_LIMIT;
    default_signals(spec->hold_signals);
    try_candidates(child);
    return STEP_EXEC;
}

static _Noreturn void run_child(const struct child *child)
{
    struct mishap mishap = { 0 };

    mishap.step = become(child, &mishap.bind);
    mishap.error = errno;
    if (write(child->mishap_fd, &mishap, sizeof mishap) < 0)
        _exit(126);
    _exit(127);
}

/* A frame of its own: the child must not return into one that the parent goes on using. */
static __attribute__((noinline)) pid_t start_child(const struct child *child)
{
    /* posix_spawn has no place for cgroups, limits and binds. NOLINTBEGIN(*insecureAPI.vfork,clang-analyzer-unix.Vfork) */
    pid_t pid = vfork();

    if (pid == 0)
        run_child(child);
    return pid; /* NOLINTEND(*insecureAPI.vfork,clang-analyzer-unix.Vfork) */
}

static pid_t start_undisturbed(const struct child *child)
{
    sigset_t all, before;
    pid_t pid;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = start_child(child);
    error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

static const char *path_of(const char *const *envp)
{
    for (; *envp != NULL; envp++)
        if (strncmp(*envp, "PATH=", 5) == 0)
            return *envp + 5;
    return "/usr/local/bin:/usr/bin:/bin";
}

static const char *const *find_candidates(const struct process_spec *spec, struct arena *arena)
{
    const char *name = spec->argv[0], *path = path_of(spec->envp);
    const char **candidates;
    size_t n = 1;

    for (const char *c = path; *c != '\0'; c++)
        n += *c == ':';
    candidates = arena_array(arena, n + 1, sizeof *candidates);
    if (strchr(name, '/') != NULL) {
        candidates[0] = name;
        return candidates;
    }
    for (size_t i = 0; i < n && *name != '\0'; i++) {
        size_t length = strcspn(path, ":");

        candidates[i] = length > 0 ? arena_printf(arena, "%.*s/%s", (int)length, path, name) : name;
        path += length + (path[length] == ':');
    }
    return candidates;
}

static int tell_mishap(const struct process_spec *spec, const struct mishap *mishap)
{
    const struct process_bind *bind = spec->binds + mishap->bind;

    switch (mishap->step) {
    case STEP_GROUP:
        return fail_errno(mishap->error, "start a process group");
    case STEP_CGROUP:
        return fail_errno(mishap->error, "enter a cgroup");
    case STEP_LIMIT:
        return fail_errno(mishap->error, "limit memory to %.0f bytes", spec->data_limit);
    case STEP_NAMESPACE:
        return fail_errno(mishap->error, "make a mount namespace");
    case STEP_BIND:
        return fail_errno(mishap->error, "bind %s over %s", bind->source, bind->target);
    case STEP_STREAMS:
        return fail_errno(mishap->error, "connect input and output");
    case STEP_DIRECTORY:
        return fail_errno(mishap->error, "chdir %s", spec->working_directory);
    case STEP_EXEC:
        break;
    }
    return fail_errno(mishap->error, "exec %s", spec->argv[0]);
}

static int await_exec(const struct process_spec *spec, pid_t pid, int fd)
{
    struct mishap mishap;
    ssize_t n;

    do
        n = read(fd, &mishap, sizeof mishap);
    while (n < 0 && errno == EINTR);
    if (n <= 0) /* closed by exec, or killed before it: its status will tell */
        return 0;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return tell_mishap(spec, &mishap);
}

int process_start(const struct process_spec *spec, struct process *process)
{
    struct child child = { .spec = spec, .parent = getpid() };
    struct arena arena = { 0 };
    int ends[2], status;

    if (spec->n_binds > 0 && !process_can_bind())
        return fail(ERR_UNSUPPORTED, "private paths: mount namespaces are not allowed here");
    if (spec->n_binds > 0)
        private_namespace_prepare(&child.namespace);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail_errno(errno, "pipe");
    child.mishap_fd = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
    close(ends[1]);
    child.candidates = find_candidates(spec, &arena);
    process->pid = child.mishap_fd < 0 ? -1 : start_undisturbed(&child);
    status = process->pid < 0 ? fail_errno(errno, "vfork") : 0;
    if (child.mishap_fd >= 0)
        close(child.mishap_fd);
    if (status == 0)
        status = await_exec(spec, process->pid, ends[0]);
    if (status == 0)
        process->pidfd = pidfd_open(process->pid, 0);
    close(ends[0]);
    arena_release(&arena);
    return status;
}

int process_wait(struct process *process, bool block, int *status, struct rusage *usage)
{
    pid_t pid;

    do
        pid = wait4(process->pid, status, block ? 0 : WNOHANG, usage);
    while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return 0;
    if (pid < 0)
        return fail_errno(errno, "wait for process %d", (int)process->pid);
    if (process->pidfd >= 0)
        close(process->pidfd);
    process->pidfd = -1;
    return 1;
}

const char *process_describe(int status, char buffer[64])
{
    if (WIFSIGNALED(status)) {
        const char *name = sigdescr_np(WTERMSIG(status));

        snprintf(buffer, 64, "signal %d (%s)", WTERMSIG(status), name ? name : "unknown");
    } else {
        snprintf(buffer, 64, "exit code %d", WEXITSTATUS(status));
    }
    return buffer;
}
