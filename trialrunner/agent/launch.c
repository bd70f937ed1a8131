/*
 * The environment of a container is the agent's own, then what Hone promises, then what the manifest sets.
 */
#include "trialrunner/agent/launch.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char launch_tag_name[] = "HONE_ATTEMPT";

struct environment {
    struct arena *arena;
    const char **items; /* (n), ended by NULL */
    size_t n;
};

static void set(struct environment *environment, const char *entry)
{
    size_t length = strcspn(entry, "=") + 1;

    for (size_t i = 0; i < environment->n; i++)
        if (strncmp(environment->items[i], entry, length) == 0) {
            environment->items[i] = entry;
            return;
        }
    environment->items[environment->n++] = entry;
}

static int cores(void)
{
    cpu_set_t mask;

    return sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : 1;
}

/* What the container may take of the machine: its limit or request, else an even part for the roles that run at once. */
static int threads_of(const struct launch *launch)
{
    const struct container *container = launch->container;
    double declared = container->limits.cpus > 0 ? container->limits.cpus : container->requests.cpus;
    int at_once = launch->order->plan.parallelism > 0 ? launch->order->plan.parallelism : 1;
    int threads = declared > 0 ? (int)declared : cores() / at_once;

    return threads > 0 ? threads : 1;
}

static void set_promised(const struct launch *launch, struct environment *environment)
{
    struct arena *arena = environment->arena;
    int threads = threads_of(launch);

    set(environment, "PYTHONUNBUFFERED=1");
    set(environment, arena_printf(arena, "KATIB_TRIAL_NAME=%s", launch->order->trial));
    set(environment, arena_printf(arena, "HONE_TRIAL=%s", launch->order->trial));
    set(environment, arena_printf(arena, "OMP_NUM_THREADS=%d", threads));
    set(environment, arena_printf(arena, "OPENBLAS_NUM_THREADS=%d", threads));
    if (launch->container->is_collector)
        set(environment, arena_printf(arena, "HONE_REPORT_FILE=%s", launch->output_path));
    if (*launch->gpus == '\0')
        set(environment, "CUDA_VISIBLE_DEVICES=");
}

static const char *const *make_environment(const struct launch *launch, const struct paths *paths, struct arena *arena)
{
    enum { OURS = 16 };
    struct environment environment = { .arena = arena };
    size_t n_own = 0;

    while (environ[n_own] != NULL)
        n_own++;
    environment.items = arena_array(arena, n_own + launch->container->n_env + OURS, sizeof *environment.items);
    for (size_t i = 0; i < n_own; i++)
        environment.items[environment.n++] = environ[i];
    set_promised(launch, &environment);
    for (size_t i = 0; i < launch->container->n_env; i++)
        set(&environment, paths->env[i]);
    if (*launch->gpus != '\0') {
        set(&environment, arena_printf(arena, "CUDA_VISIBLE_DEVICES=%s", launch->gpus));
        set(&environment, "CUDA_DEVICE_ORDER=PCI_BUS_ID");
    }
    set(&environment, arena_printf(arena, "%s=%s", launch_tag_name, launch->place.directory));
    return environment.items;
}

int launch_container(const struct launch *launch, struct process *process)
{
    const struct container *container = launch->container;
    struct arena arena = { 0 };
    struct paths paths;
    int status = paths_prepare(&launch->place, container, launch->needed, &arena, &paths);

    if (status == 0) {
        struct process_spec spec = {
            .argv = paths.argv,
            .envp = make_environment(launch, &paths, &arena),
            .working_directory = paths.working_directory,
            .stdin_fd = -1,
            .stdout_fd = launch->output_fd,
            .stderr_fd = launch->output_fd,
            .die_with_parent = true,
            .n_binds = paths.n_binds,
            .binds = paths.binds,
            .cgroup_fds = launch->group->procs_fds,
            .n_cgroup_fds = launch->group->n_fds,
            .data_limit = limit_group_holds_memory(launch->group) ? 0 : container->limits.memory,
        };

        status = process_start(&spec, process);
    }
    arena_release(&arena);
    return status;
}
