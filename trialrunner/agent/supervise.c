/*
 * Kubernetes' Job, without its waits: pods up to `parallelism` at a time until `completions` have succeeded; failures are counted
 * against the back-off limit.
 */
#include "trialrunner/agent/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base/status.h"
#include "trialrunner/agent/record.h"
#include "trialrunner/agent/run.h"
#include "trialrunner/process.h"

enum {
    LONGEST_WAIT_MS = 360000,
    MEMORY_EVERY_MS = 100,
    KILL_AGAIN_MS = 50,
    KILL_LONGEST_MS = 30000,
};

/* --- the end --- */

static bool any_runs(const struct role_run *role)
{
    for (size_t i = 0; i < role->n_runs; i++)
        if (role->runs[i].pid > 0)
            return true;
    return false;
}

static bool any_role_runs(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        if (any_runs(&supervisor->roles[i]))
            return true;
    return false;
}

static void signal_role(const struct role_run *role, int signal)
{
    for (size_t i = 0; i < role->n_runs; i++)
        run_signal(&role->runs[i], signal);
}

static void signal_all(const struct supervisor *supervisor, int signal)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        signal_role(&supervisor->roles[i], signal);
}

static int64_t grace_ms(const struct supervisor *supervisor)
{
    return (int64_t)ceil(supervisor->order->plan.grace_s * 1000);
}

/* The one place that sets how the attempt ended. message is taken; tail_of may be NULL. */
static void decide(struct supervisor *supervisor, const char *end, char *message, const char *job_reason,
                   const struct run *tail_of, int64_t now_ms)
{
    if (supervisor->phase != PHASE_RUNNING) {
        free(message);
        return;
    }
    supervisor->phase = PHASE_ENDING;
    supervisor->kill_at_ms = now_ms + grace_ms(supervisor);
    supervisor->ending.end = end;
    supervisor->ending.message = message;
    supervisor->ending.job_reason = job_reason;
    supervisor->ending.wall_s = (double)(now_ms - supervisor->started_ms) / 1000;
    if (tail_of != NULL && tail_of->output.path != NULL)
        output_add_tail(&tail_of->output, &supervisor->ending.tail);
    signal_all(supervisor, SIGTERM);
}

static void kill_all(struct supervisor *supervisor)
{
    signal_all(supervisor, SIGKILL);
    process_signal_tagged(NULL, SIGKILL);
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++)
            limit_group_kill(&supervisor->roles[i].runs[k].group);
}

/* --- roles --- */

static size_t n_alive(const struct supervisor *supervisor)
{
    size_t n = 0;

    for (size_t i = 0; i < supervisor->n_roles; i++)
        n += supervisor->roles[i].state != ROLE_PENDING && supervisor->roles[i].state != ROLE_SUCCEEDED;
    return n;
}

static int64_t wait_ms(const struct supervisor *supervisor)
{
    int64_t wait = supervisor->first_wait_ms;

    if (!supervisor->order->plan.backoff_is_given)
        return 0;
    for (int64_t i = 1; i < supervisor->n_failures && wait < LONGEST_WAIT_MS; i++)
        wait *= 2;
    return wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS;
}

/* Kubernetes calls such an exit code a bug of the program rather than of the machine. */
static bool is_permanent(const struct role_run *role, int status)
{
    return role->role->restart == RESTART_EXIT_CODE && WIFEXITED(status) && WEXITSTATUS(status) < 128;
}

static char *name_failure(const struct role_run *role, const struct run *run, char *what)
{
    char *message = role->n_runs > 1 ? xasprintf("%s/%s: %s", role->role->name, run->container->name, what)
                                     : xasprintf("%s: %s", role->role->name, what);

    free(what);
    return message;
}

static void retry_role(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    role->state = ROLE_WAITING;
    role->due_ms = now_ms + wait_ms(supervisor);
    role->try++;
    run_give_gpus(supervisor, role);
    if (!any_role_runs(supervisor)) /* what left its process group, too */
        process_signal_tagged(NULL, SIGKILL);
}

