/*
 * Kubernetes' Job, without its waits: pods up to `parallelism` at a time until `completions` have succeeded; failures are counted
 * against the back-off limit.
 */
#include "trialrunner/agent/roles.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "base/status.h"
#include "trialrunner/agent/run.h"
#include "trialrunner/process.h"

enum { LONGEST_WAIT_MS = 360000, LOOK_AGAIN_MS = 50, SIDECAR_AGAIN_MS = 1000 };

bool role_runs(const struct role_run *role)
{
    for (size_t i = 0; i < role->n_runs; i++)
        if (role->runs[i].pid > 0)
            return true;
    return false;
}

bool roles_run(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        if (role_runs(&supervisor->roles[i]))
            return true;
    return false;
}

void role_signal(const struct role_run *role, int signal)
{
    for (size_t i = 0; i < role->n_runs; i++)
        run_signal(&role->runs[i], signal);
}

void roles_signal(const struct supervisor *supervisor, int signal)
{
    for (size_t i = 0; i < supervisor->n_roles; i++)
        role_signal(&supervisor->roles[i], signal);
}

static int64_t grace_ms(const struct supervisor *supervisor)
{
    return (int64_t)ceil(supervisor->order->plan.grace_s * 1000);
}

/* The one place that sets how the attempt ended. message is taken; tail_of may be NULL. */
void supervisor_decide(struct supervisor *supervisor, const char *end, char *message, const char *job_reason,
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
    roles_signal(supervisor, SIGTERM);
}

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
static bool is_permanent(const struct supervisor *supervisor, const struct role_run *role, int status)
{
    if (role->role->restart == RESTART_NEVER)
        return supervisor->order->plan.is_gang;
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
    if (!roles_run(supervisor)) /* what left its process group, too */
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
        supervisor_decide(supervisor, "failed", message, "BackoffLimitExceeded", run, now_ms);
        return;
    }
    free(message);
    if (in_place) {
        run->restart_at_ms = now_ms + wait_ms(supervisor);
    } else if (role_runs(role)) {
        role->state = ROLE_ENDING;
        role->due_ms = now_ms + grace_ms(supervisor);
        role_signal(role, SIGTERM);
    } else {
        retry_role(supervisor, role, now_ms);
    }
}

void role_start_run(struct supervisor *supervisor, struct role_run *role, struct run *run, int64_t now_ms)
{
    if (run_start(supervisor, role, run) < 0)
        container_failed(supervisor, role, run, xstrdup(fail_message()), false, now_ms);
}

static void start_containers(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    role->state = ROLE_RUNNING;
    for (size_t i = role->role->n_init;
         i < role->n_runs && supervisor->phase == PHASE_RUNNING && role->state == ROLE_RUNNING; i++)
        role_start_run(supervisor, role, &role->runs[i], now_ms);
}

static void start_next(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    if (role->init_next == role->role->n_init) {
        start_containers(supervisor, role, now_ms);
    } else {
        role->state = ROLE_INIT;
        role_start_run(supervisor, role, &role->runs[role->init_next], now_ms);
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

void role_start(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    if (!change_follow(supervisor, role)) {
        role->state = ROLE_WAITING;
        role->due_ms = now_ms + LOOK_AGAIN_MS;
        return;
    }
    role->init_next = 0;
    for (size_t i = 0; i < role->n_runs; i++)
        role->runs[i].has_succeeded = false;
    if (run_take_gpus(supervisor, role) < 0)
        supervisor_decide(supervisor, "failed", xstrdup(fail_message()), "BackoffLimitExceeded", NULL, now_ms);
    else
        start_next(supervisor, role, now_ms);
    role->follow.is_dirty = role->follow.path != NULL; /* its directory may only be there now */
}

void roles_start_pending(struct supervisor *supervisor, int64_t now_ms)
{
    size_t most = supervisor->order->plan.parallelism > 0 ? (size_t)supervisor->order->plan.parallelism : 1;

    for (size_t i = 0; i < supervisor->n_roles && supervisor->phase == PHASE_RUNNING && n_alive(supervisor) < most; i++)
        if (supervisor->roles[i].state == ROLE_PENDING)
            role_start(supervisor, &supervisor->roles[i], now_ms);
}

static void role_succeeded(struct supervisor *supervisor, struct role_run *role, int64_t now_ms)
{
    role->state = ROLE_SUCCEEDED;
    run_give_gpus(supervisor, role);
    supervisor->n_succeeded += role->role->decides;
    if (supervisor->n_succeeded >= supervisor->order->plan.completions)
        supervisor_decide(supervisor, "succeeded", NULL, NULL, NULL, now_ms);
    else
        roles_start_pending(supervisor, now_ms);
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
        if (!role->runs[i].has_succeeded && !role->runs[i].container->sidecar)
            return;
    role_succeeded(supervisor, role, now_ms);
    if (supervisor->phase == PHASE_RUNNING) /* its sidecars have nobody left to serve */
        role_signal(role, SIGTERM);
}

void role_container_ended(struct supervisor *supervisor, struct role_run *role, struct run *run, int status,
                          const struct rusage *usage, int64_t now_ms)
{
    bool success = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    run_ended(supervisor, run);
    role->follow.is_dirty = role->follow.path != NULL;
    if (supervisor->phase != PHASE_RUNNING)
        return;
    if (role->state == ROLE_ENDING) {
        if (!role_runs(role))
            retry_role(supervisor, role, now_ms);
    } else if (run->container->sidecar) {
        bool is_done = success && run->container->is_collector;

        run->restart_at_ms = role->state == ROLE_RUNNING && !is_done ? now_ms + SIDECAR_AGAIN_MS : 0;
    } else if (success) {
        container_succeeded(supervisor, role, run, now_ms);
    } else {
        container_failed(supervisor, role, run, run_failure(run, status, usage), is_permanent(supervisor, role, status),
                         now_ms);
    }
}
