/*
 * The local engine: every attempt is a directory below the root, and a hone-agent that holds the lock in it.
 *
 *   <root>/<uid>/<trial>/<attempt>/     what is in there: trialrunner/agent/record.h
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/status.h"
#include "trialrunner/agent/agent.h"
#include "trialrunner/agent/limits.h"
#include "trialrunner/agent/record.h"
#include "trialrunner/engines/engine.h"
#include "trialrunner/engines/log_file.h"
#include "trialrunner/process.h"

enum { EVENTS_AT_ONCE = 32 };

/* An agent that is watched. */
struct watched {
    struct attempt_tag tag;
    char *directory;
    struct process process;
    bool is_child; /* else it was found: another process is to reap it */
    struct watched *next;
};

struct local {
    char *root, *agent;
    int epoll, wake; /* wake: an eventfd that is set while started is not empty */
    struct watched *agents;
    size_t n_started, capacity;
    struct attempt_tag *started; /* (n_started) ENGINE_STARTED that poll has not given yet */
    unsigned capabilities;
    char words[160];
};

/* --- what can be enforced --- */

static void describe(struct local *local)
{
    struct limits limits;
    const char *version;
    bool binds = process_can_bind(), cpu, memory;

    limits_find(&limits);
    cpu = limits.directory[LIMIT_CPU] != NULL;
    memory = limits.directory[LIMIT_MEMORY] != NULL;
    version = limits.is_v2 ? "cgroup v2" : "cgroup v1";
    local->capabilities = (binds ? ENGINE_PRIVATE_PATHS : 0) | (cpu ? ENGINE_LIMITS_CPU : 0) | ENGINE_LIMITS_MEMORY;
    snprintf(local->words, sizeof local->words, "private paths by %s; memory limits by %s; cpu limits %s%s",
             binds ? "mount namespaces" : "rewriting of commands", memory ? version : "RLIMIT_DATA and polling",
             cpu ? "by " : "are not enforced", cpu ? version : "");
    limits_release(&limits);
}

static unsigned capabilities(void *state, const char **words)
{
    struct local *local = state;

    *words = local->words;
    return local->capabilities;
}

/* --- open and close --- */

static void local_close(void *state)
{
    struct local *local = state;
    struct watched *next;

    if (local == NULL)
        return;
    for (struct watched *agent = local->agents; agent != NULL; agent = next) {
        next = agent->next;
        if (agent->process.pidfd >= 0)
            close(agent->process.pidfd);
        free(agent->directory);
        free(agent);
    }
    if (local->epoll >= 0)
        close(local->epoll);
    if (local->wake >= 0)
        close(local->wake);
    free(local->started);
    free(local->root);
    free(local->agent);
    free(local);
}

static int local_open(const struct engine_options *options, void **state)
{
    struct local *local = xcalloc(1, sizeof *local);
    struct epoll_event event = { .events = EPOLLIN };

    local->root = xstrdup(options->directory);
    local->agent = xstrdup(options->agent);
    local->epoll = epoll_create1(EPOLL_CLOEXEC);
    local->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (local->epoll < 0 || local->wake < 0 || epoll_ctl(local->epoll, EPOLL_CTL_ADD, local->wake, &event) < 0) {
        int status = fail_errno(errno, "watch agents");

        local_close(local);
        return status;
    }
    describe(local);
    *state = local;
    return 0;
}

/* --- watching agents --- */

static struct watched *find_agent(const struct local *local, const struct attempt_tag *tag)
{
    for (struct watched *agent = local->agents; agent != NULL; agent = agent->next)
        if (agent->tag.experiment_id == tag->experiment_id && agent->tag.number == tag->number &&
            agent->tag.attempt == tag->attempt)
            return agent;
    return NULL;
}

static void forget(struct local *local, struct watched *agent)
{
    struct watched **at = &local->agents;

    while (*at != agent)
        at = &(*at)->next;
    *at = agent->next;
    if (agent->process.pidfd >= 0)
        close(agent->process.pidfd);
    free(agent->directory);
    free(agent);
}

static void set_wake(struct local *local, bool set)
{
    uint64_t count = 1;

    if ((set ? write(local->wake, &count, sizeof count) : read(local->wake, &count, sizeof count)) < 0 &&
        errno != EAGAIN)
        abort(); /* an eventfd of ours */
}

