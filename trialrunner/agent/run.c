/*
 * Containers, one at a time.
 */
#include "trialrunner/agent/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "trialrunner/agent/launch.h"
#include "trialrunner/agent/record.h"

enum { BACKLOG_LIMIT = 1 << 20 };

static int gpus_of(const struct container *container)
{
    return container->limits.gpus > container->requests.gpus ? container->limits.gpus : container->requests.gpus;
}

static int take_gpus(struct supervisor *supervisor, struct run *run)
{
    struct text taken = { 0 };
    int wanted = gpus_of(run->container);

    for (size_t i = 0; i < supervisor->n_gpus && wanted > 0; i++)
        if (!supervisor->gpu_taken[i]) {
            supervisor->gpu_taken[i] = true;
            text_printf(&taken, "%s%s", taken.length > 0 ? "," : "", supervisor->gpus[i]);
            wanted--;
        }
    run->gpus = taken.data;
    if (wanted > 0)
        return fail(ERR_LIMIT, "container %s asks for %d more GPUs than the trial was given", run->container->name,
                    wanted);
    return 0;
}

int run_take_gpus(struct supervisor *supervisor, struct role_run *role)
{
    for (size_t i = 0; i < role->n_runs; i++)
        TRY(take_gpus(supervisor, &role->runs[i]));
    return 0;
}

static void give_gpu(struct supervisor *supervisor, const char *name, size_t length)
{
    for (size_t i = 0; i < supervisor->n_gpus; i++)
        if (strlen(supervisor->gpus[i]) == length && strncmp(supervisor->gpus[i], name, length) == 0)
            supervisor->gpu_taken[i] = false;
}

void run_give_gpus(struct supervisor *supervisor, struct role_run *role)
{
    for (size_t i = 0; i < role->n_runs; i++) {
        const char *at = role->runs[i].gpus;

        while (at != NULL && *at != '\0') {
            size_t length = strcspn(at, ",");

            give_gpu(supervisor, at, length);
            at += length + (at[length] != '\0');
        }
        free(role->runs[i].gpus);
        role->runs[i].gpus = NULL;
    }
}

static struct paths_place place_of(const struct supervisor *supervisor, const struct role_run *role)
{
    return (struct paths_place){ supervisor->directory, role->role->name, role->try };
}

static bool is_main(const struct role_run *role, const struct run *run)
{
    return run == &role->runs[role->main];
}

static bool prints_metrics(const struct supervisor *supervisor)
{
    return supervisor->collector != NULL && supervisor->collector->reads_output;
}

static bool has_metrics_file(const struct supervisor *supervisor)
{
    return supervisor->collector != NULL && supervisor->collector->reads_file;
}

int run_open_output(struct supervisor *supervisor, struct role_run *role, struct run *run, bool must_exist)
{
    struct stream *stream = run == &role->runs[role->source] && prints_metrics(supervisor) ? role->stream : NULL;
    char *path;
    int status = 0;

    if (run->output.path != NULL)
        return 0;
    path = record_output_path(supervisor->directory, role->role, run->container);
    if (!must_exist || access(path, F_OK) == 0)
        status = output_open(&run->output, path, stream, stream != NULL ? stream->end : 0, supervisor->order->log_limit,
                             supervisor->inotify);
    free(path);
    return status;
}

void run_follow(struct supervisor *supervisor, struct role_run *role)
{
    struct paths_place place = place_of(supervisor, role);
    struct arena arena = { 0 };
    const char *path;

    if (role->stream == NULL || !has_metrics_file(supervisor))
        return;
    path = paths_on_host(&place, role->runs[role->main].container, supervisor->order->metrics_path, &arena);
    if (supervisor->collector->is_events)
        follow_open_events(&role->follow, path, role->stream);
    else
        follow_open(&role->follow, path, role->stream, role->stream->n_lines > 0 ? role->stream->end : 0,
                    supervisor->inotify);
    arena_release(&arena);
}

/* Tells processes and cgroups of one attempt from those of all others on the machine. */
static char *group_name(struct supervisor *supervisor)
{
    return xasprintf("hone-%016llx-%lld",
                     (unsigned long long)stream_hash(supervisor->directory, strlen(supervisor->directory)),
                     (long long)++supervisor->n_groups);
}