/* what is taken. */
static void container_failed(struct supervisor *supervisor, struct role_run *role, struct run *run, char *what,
                             bool permanent, int64_t now_ms)
{
    char *message = name_failure(role, run, what);
    bool in_place = role->role->restart == RESTART_ON_FAILURE || role->role->restart == RESTART_ALWAYS;

    supervisor->n_failures++;
    if (permanent || supervisor->n_failures > supervisor->order->plan.backoff_limit) {
        decide(supervisor, "failed", message, "BackoffLimitExceeded", run, now_ms);
        return;
    }
    free(message);
    if (in_place) {
        run->restart_at_ms = now_ms + wait_ms(supervisor);
    } else if (any_runs(role)) {
        role->state = ROLE_ENDING;
        role->due_ms = now_ms + grace_ms(supervisor);
        signal_role(role, SIGTERM);
    } else {
        retry_role(supervisor, role, now_ms);
    }
}

static void start_run(struct supervisor *supervisor, struct role_run *role, struct run *run, int64_t now_ms)
{
    if (run_start(supervisor, role, run) < 0)
        container_failed(supervisor, role, run, xstrdup(fail_message()), false, now_ms);
}

static void start_containers(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    role->state = ROLE_RUNNING;
    for (size_t i = role->role->n_init;
         i < role->n_runs && supervisor->phase == PHASE_RUNNING && role->state == ROLE_RUNNING; i++)
        start_run(supervisor, role, &role->runs[i], now_ms);
}

static void start_next(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    if (role->init_next == role->role->n_init) {
        start_containers(supervisor, role, now_ms);
    } else {
        role->state = ROLE_INIT;
        start_run(supervisor, role, &role->runs[role->init_next], now_ms);
    }
}

/* false: what an earlier try reported must be read first. */
static bool change_follow(struct supervisor *supervisor, struct role_run *role)
{
    if (role->follow.path != NULL) {
        follow_finish(&role->follow, supervisor->inotify);
        if (role->follow.is_dirty)
            return false;
        follow_close(&role->follow, supervisor->inotify);
        stream_forget(role->stream, 0);
    }
    run_follow(supervisor, role);
    return true;
}

static void start_role(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    if (!change_follow(supervisor, role)) {
        role->state = ROLE_WAITING;
        role->due_ms = now_ms + KILL_AGAIN_MS;
        return;
    }
    role->init_next = 0;
    for (size_t i = 0; i < role->n_runs; i++)
        role->runs[i].has_succeeded = false;
    if (run_take_gpus(supervisor, role) < 0)
        decide(supervisor, "failed", xstrdup(fail_message()), "BackoffLimitExceeded", NULL, now_ms);
    else
        start_next(supervisor, role, now_ms);
    role->follow.is_dirty = role->follow.path != NULL; /* its directory may only be there now */
}

static void start_pending(struct supervisor *supervisor, int64_t now_ms)
{
    size_t most = supervisor->order->plan.parallelism > 0 ? (size_t)supervisor->order->plan.parallelism : 1;

    for (size_t i = 0; i < supervisor->n_roles && supervisor->phase == PHASE_RUNNING && n_alive(supervisor) < most; i++)
        if (supervisor->roles[i].state == ROLE_PENDING)
            start_role(supervisor, &supervisor->roles[i], now_ms);
}

static void role_succeeded(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    role->state = ROLE_SUCCEEDED;
    run_give_gpus(supervisor, role);
    if (++supervisor->n_succeeded >= supervisor->order->plan.completions)
        decide(supervisor, "succeeded", NULL, NULL, NULL, now_ms);
    else
        start_pending(supervisor, now_ms);
}

static void container_succeeded(struct supervisor *supervisor, struct role_run *role, struct run *run, int64_t now_ms)
{
    run->has_succeeded = true;
    if (role->state == ROLE_INIT) {
        role->init_next++;
        start_next(supervisor, role, now_ms);
        return;
    }
    for (size_t i = role->role->n_init; i < role->n_runs; i++)
        if (!role->runs[i].has_succeeded)
            return;
    role_succeeded(supervisor, role, now_ms);
}