static void tell_started(struct local *local, const struct attempt_tag *tag)
{
    local->started = grow(local->started, local->n_started, &local->capacity, sizeof *local->started);
    local->started[local->n_started++] = *tag;
    set_wake(local, true);
}

static int watch(struct local *local, const struct attempt_tag *tag, const char *directory,
                 const struct process *process, bool is_child)
{
    struct watched *agent = xcalloc(1, sizeof *agent);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = agent };

    agent->tag = *tag;
    agent->directory = xstrdup(directory);
    agent->process = *process;
    agent->is_child = is_child;
    agent->next = local->agents;
    local->agents = agent;
    if (epoll_ctl(local->epoll, EPOLL_CTL_ADD, process->pidfd, &event) < 0) {
        int status = fail_errno(errno, "watch the agent in %s", directory);

        forget(local, agent);
        return status;
    }
    tell_started(local, tag);
    return 0;
}

static char *directory_of(const struct local *local, const char *relative, int64_t attempt)
{
    return xasprintf("%s/%s/%lld", local->root, relative, (long long)attempt);
}

/* 1: one lives and is watched. */
static int adopt_in(struct local *local, const struct attempt_tag *tag, const char *directory)
{
    struct process process = { .pid = record_holder(directory), .pidfd = -1 };

    if (process.pid <= 0)
        return 0;
    process.pidfd = pidfd_open(process.pid, 0);
    if (process.pidfd < 0 ||
        record_holder(directory) != process.pid) { /* it ended just now, and the pid may be another's */
        if (process.pidfd >= 0)
            close(process.pidfd);
        return 0;
    }
    TRY(watch(local, tag, directory, &process, false));
    return 1;
}

static int adopt(void *state, const struct attempt_tag *tag, const char *relative)
{
    struct local *local = state;
    char *directory = directory_of(local, relative, tag->attempt);
    int status = find_agent(local, tag) != NULL ? 1 : adopt_in(local, tag, directory);

    free(directory);
    return status;
}

/* --- starting --- */

static int write_order(const char *directory, const struct order *order)
{
    struct text bytes = { 0 };
    int status;

    order_encode(order, &bytes);
    status = record_write(directory, "order", bytes.data, bytes.length);
    text_release(&bytes);
    return status;
}

static int start_agent(struct local *local, const struct attempt_tag *tag, const char *directory)
{
    const char *const argv[] = { local->agent, directory, NULL };
    char *log = file_join(directory, "agent.log");
    struct process_spec spec = {
        .argv = argv,
        .envp = (const char *const *)environ,
        .working_directory = "/",
        .stdin_fd = -1,
        .new_session = true,
        .hold_signals = true,
    };
    struct process process = { .pidfd = -1 };
    int status = 0;

    spec.stdout_fd = spec.stderr_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (spec.stderr_fd < 0)
        status = fail_errno(errno, "open %s", log);
    if (status == 0)
        status = process_start(&spec, &process);
    if (status == 0)
        status = watch(local, tag, directory, &process, true);
    if (spec.stderr_fd >= 0)
        close(spec.stderr_fd);
    free(log);
    return status;
}

static int start(void *state, const struct attempt_tag *tag, const char *relative, const struct order *order)
{
    struct local *local = state;
    char *directory = directory_of(local, relative, tag->attempt);
    int status = adopt(local, tag, relative);

    if (status == 0)
        status = file_make_directories(directory, 0700);
    if (status == 0)
        status = write_order(directory, order);
    if (status == 0)
        status = start_agent(local, tag, directory);
    free(directory);
    return status < 0 ? status : 0;
}

static int stop(void *state, const struct attempt_tag *tag, bool now)
{
    struct watched *agent = find_agent(state, tag);

    if (agent == NULL)
        return fail(ERR_NOT_FOUND, "attempt %lld of trial %lld has no agent here", (long long)tag->attempt,
                    (long long)tag->number);
    if (pidfd_send_signal(agent->process.pidfd, now ? SIGUSR1 : SIGTERM, NULL, 0) < 0 && errno != ESRCH)
        return fail_errno(errno, "stop the agent in %s", agent->directory);
    return 0;
}

/* --- events --- */

static int descriptor(void *state)
{
    return ((struct local *)state)->epoll;
}