static void open_group(struct supervisor *supervisor, struct run *run)
{
    const struct resources *limits = &run->container->limits;
    char *name;

    if (limits->cpus <= 0 && limits->memory <= 0)
        return;
    name = group_name(supervisor);
    limit_group_open(&supervisor->limits, name, limits, &run->group);
    for (int k = 0; k < N_LIMIT_CONTROLLERS; k++)
        if (run->group.directory[k] != NULL)
            dprintf(supervisor->record, "group %s\n", run->group.directory[k]);
    free(name);
}

int run_start(struct supervisor *supervisor, struct role_run *role, struct run *run)
{
    struct process process;
    struct launch launch = {
        .order = supervisor->order,
        .container = run->container,
        .place = place_of(supervisor, role),
        .gpus = run->gpus != NULL ? run->gpus : "",
        .needed = is_main(role, run) && has_metrics_file(supervisor) ? supervisor->order->metrics_path : NULL,
        .group = &run->group,
    };
    int status;

    run->restart_at_ms = 0;
    run->ran_out_of_memory = run->is_paused = false;
    TRY(run_open_output(supervisor, role, run, false));
    TRY(output_begin(&run->output));
    launch.output_fd = run->output.fd;
    launch.output_path = run->output.path;
    limit_group_remove(&run->group);
    open_group(supervisor, run);
    status = launch_container(&launch, &process);
    limit_group_close_fds(&run->group);
    if (status < 0)
        return status;
    if (process.pidfd >= 0)
        close(process.pidfd);
    run->pid = process.pid;
    dprintf(supervisor->record, "pid %d %llu\n", (int)run->pid, process_birth(run->pid));
    return 0;
}

void run_ended(struct supervisor *supervisor, struct run *run)
{
    double peak = limit_group_peak(&run->group);

    kill(-run->pid, SIGKILL);
    run->pid = 0;
    run->output.is_dirty = true;
    if (peak > supervisor->ending.peak_memory)
        supervisor->ending.peak_memory = peak;
    if (limit_group_ran_out(&run->group))
        run->ran_out_of_memory = true;
    limit_group_kill(&run->group);
}

void run_signal(const struct run *run, int signal)
{
    if (run->pid <= 0)
        return;
    kill(-run->pid, signal);
    if (run->is_paused)
        kill(-run->pid, SIGCONT);
}

void run_check_memory(struct supervisor *supervisor, struct run *run)
{
    double limit = run->container->limits.memory, memory;

    if (run->pid <= 0 || limit <= 0 || limit_group_holds_memory(&run->group))
        return;
    memory = process_tree_memory(run->pid);
    if (memory > supervisor->ending.peak_memory)
        supervisor->ending.peak_memory = memory;
    if (memory > limit) {
        run->ran_out_of_memory = true;
        kill(-run->pid, SIGKILL);
    }
}

void run_throttle(struct run *run)
{
    int64_t most = run->output.limit > BACKLOG_LIMIT ? run->output.limit : BACKLOG_LIMIT, backlog;

    if (run->pid <= 0 || run->output.stream == NULL || run->output.limit <= 0)
        return;
    backlog = output_backlog(&run->output);
    if (run->is_paused ? backlog > most / 2 : backlog <= most)
        return;
    run->is_paused = !run->is_paused;
    kill(-run->pid, run->is_paused ? SIGSTOP : SIGCONT);
}

char *run_failure(const struct run *run, int status, const struct rusage *usage)
{
    double limit = run->container->limits.memory, reached = (double)usage->ru_maxrss * 1024;
    struct arena arena = { 0 };
    char buffer[64], *message;

    process_describe(status, buffer);
    if (run->ran_out_of_memory)
        message = xasprintf("out of memory: limit %s", limit_format(limit, &arena));
    else if (limit > 0 && !limit_group_holds_memory(&run->group) && reached > 0.9 * limit)
        message = xasprintf("%s, at its memory limit %s", buffer, limit_format(limit, &arena));
    else
        message = xstrdup(buffer);
    arena_release(&arena);
    return message;
}