static void container_ended(struct supervisor *supervisor, struct role_run *role, struct run *run, int status,
                            const struct rusage *usage, int64_t now_ms)
{
    bool success = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    run_ended(supervisor, run);
    role->follow.is_dirty = role->follow.path != NULL;
    if (supervisor->phase != PHASE_RUNNING)
        return;
    if (role->state == ROLE_ENDING) {
        if (!any_runs(role))
            retry_role(supervisor, role, now_ms);
    } else if (success) {
        container_succeeded(supervisor, role, run, now_ms);
    } else {
        container_failed(supervisor, role, run, run_failure(run, status, usage), is_permanent(role, status), now_ms);
    }
}

/* --- what the loop calls --- */

static void take_usage(struct supervisor *supervisor, const struct rusage *usage)
{
    struct ending *ending = &supervisor->ending;
    double peak = (double)usage->ru_maxrss * 1024;

    ending->cpu_s += (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
                     (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
    if (peak > ending->peak_memory)
        ending->peak_memory = peak;
}

static bool find_run(struct supervisor *supervisor, pid_t pid, struct role_run **role, struct run **run)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++)
            if (supervisor->roles[i].runs[k].pid == pid) {
                *role = &supervisor->roles[i];
                *run = &supervisor->roles[i].runs[k];
                return true;
            }
    return false;
}

void supervisor_reap(struct supervisor *supervisor, int64_t now_ms)
{
    struct role_run *role;
    struct rusage usage;
    struct run *run;
    int status;
    pid_t pid;

    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        take_usage(supervisor, &usage);
        if (find_run(supervisor, pid, &role, &run)) /* else an orphan that we adopted */
            container_ended(supervisor, role, run, status, &usage, now_ms);
    }
    if (pid < 0 && errno == ECHILD && (supervisor->phase == PHASE_KILLING || supervisor->phase == PHASE_ENDING))
        supervisor->phase = PHASE_OVER;
}

static void remove_groups(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++)
            limit_group_remove(&supervisor->roles[i].runs[k].group);
}

static void tick_ending(struct supervisor *supervisor, int64_t now_ms)
{
    if (supervisor->phase == PHASE_ENDING && (now_ms >= supervisor->kill_at_ms || !any_role_runs(supervisor))) {
        supervisor->phase = PHASE_KILLING;
        supervisor->kill_at_ms = now_ms + KILL_LONGEST_MS;
    }
    if (supervisor->phase == PHASE_KILLING) {
        supervisor_reap(supervisor, now_ms);
        if (supervisor->phase == PHASE_KILLING)
            kill_all(supervisor);
    }
    if (supervisor->phase == PHASE_KILLING && now_ms >= supervisor->kill_at_ms) {
        log_error("agent.kill", "a process of %s does not die", supervisor->directory);
        supervisor->phase = PHASE_OVER;
    }
    if (supervisor->phase == PHASE_OVER)
        remove_groups(supervisor);
}

static void tick_role(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    if (role->state == ROLE_WAITING && now_ms >= role->due_ms)
        start_role(supervisor, role, now_ms);
    if (role->state == ROLE_ENDING && now_ms >= role->due_ms) {
        signal_role(role, SIGKILL);
        role->due_ms = now_ms + KILL_AGAIN_MS;
    }
    for (size_t i = 0; i < role->n_runs && supervisor->phase == PHASE_RUNNING; i++) {
        struct run *run = &role->runs[i];

        if (run->restart_at_ms > 0 && now_ms >= run->restart_at_ms)
            start_run(supervisor, role, run, now_ms);
        run_throttle(run);
    }
}

static bool has_memory_to_watch(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++) {
            const struct run *run = &supervisor->roles[i].runs[k];

            if (run->pid > 0 && run->container->limits.memory > 0 && !limit_group_holds_memory(&run->group))
                return true;
        }
    return false;
}

