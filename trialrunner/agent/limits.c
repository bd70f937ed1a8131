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
#include "trialrunner/process.h"

enum { PROC_LIMIT = 4 << 20, PERIOD_US = 100000 };

static const char *const controller_names[N_LIMIT_CONTROLLERS] = { [LIMIT_CPU] = "cpu", [LIMIT_MEMORY] = "memory" };

/* --- small files of the kernel --- */

static bool put(const char *directory, const char *name, const char *value)
{
    char *path = file_join(directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

    if (fd >= 0)
        close(fd);
    free(path);
    return written;
}

static bool put_number(const char *directory, const char *name, double value)
{
    char text[64];

    snprintf(text, sizeof text, "%.0f", value);
    return put(directory, name, text);
}

static bool get(const char *directory, const char *name, struct text *out)
{
    char *path = file_join(directory, name), chunk[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    text_clear(out);
    while (fd >= 0 && out->length < PROC_LIMIT && (n = read(fd, chunk, sizeof chunk)) > 0)
        text_add_bytes(out, chunk, (size_t)n);
    if (fd >= 0)
        close(fd);
    free(path);
    return n >= 0;
}

/* The number behind a key, or of the whole file when key is "". 0: none. */
static double get_number(const char *directory, const char *name, const char *key)
{
    struct text text = { 0 };
    double value = 0;

    if (get(directory, name, &text))
        for (const char *line = text_string(&text); line != NULL && *line != '\0';
             line = strchr(line, '\n'), line = line != NULL ? line + 1 : NULL)
            if (text_starts_with(line, key))
                value = strtod(line + strlen(key), NULL);
    text_release(&text);
    return value;
}

/* Is word one of those in the list, which separators part? */
static bool has_word(const char *list, const char *word, const char *separators)
{
    while (*list != '\0') {
        size_t length = strcspn(list, separators);

        if (length == strlen(word) && strncmp(list, word, length) == 0)
            return true;
        list += length + (list[length] != '\0');
    }
    return false;
}

/* --- where groups may be made --- */

/* Our path in the hierarchy: of /proc/self/cgroup the line with that controller, "" for version 2. Newly allocated, NULL: none. */
static char *own_path(const char *controller)
{
    struct text text = { 0 };
    char *found = NULL, *save = NULL;

    if (get("/proc/self", "cgroup", &text))
        for (char *line = strtok_r(text.data, "\n", &save); line != NULL && found == NULL;
             line = strtok_r(NULL, "\n", &save)) {
            char *names = strchr(line, ':'), *path = names != NULL ? strchr(names + 1, ':') : NULL;

            if (path == NULL)
                continue;
            *path++ = '\0';
            if (*controller == '\0' ? names[1] == '\0' : has_word(names + 1, controller, ","))
                found = xstrdup(path);
        }
    text_release(&text);
    return found;
}

/* The directory of path, if this line of mountinfo mounts that hierarchy. Newly allocated. */
static char *directory_in_mount(char *line, const char *controller, const char *path)
{
    char *fields[6], *save = NULL, *behind = strstr(line, " - "), *type, *options;
    const char *root;

    if (behind == NULL)
        return NULL;
    *behind = '\0';
    for (int i = 0; i < 6; i++)
        if ((fields[i] = strtok_r(i == 0 ? line : NULL, " ", &save)) == NULL)
            return NULL;
    type = strtok_r(behind + 3, " ", &save);
    strtok_r(NULL, " ", &save); /* source */
    options = strtok_r(NULL, " ", &save);
    if (type == NULL || options == NULL || strcmp(type, *controller == '\0' ? "cgroup2" : "cgroup") != 0)
        return NULL;
    if (*controller != '\0' && !has_word(options, controller, ","))
        return NULL;
    root = strcmp(fields[3], "/") == 0 ? "" : fields[3];
    if (!text_starts_with(path, root))
        return xstrdup(fields[4]); /* a container that shows its own group as the root */
    return xasprintf("%s%s", fields[4], strcmp(path + strlen(root), "/") == 0 ? "" : path + strlen(root));
}

/* Our own group's directory in the hierarchy of a controller. Newly allocated; NULL: there is none. */
static char *own_directory(const char *controller)
{
    char *path = own_path(controller), *found = NULL, *save = NULL;
    struct text text = { 0 };

    if (path != NULL && get("/proc/self", "mountinfo", &text))
        for (char *line = strtok_r(text.data, "\n", &save); line != NULL && found == NULL;
             line = strtok_r(NULL, "\n", &save))
            found = directory_in_mount(line, controller, path);
    text_release(&text);
    free(path);
    return found;
}

/* Can a group with the file be made here, and a process be put in? */
static bool is_usable(const char *directory, const char *file)
{
    char *group = xasprintf("%s/hone-probe-%d", directory, (int)getpid());
    bool usable = mkdir(group, 0755) == 0;
    char *path = file_join(group, file);

    if (usable) {
        usable = access(path, W_OK) == 0;
        rmdir(group);
    }
    free(path);
    free(group);
    return usable;
}

/* Version 2 lets no group with processes of its own have limited children (but the root): then beside us. */
static bool find_v2(struct limits *limits)
{
    static const char *const files[] = { [LIMIT_CPU] = "cpu.max", [LIMIT_MEMORY] = "memory.max" };
    char *own = own_directory(""), *parent = own != NULL ? file_directory(own) : NULL;
    char *candidates[] = { own, parent };
    bool found = false;

    for (size_t i = 0; i < 2 && own != NULL && !found; i++) {
        char *marker = file_join(candidates[i], "cgroup.procs");

        if (access(marker, W_OK) == 0)
            for (int k = 0; k < N_LIMIT_CONTROLLERS; k++)
                if (is_usable(candidates[i], files[k])) {
                    limits->directory[k] = xstrdup(candidates[i]);
                    found = true;
                }
        free(marker);
    }
    limits->is_v2 = found;
    free(parent);
    free(own);
    return found;
}

void limits_find(struct limits *limits)
{
    static const char *const files[] = { [LIMIT_CPU] = "cpu.cfs_quota_us", [LIMIT_MEMORY] = "memory.limit_in_bytes" };

    *limits = (struct limits){ 0 };
    if (getenv("HONE_NO_CGROUP") != NULL || find_v2(limits))
        return;
    for (int k = 0; k < N_LIMIT_CONTROLLERS; k++) {
        char *own = own_directory(controller_names[k]);

        if (own != NULL && is_usable(own, files[k]))
            limits->directory[k] = own;
        else
            free(own);
    }
}

void limits_release(struct limits *limits)
{
    for (int k = 0; k < N_LIMIT_CONTROLLERS; k++)
        free(limits->directory[k]);
    *limits = (struct limits){ 0 };
}

/* --- groups --- */

static bool limit_cpu(const struct limit_group *group, const char *directory, double cpus)
{
    char text[64];

    if (!group->is_v2)
        return put_number(directory, "cpu.cfs_period_us", PERIOD_US) &&
               put_number(directory, "cpu.cfs_quota_us", cpus * PERIOD_US < 1000 ? 1000 : cpus * PERIOD_US);
    snprintf(text, sizeof text, "%.0f %d", cpus * PERIOD_US < 1000 ? 1000 : cpus * PERIOD_US, PERIOD_US);
    return put(directory, "cpu.max", text);
}

/* With the swap, where that is counted. */
static bool limit_memory(const struct limit_group *group, const char *directory, double bytes)
{
    if (!group->is_v2) {
        bool limited = put_number(directory, "memory.limit_in_bytes", bytes);

        put_number(directory, "memory.memsw.limit_in_bytes", bytes);
        return limited;
    }
    put(directory, "memory.swap.max", "0");
    put(directory, "memory.oom.group", "1");
    return put_number(directory, "memory.max", bytes);
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
           get_number(directory, group->is_v2 ? "memory.events" : "memory.oom_control", "oom_kill ") > 0;
}

double limit_group_peak(const struct limit_group *group)
{
    const char *directory = group->directory[LIMIT_MEMORY];

    return directory != NULL ? get_number(directory, group->is_v2 ? "memory.peak" : "memory.max_usage_in_bytes", "")
                             : 0;
}

static void kill_members(const char *directory)
{
    struct text text = { 0 };

    if (!put(directory, "cgroup.kill", "1") && get(directory, "cgroup.procs", &text)) {
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
