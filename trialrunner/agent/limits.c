/*
 * Control groups, version 1 and 2.
 */
#include "trialrunner/agent/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "trialrunner/agent/kernel_files.h"
#include "trialrunner/process.h"

enum { PERIOD_US = 100000 };

static bool limit_cpu(const struct limit_group *group, const char *directory, double cpus)
{
    char text[64];

    if (!group->is_v2)
        return kernel_put_number(directory, "cpu.cfs_period_us", PERIOD_US) &&
               kernel_put_number(directory, "cpu.cfs_quota_us", cpus * PERIOD_US < 1000 ? 1000 : cpus * PERIOD_US);
    snprintf(text, sizeof text, "%.0f %d", cpus * PERIOD_US < 1000 ? 1000 : cpus * PERIOD_US, PERIOD_US);
    return kernel_put(directory, "cpu.max", text);
}

/* With the swap, where that is counted. */
static bool limit_memory(const struct limit_group *group, const char *directory, double bytes)
{
    if (!group->is_v2) {
        bool limited = kernel_put_number(directory, "memory.limit_in_bytes", bytes);

        kernel_put_number(directory, "memory.memsw.limit_in_bytes", bytes);
        return limited;
    }
    kernel_put(directory, "memory.swap.max", "0");
    kernel_put(directory, "memory.oom.group", "1");
    return kernel_put_number(directory, "memory.max", bytes);
}

static bool open_one(const struct limits *limits, const char *name, enum limit_controller controller, double amount,
                     struct limit_group *group)
{
    char *directory = file_join(limits->directory[controller], name), *procs = file_join(directory, "cgroup.procs");
    bool made = mkdir(directory, 0755) == 0 || errno == EEXIST, limited;
    int fd = -1;

    limited = made &&
              (controller == LIMIT_CPU ? limit_cpu(group, directory, amount) : limit_memory(group, directory, amount));
    if (limited)
        fd = open(procs, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        group->directory[controller] = directory;
        group->procs_fds[group->n_fds++] = fd;
    } else {
        if (made)
            rmdir(directory);
        free(directory);
    }
    free(procs);
    return fd >= 0;
}

void limit_group_open(const struct limits *limits, const char *name, const struct resources *limit,
                      struct limit_group *group)
{
    const double amounts[] = { [LIMIT_CPU] = limit->cpus, [LIMIT_MEMORY] = limit->memory };

    *group = (struct limit_group){ .is_v2 = limits->is_v2 };
    for (int k = 0; k < N_LIMIT_CONTROLLERS; k++)
        if (amounts[k] > 0 && limits->directory[k] != NULL)
            open_one(limits, name, k, amounts[k], group);
}

void limit_group_close_fds(struct limit_group *group)
{
    for (size_t i = 0; i < group->n_fds; i++)
        close(group->procs_fds[i]);
    group->n_fds = 0;
}

bool limit_group_holds_memory(const struct limit_group *group)
{
    return group->directory[LIMIT_MEMORY] != NULL;
}

bool limit_group_ran_out(const struct limit_group *group)
{
    const char *directory = group->directory[LIMIT_MEMORY];

    return directory != NULL &&
           kernel_get_number(directory, group->is_v2 ? "memory.events" : "memory.oom_control", "oom_kill ") > 0;
}

double limit_group_peak(const struct limit_group *group)
{
    const char *directory = group->directory[LIMIT_MEMORY];

    return directory != NULL
               ? kernel_get_number(directory, group->is_v2 ? "memory.peak" : "memory.max_usage_in_bytes", "")
               : 0;
}

static void kill_members(const char *directory)
{
    struct text text = { 0 };

    if (!kernel_put(directory, "cgroup.kill", "1") && kernel_get(directory, "cgroup.procs", &text)) {
        const char *at = text_string(&text);
        char *end;

        for (long pid = strtol(at, &end, 10); end != at; pid = strtol(at, &end, 10)) {
            if (pid > 1 && pid != getpid())
                kill((pid_t)pid, SIGKILL);
            at = end;
        }
    }
    text_release(&text);
}

void limit_group_kill(const struct limit_group *group)
{
    for (int k = 0; k < N_LIMIT_CONTROLLERS; k++)
        if (group->directory[k] != NULL)
            kill_members(group->directory[k]);
}

bool limit_group_remove(struct limit_group *group)
{
    bool removed = true;

    limit_group_close_fds(group);
    for (int k = 0; k < N_LIMIT_CONTROLLERS; k++) {
        if (group->directory[k] == NULL)
            continue;
        if (rmdir(group->directory[k]) < 0 && errno == EBUSY) {
            kill_members(group->directory[k]);
            removed = false;
            continue;
        }
        free(group->directory[k]);
        group->directory[k] = NULL;
    }
    return removed;
}

void limits_clear_up(const char *directory)
{
    const char *name = strrchr(directory, '/');

    if (name == NULL || !text_starts_with(name, "/hone-"))
        return;
    kill_members(directory);
    for (int i = 0; i < 100 && rmdir(directory) < 0 && errno == EBUSY; i++) {
        kill_members(directory);
        usleep(5000);
    }
}

const char *limit_format(double bytes, struct arena *arena)
{
    static const struct {
        double size;
        const char *name;
    } units[] = { { 1099511627776.0, "Ti" }, { 1e12, "T" }, { 1073741824.0, "Gi" }, { 1e9, "G" },
                  { 1048576.0, "Mi" },       { 1e6, "M" },  { 1024.0, "Ki" },       { 1e3, "k" } };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double n = bytes / units[i].size;

        if (n >= 1 && n < 1e9 && n == (double)(long)n)
            return arena_printf(arena, "%ld%s", (long)n, units[i].name);
    }
    return arena_printf(arena, "%.0f", bytes);
}
