/*
 * Where control groups may be made: our own group in each hierarchy, found through /proc, and tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "trialrunner/agent/kernel_files.h"
#include "trialrunner/agent/limits.h"

static const char *const controller_names[N_LIMIT_CONTROLLERS] = { [LIMIT_CPU] = "cpu", [LIMIT_MEMORY] = "memory" };

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

/* Our path in the hierarchy: of /proc/self/cgroup the line with that controller, "" for version 2. Newly allocated, NULL: none. */
static char *own_path(const char *controller)
{
    struct text text = { 0 };
    char *found = NULL, *save = NULL;

    if (kernel_get("/proc/self", "cgroup", &text) && text.length > 0)
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

    if (path != NULL && kernel_get("/proc/self", "mountinfo", &text) && text.length > 0)
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
