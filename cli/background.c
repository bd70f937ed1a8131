/*
 * Starting `hone conduct`, and being it.
 */
#include "cli/background.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/follow.h"

enum { START_MS = 60000 }; /* a large database may need recovery before it can be conducted */

static const char ready[] = "ready\n";

/* In the child: stdin from nowhere, stdout into the pipe, stderr into the log. Never returns. */
static void become_conductor(char *const *argv, int pipe_end, int log_end)
{
    int null_end = open("/dev/null", O_RDWR);

    setsid();
    if (null_end >= 0 && dup2(null_end, STDIN_FILENO) >= 0 && dup2(pipe_end, STDOUT_FILENO) >= 0 &&
        dup2(log_end, STDERR_FILENO) >= 0)
        execv("/proc/self/exe", argv);
    _exit(127);
}

/* Wait for the word on the pipe. */
static int await_ready(int pipe_end, pid_t pid, const char *log_path)
{
    struct pollfd entry = { .fd = pipe_end, .events = POLLIN };
    char word[sizeof ready] = "";
    int n;

    do
        n = poll(&entry, 1, START_MS);
    while (n < 0 && errno == EINTR);
    if (n > 0 && read(pipe_end, word, sizeof ready - 1) == (ssize_t)sizeof ready - 1 && text_equal(word, ready))
        return 0;
    if (n > 0) {
        waitpid(pid, NULL, 0);
        return fail(ERR_IO, "the background process ended at once; %s says why", log_path);
    }
    return fail(ERR_UNREACHABLE, "the background process %lld has not begun after %d s; see %s", (long long)pid,
                START_MS / 1000, log_path);
}

static char **conductor_argv(const char *database, const struct target *targets, size_t n, struct arena *arena)
{
    char **argv = arena_array(arena, n + 7, sizeof *argv);
    size_t i = 0;

    argv[i++] = arena_strdup(arena, "hone");
    argv[i++] = arena_strdup(arena, "conduct");
    argv[i++] = arena_strdup(arena, "--verbose");
    argv[i++] = arena_strdup(arena, "--db");
    argv[i++] = arena_strdup(arena, database);
    for (size_t k = 0; k < n; k++)
        argv[i++] = arena_printf(arena, "%s/%s", targets[k].namespace, targets[k].name);
    return argv;
}

int background_start(const char *database, const struct target *targets, size_t n, int64_t *pid)
{
    struct arena arena = { 0 };
    char **argv = conductor_argv(database, targets, n, &arena);
    const char *log_path = arena_printf(&arena, "%s.log", database);
    int ends[2] = { -1, -1 }, log_end = -1, status = 0;
    pid_t child = -1;

    log_end = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_end < 0)
        status = fail_errno(errno, "cannot write the log %s", log_path);
    else if (pipe2(ends, O_CLOEXEC) < 0)
        status = fail_errno(errno, "cannot make a pipe");
    else if ((child = fork()) < 0)
        status = fail_errno(errno, "cannot start a process");
    if (child == 0)
        become_conductor(argv, ends[1], log_end);
    if (ends[1] >= 0)
        close(ends[1]);
    if (status == 0)
        status = await_ready(ends[0], child, log_path);
    if (ends[0] >= 0)
        close(ends[0]);
    if (log_end >= 0)
        close(log_end);
    arena_release(&arena);
    *pid = child;
    return status;
}

/* Tell who started us that it may go, and let go of its pipe. */
static void tell_ready(void)
{
    fputs(ready, stdout);
    fflush(stdout);
    if (freopen("/dev/null", "w", stdout) == NULL)
        say("cannot let go of standard output: %s", strerror(errno));
}

static int conduct(struct session *session, struct followed *items, size_t n)
{
    int status;

    for (size_t i = 0; i < n; i++) {
        TRY(session_find(session, session->command->arguments[i], &items[i].target));
        TRY(session_call(session, "experiment.claim", target_body(&items[i].target, &session->arena), NULL, NULL));
    }
    tell_ready();
    status = follow(session, items, n, NULL);
    if (status == FOLLOW_INTERRUPTED) {
        TRY(follow_release(session, items, n));
        return EXIT_INTERRUPTED;
    }
    return status;
}

int conduct_run(const struct command *command)
{
    struct session session = { 0 };
    struct followed *items = xcalloc(command->n_arguments, sizeof *items);
    int status;

    follow_catch_signals();
    status = session_open(command, SESSION_CONDUCT, &session);
    if (status == 0)
        status = conduct(&session, items, command->n_arguments);
    followed_release(items, command->n_arguments);
    free(items);
    session_close(&session);
    return status;
}