static void tick_memory(struct supervisor *supervisor, int64_t now_ms)
{
    if (!has_memory_to_watch(supervisor) || now_ms < supervisor->memory_due_ms)
        return;
    supervisor->memory_due_ms = now_ms + MEMORY_EVERY_MS;
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++)
            run_check_memory(supervisor, &supervisor->roles[i].runs[k]);
}

static int64_t deadline_ms(const struct supervisor *supervisor)
{
    double deadline_s = supervisor->order->plan.deadline_s;

    return deadline_s > 0 && deadline_s < 1e12 ? supervisor->started_ms + (int64_t)(deadline_s * 1000) : INT64_MAX;
}

static const struct run *running_run(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++)
            if (supervisor->roles[i].runs[k].pid > 0)
                return &supervisor->roles[i].runs[k];
    return NULL;
}

static char *deadline_message(const struct supervisor *supervisor)
{
    char number[NUMBER_TEXT_SIZE];

    return xasprintf("ran longer than its deadline of %s s", number_format(supervisor->order->plan.deadline_s, number));
}

void supervisor_tick(struct supervisor *supervisor, int64_t now_ms)
{
    if (supervisor->phase == PHASE_RUNNING && now_ms >= deadline_ms(supervisor))
        decide(supervisor, "deadline", deadline_message(supervisor), "DeadlineExceeded", running_run(supervisor),
               now_ms);
    for (size_t i = 0; i < supervisor->n_roles && supervisor->phase == PHASE_RUNNING; i++)
        tick_role(supervisor, &supervisor->roles[i], now_ms);
    tick_memory(supervisor, now_ms);
    if (supervisor->phase != PHASE_RUNNING)
        tick_ending(supervisor, now_ms);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t supervisor_due_ms(const struct supervisor *supervisor)
{
    int64_t due = supervisor->phase == PHASE_RUNNING ? deadline_ms(supervisor) : INT64_MAX;

    if (has_memory_to_watch(supervisor))
        due = earlier(due, supervisor->memory_due_ms);
    if (supervisor->phase == PHASE_OVER)
        return INT64_MAX;
    if (supervisor->phase == PHASE_KILLING)
        return earlier(due, clock_steady_ms() + KILL_AGAIN_MS);
    if (supervisor->phase == PHASE_ENDING)
        return earlier(due, supervisor->kill_at_ms);
    for (size_t i = 0; i < supervisor->n_roles; i++) {
        const struct role_run *role = &supervisor->roles[i];

        if (role->state == ROLE_WAITING || role->state == ROLE_ENDING)
            due = earlier(due, role->due_ms);
        for (size_t k = 0; k < role->n_runs; k++)
            if (role->runs[k].restart_at_ms > 0)
                due = earlier(due, role->runs[k].restart_at_ms);
    }
    return due;
}

void supervisor_stop(struct supervisor *supervisor, int64_t now_ms, bool now)
{
    decide(supervisor, "stopped", NULL, NULL, NULL, now_ms);
    if (now && supervisor->phase == PHASE_ENDING)
        supervisor->kill_at_ms = now_ms;
    supervisor_tick(supervisor, now_ms);
}

static int open_record(struct supervisor *supervisor)
{
    char line[64];
    char *path = xasprintf("%s/started", supervisor->directory);
    int length = snprintf(line, sizeof line, "at %lld\n", (long long)clock_wall_us());
    int status = record_write(supervisor->directory, "started", line, (size_t)length);

    if (status == 0)
        supervisor->record = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (status == 0 && supervisor->record < 0)
        status = fail_errno(errno, "open %s", path);
    free(path);
    return status;
}

void supervisor_start(struct supervisor *supervisor, int64_t now_ms)
{
    supervisor->started_ms = now_ms;
    if (open_record(supervisor) < 0)
        decide(supervisor, "failed", xstrdup(fail_message()), NULL, NULL, now_ms);
    else
        start_pending(supervisor, now_ms);
}
