/*
 * Making a supervisor from an order, and reading what its roles write.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "trialrunner/agent/record.h"
#include "trialrunner/agent/run.h"

enum { FIRST_WAIT_MS = 10000 };

static void init_role(const struct supervisor *supervisor, struct role_run *run, const struct role *role,
                      struct stream *stream)
{
    run->role = role;
    run->stream = stream != NULL && role->containers[record_main_container(role)].collect ? stream : NULL;
    run->n_runs = role->n_init + role->n_containers;
    run->main = run->source = role->n_init + record_main_container(role);
    run->runs = xcalloc(run->n_runs + 1, sizeof *run->runs);
    for (size_t i = 0; i < run->n_runs; i++) {
        run->runs[i].container = i < role->n_init ? &role->init[i] : &role->containers[i - role->n_init];
        run->runs[i].output = (struct output){ .fd = -1, .watch = -1 };
        if (run->runs[i].container->is_collector)
            run->source = i;
    }
    run->follow = (struct follow){ .fd = -1, .watch = -1 };
    if (run->stream != NULL && supervisor->epoll >= 0)
        scrape_open(&run->scrape, stream, supervisor->order->http_path, role->metrics_port,
                    supervisor->order->http_port);
}

static void init_gpus(struct supervisor *supervisor, const char *gpus)
{
    size_t capacity = 0;

    while (gpus != NULL && *gpus != '\0') {
        size_t length = strcspn(gpus, ",");

        supervisor->gpus = grow(supervisor->gpus, supervisor->n_gpus, &capacity, sizeof *supervisor->gpus);
        supervisor->gpus[supervisor->n_gpus++] = strndup(gpus, length);
        gpus += length + (gpus[length] != '\0');
    }
    supervisor->gpu_taken = xcalloc(supervisor->n_gpus + 1, sizeof *supervisor->gpu_taken);
}

static bool has_limits(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_roles; i++) {
        const struct role *role = &plan->roles[i];

        for (size_t k = 0; k < role->n_init + role->n_containers; k++) {
            const struct container *container = k < role->n_init ? &role->init[k] : &role->containers[k - role->n_init];

            if (container->limits.cpus > 0 || container->limits.memory > 0)
                return true;
        }
    }
    return false;
}

void supervisor_init(struct supervisor *supervisor, const char *directory, const struct order *order,
                     struct stream *streams, const struct collector_kind *collector, int inotify)
{
    const char *first_wait = getenv("HONE_BACKOFF_SECONDS");
    double seconds;

    *supervisor = (struct supervisor){
        .directory = directory,
        .order = order,
        .inotify = inotify,
        .epoll = collector != NULL && collector->is_scraped ? epoll_create1(EPOLL_CLOEXEC) : -1,
        .collector = collector,
        .record = -1,
        .first_wait_ms = FIRST_WAIT_MS,
        .n_roles = order->plan.n_roles,
    };
    if (first_wait != NULL && number_parse(first_wait, &seconds) && seconds >= 0 && seconds < 1e6)
        supervisor->first_wait_ms = (int64_t)ceil(seconds * 1000);
    supervisor->roles = xcalloc(order->plan.n_roles + 1, sizeof *supervisor->roles);
    for (size_t i = 0; i < order->plan.n_roles; i++)
        init_role(supervisor, &supervisor->roles[i], &order->plan.roles[i], streams != NULL ? &streams[i] : NULL);
    init_gpus(supervisor, order->gpus);
    if (has_limits(&order->plan))
        limits_find(&supervisor->limits);
}

/* Outputs of a role that has ended and was read need no descriptor any more; its sidecars may yet print. */
static void close_outputs(struct supervisor *supervisor, struct role_run *role)
{
    for (size_t i = 0; i < role->n_runs; i++) {
        struct output *output = &role->runs[i].output;

        if (output->path == NULL || output->is_dirty || role->runs[i].pid > 0)
            continue;
        output_finish(output);
        output_close(output, supervisor->inotify);
    }
}

static bool read_role(struct supervisor *supervisor, struct role_run *role)
{
    bool more = false;

    for (size_t i = 0; i < role->n_runs; i++) {
        struct output *output = &role->runs[i].output;

        if (output->path == NULL || !output->is_dirty)
            continue;
        output_read(output);
        more |= output->is_dirty && !(output->stream != NULL && stream_is_full(output->stream));
    }
    if (role->follow.path != NULL && role->follow.is_dirty) {
        follow_read(&role->follow, supervisor->inotify);
        more |= role->follow.is_dirty && !stream_is_full(role->stream);
    }
    if (role->state == ROLE_SUCCEEDED)
        close_outputs(supervisor, role);
    return more;
}

