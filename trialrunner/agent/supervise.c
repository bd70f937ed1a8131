/*
 * Turning a supervisor: what has ended, what is due, and the end of the whole tree.
 */
#include "trialrunner/agent/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base/status.h"
#include "trialrunner/agent/record.h"
#include "trialrunner/agent/roles.h"
#include "trialrunner/agent/run.h"
#include "trialrunner/process.h"

enum {
    MEMORY_EVERY_MS = 100,
    KILL_AGAIN_MS = 50,
    KILL_LONGEST_MS = 30000,
};

static void kill_all(struct supervisor *supervisor)
{
    roles_signal(supervisor, SIGKILL);
    process_signal_tagged(NULL, SIGKILL);
    for (size_t i = 0; i < supervisor->n_roles; i++)
        for (size_t k = 0; k < supervisor->roles[i].n_runs; k++)
            limit_group_kill(&supervisor->roles[i].runs[k].group);
}

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
            role_container_ended(supervisor, role, run, status, &usage, now_ms);
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
    if (supervisor->phase == PHASE_ENDING && (now_ms >= supervisor->kill_at_ms || !roles_run(supervisor))) {
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
        role_start(supervisor, role, now_ms);
    if (role->state == ROLE_ENDING && now_ms >= role->due_ms) {
        role_signal(role, SIGKILL);
        role->due_ms = now_ms + KILL_AGAIN_MS;
    }
    for (size_t i = 0; i < role->n_runs && supervisor->phase == PHASE_RUNNING; i++) {
        struct run *run = &role->runs[i];

        if (run->restart_at_ms > 0 && now_ms >= run->restart_at_ms)
            role_start_run(supervisor, role, run, now_ms);
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

static void tick_scrapes(struct supervisor *supervisor, int64_t now_ms)
{
    struct epoll_event woken[16];

    if (supervisor->epoll < 0 || supervisor->phase == PHASE_OVER)
        return;
    while (epoll_wait(supervisor->epoll, woken, 16, 0) == 16)
        ; /* which ones does not matter */
    for (size_t i = 0; i < supervisor->n_roles; i++)
        scrape_turn(&supervisor->roles[i].scrape, supervisor->roles[i].runs[supervisor->roles[i].main].pid,
                    supervisor->epoll, now_ms);
}

void supervisor_tick(struct supervisor *supervisor, int64_t now_ms)
{
    tick_scrapes(supervisor, now_ms);
    if (supervisor->phase == PHASE_RUNNING && now_ms >= deadline_ms(supervisor))
        supervisor_decide(supervisor, "deadline", deadline_message(supervisor), "DeadlineExceeded",
                          running_run(supervisor), now_ms);
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
    for (size_t i = 0; i < supervisor->n_roles; i++)
        due = earlier(
            due, scrape_due_ms(&supervisor->roles[i].scrape, supervisor->roles[i].runs[supervisor->roles[i].main].pid));
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
    supervisor_decide(supervisor, "stopped", NULL, NULL, NULL, now_ms);
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
        supervisor_decide(supervisor, "failed", xstrdup(fail_message()), NULL, NULL, now_ms);
    else
        roles_start_pending(supervisor, now_ms);
}
