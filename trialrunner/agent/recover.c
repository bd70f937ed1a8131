/*
 * Three nets: the processes that were started (and still are the same ones) with their groups, every process with the attempt's tag
 * in its environment, and what stands in the attempt's control groups.
 */
#include "trialrunner/agent/recover.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "trialrunner/agent/launch.h"
#include "trialrunner/agent/limits.h"

enum { RECORD_LIMIT = 64 << 20, ROUNDS = 2000, ROUND_US = 5000 };

static void kill_recorded(const char *line)
{
    unsigned long long birth;
    int pid;

    if (sscanf(line, "pid %d %llu", &pid, &birth) == 2 && pid > 1 && birth != 0 && process_birth(pid) == birth) {
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
    }
    if (text_starts_with(line, "group "))
        limits_clear_up(line + strlen("group "));
}

static void kill_all_recorded(struct text *record)
{
    char *save = NULL;

    for (char *line = strtok_r(record->data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        kill_recorded(line);
}

/* When a file of the directory was last written, in seconds since 1970. */
static double last_written(const char *directory)
{
    DIR *files = opendir(directory);
    struct dirent *entry;
    struct stat about;
    double last = 0;

    /* cppcheck-suppress readdirCalled ; a stream of our own */
    while (files != NULL && (entry = readdir(files)) != NULL)
        if (text_ends_with(entry->d_name, ".log") &&
            fstatat(dirfd(files), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0)
            last = fmax(last, (double)about.st_mtim.tv_sec + (double)about.st_mtim.tv_nsec / 1e9);
    if (files != NULL)
        closedir(files);
    return last;
}

static double measure(const char *directory, const struct text *record)
{
    long long started_us = 0;

    if (sscanf(text_string(record), "at %lld", &started_us) != 1)
        return 0;
    return fmax(0, last_written(directory) - (double)started_us / 1e6);
}

void recover_clear_up(const char *directory, double *wall_s)
{
    struct text record = { 0 };
    char *path = file_join(directory, "started"), *tag = xasprintf("%s=%s", launch_tag_name, directory);

    if (file_read(path, RECORD_LIMIT, &record) < 0)
        log_warning("agent.recover", "%s cannot be read", path);
    *wall_s = measure(directory, &record);
    if (record.length > 0)
        kill_all_recorded(&record);
    for (int i = 0; process_signal_tagged(tag, SIGKILL) > 0 && i < ROUNDS; i++)
        usleep(ROUND_US);
    text_release(&record);
    free(tag);
    free(path);
}