bool supervisor_read(struct supervisor *supervisor)
{
    bool more = false;

    for (size_t i = 0; i < supervisor->n_roles; i++)
        more |= read_role(supervisor, &supervisor->roles[i]);
    return more;
}

static bool is_drained(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++) {
        const struct role_run *role = &supervisor->roles[i];

        for (size_t k = 0; k < role->n_runs; k++)
            if (role->runs[k].output.path != NULL && role->runs[k].output.is_dirty)
                return false;
        if (role->follow.path != NULL && role->follow.is_dirty)
            return false;
    }
    return true;
}

bool supervisor_drain(struct supervisor *supervisor)
{
    supervisor_read(supervisor);
    if (!is_drained(supervisor))
        return false;
    for (size_t i = 0; i < supervisor->n_roles; i++) {
        struct role_run *role = &supervisor->roles[i];

        close_outputs(supervisor, role);
        if (role->follow.path == NULL)
            continue;
        follow_finish(&role->follow, supervisor->inotify);
        if (role->follow.is_dirty)
            return false;
        follow_close(&role->follow, supervisor->inotify);
    }
    return true;
}

void supervisor_mark(struct supervisor *supervisor, int watch)
{
    for (size_t i = 0; i < supervisor->n_roles; i++) {
        struct role_run *role = &supervisor->roles[i];

        for (size_t k = 0; k < role->n_runs; k++)
            if (role->runs[k].output.path != NULL && (watch < 0 || role->runs[k].output.watch == watch))
                role->runs[k].output.is_dirty = true;
        if (role->follow.path != NULL && (watch < 0 || role->follow.watch == watch))
            role->follow.is_dirty = true;
    }
}

bool supervisor_mark_unwatched(struct supervisor *supervisor)
{
    bool any = false;

    for (size_t i = 0; i < supervisor->n_roles; i++) {
        struct role_run *role = &supervisor->roles[i];
        bool is_unwatched = role->follow.path != NULL && role->follow.watch < 0;

        role->follow.is_dirty |= is_unwatched;
        any |= is_unwatched;
        for (size_t k = 0; k < role->n_runs; k++) {
            struct output *output = &role->runs[k].output;

            is_unwatched = output->path != NULL && output->watch < 0;
            output->is_dirty |= is_unwatched;
            any |= is_unwatched;
        }
    }
    return any;
}

/* The last try that made its private directories. */
static int last_try(const struct supervisor *supervisor, const struct role_run *role)
{
    for (int try = 0;; try++) {
        char *next = xasprintf("%s/paths/%s/%d", supervisor->directory, role->role->name, try + 1);
        bool exists = access(next, F_OK) == 0;

        free(next);
        if (!exists)
            return try;
    }
}

void supervisor_recover(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++) {
        struct role_run *role = &supervisor->roles[i];

        role->try = last_try(supervisor, role);
        if (role->stream == NULL)
            continue;
        if (supervisor->collector->reads_file)
            run_follow(supervisor, role);
        else if (supervisor->collector->reads_output)
            run_open_output(supervisor, role, &role->runs[role->source], true);
    }
    supervisor->phase = PHASE_OVER;
}

void supervisor_release(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_roles; i++) {
        struct role_run *role = &supervisor->roles[i];

        for (size_t k = 0; k < role->n_runs; k++) {
            output_close(&role->runs[k].output, supervisor->inotify);
            limit_group_remove(&role->runs[k].group);
            free(role->runs[k].gpus);
        }
        follow_close(&role->follow, supervisor->inotify);
        scrape_close(&role->scrape);
        free(role->runs);
    }
    for (size_t i = 0; i < supervisor->n_gpus; i++)
        free(supervisor->gpus[i]);
    if (supervisor->epoll >= 0)
        close(supervisor->epoll);
    if (supervisor->record >= 0)
        close(supervisor->record);
    free(supervisor->gpus);
    free(supervisor->gpu_taken);
    free(supervisor->roles);
    free(supervisor->ending.message);
    text_release(&supervisor->ending.tail);
    limits_release(&supervisor->limits);
    *supervisor = (struct supervisor){ .record = -1, .epoll = -1 };
}