/* Its last complaint. */
static void add_last_line(const char *directory, char *message, size_t size)
{
    char *path = file_join(directory, "agent.log");
    struct text log = { 0 };
    size_t used = strlen(message);

    if (file_read(path, 1 << 20, &log) == 0 && log.length > 1) {
        char *line;

        log.data[log.length - 1] = '\0';
        line = strrchr(log.data, '\n');
        snprintf(message + used, size - used, ": %s", line != NULL ? line + 1 : log.data);
    }
    text_release(&log);
    free(path);
}

/* false: another agent holds the directory, and it is watched now. */
static bool is_gone(struct local *local, struct watched *agent, struct engine_event *event)
{
    struct rusage usage;
    char how[64];
    int status = 0;

    *event = (struct engine_event){ .kind = ENGINE_GONE, .tag = agent->tag };
    if (!agent->is_child || process_wait(&agent->process, false, &status, &usage) <= 0)
        return true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == AGENT_NOT_ALONE &&
        adopt_in(local, &agent->tag, agent->directory) > 0)
        return false;
    if (status != 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == AGENT_REFUSED)) {
        snprintf(event->message, sizeof event->message, "hone-agent: %s", process_describe(status, how));
        add_last_line(agent->directory, event->message, sizeof event->message);
    }
    return true;
}

static size_t give_started(struct local *local, struct engine_event *events, size_t max)
{
    size_t n = local->n_started < max ? local->n_started : max;

    for (size_t i = 0; i < n; i++)
        events[i] = (struct engine_event){ .kind = ENGINE_STARTED, .tag = local->started[i] };
    local->n_started -= n;
    memmove(local->started, local->started + n, local->n_started * sizeof *local->started);
    if (local->n_started == 0)
        set_wake(local, false);
    return n;
}

static size_t local_poll(void *state, struct engine_event *events, size_t max)
{
    struct local *local = state;
    size_t n = local->n_started > 0 ? give_started(local, events, max) : 0;

    while (n < max && local->n_started == 0) {
        struct epoll_event ready[EVENTS_AT_ONCE];
        int most = max - n < EVENTS_AT_ONCE ? (int)(max - n) : EVENTS_AT_ONCE;
        int n_ready = epoll_wait(local->epoll, ready, most, 0);

        if (n_ready <= 0)
            break;
        for (int i = 0; i < n_ready; i++) {
            struct watched *agent = ready[i].data.ptr;

            if (agent == NULL)
                continue;
            n += is_gone(local, agent, &events[n]);
            forget(local, agent);
        }
    }
    return n;
}

/* --- logs --- */

/* Name of the plan's first role, as the attempt's order has it. Newly allocated; NULL: there is no order. */
static char *first_role(const char *directory)
{
    char *path = file_join(directory, "order"), *name = NULL;
    struct text bytes = { 0 };
    struct arena arena = { 0 };
    struct order order;

    if (file_read(path, MESSAGE_SIZE_LIMIT, &bytes) == 0 &&
        order_decode(bytes.data, bytes.length, &arena, &order) == 0 && order.plan.n_roles > 0)
        name = xstrdup(order.plan.roles[0].name);
    arena_release(&arena);
    text_release(&bytes);
    free(path);
    return name;
}

static int logs(void *state, const char *relative, int64_t attempt, const char *role, int64_t offset, size_t max,
                struct text *out, int64_t *next)
{
    char *directory = directory_of(state, relative, attempt);
    char *name = *role != '\0' ? xstrdup(role) : first_role(directory), *path = NULL;
    int status;

    if (name == NULL || !record_name_is_safe(name)) {
        status = fail(ERR_NOT_FOUND, "no output of %s%s", *role != '\0' ? "role " : "this attempt", role);
    } else {
        path = xasprintf("%s/%s.log", directory, name);
        status = log_file_read(path, offset, max, out, next);
    }
    free(path);
    free(name);
    free(directory);
    return status;
}

const struct engine engine_local = {
    .name = "local",
    .summary = "this machine, one hone-agent a trial",
    .open = local_open,
    .close = local_close,
    .start = start,
    .adopt = adopt,
    .stop = stop,
    .descriptor = descriptor,
    .poll = local_poll,
    .logs = logs,
    .capabilities = capabilities,
};
