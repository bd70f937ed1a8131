/*
 * Finding processes through /proc: descendants, those that carry a tag in their environment, those that hold a socket.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "trialrunner/process.h"

enum { ENVIRONMENT_LIMIT = 4 << 20 };

struct pids {
    size_t n, capacity;
    pid_t *items; /* (n) */
};

static void pids_add(struct pids *pids, pid_t pid)
{
    pids->items = grow(pids->items, pids->n, &pids->capacity, sizeof *pids->items);
    pids->items[pids->n++] = pid;
}

static bool pids_has(const struct pids *pids, pid_t pid)
{
    for (size_t i = 0; i < pids->n; i++)
        if (pids->items[i] == pid)
            return true;
    return false;
}

/* A file of /proc, which has no size to ask for. false: the process is gone or not ours to read. */
static bool read_proc(const char *path, size_t limit, struct text *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[4096];
    ssize_t n = 0;

    text_clear(out);
    if (fd < 0)
        return false;
    while (out->length < limit && ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            text_add_bytes(out, chunk, (size_t)n);
    close(fd);
    return n >= 0;
}

static void add_children_of_task(const char *path, struct text *buffer, struct pids *pids)
{
    const char *at;
    char *end;

    if (!read_proc(path, ENVIRONMENT_LIMIT, buffer))
        return;
    for (at = text_string(buffer);; at = end) {
        long pid = strtol(at, &end, 10);

        if (end == at)
            break;
        pids_add(pids, (pid_t)pid);
    }
}

static void add_children(pid_t pid, struct text *buffer, struct pids *pids)
{
    char path[64];
    DIR *tasks;
    struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    if (tasks == NULL)
        return;
    /* cppcheck-suppress readdirCalled ; a stream of our own */
    while ((entry = readdir(tasks)) != NULL) {
        char file[400];

        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(file, sizeof file, "%s/%s/children", path, entry->d_name);
        add_children_of_task(file, buffer, pids);
    }
    closedir(tasks);
}

static void add_descendants(pid_t pid, struct pids *pids)
{
    struct text buffer = { 0 };
    size_t next = pids->n;

    add_children(pid, &buffer, pids);
    for (; next < pids->n; next++)
        add_children(pids->items[next], &buffer, pids);
    text_release(&buffer);
}

static bool has_entry(const struct text *environment, const char *tag)
{
    size_t length = strlen(tag) + 1;
    const char *at = environment->data, *end = at + environment->length;

    for (; at < end; at += strlen(at) + 1)
        if ((size_t)(end - at) + 1 >= length && memcmp(at, tag, length) == 0)
            return true;
    return false;
}

static void add_tagged(const char *tag, struct pids *pids)
{
    struct text buffer = { 0 };
    DIR *processes = opendir("/proc");
    struct dirent *entry;

    /* cppcheck-suppress readdirCalled ; a stream of our own */
    while (processes != NULL && (entry = readdir(processes)) != NULL) {
        char path[300];
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid <= 0 || pid == getpid() || pids_has(pids, pid))
            continue;
        snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        if (read_proc(path, ENVIRONMENT_LIMIT, &buffer) && buffer.length > 0 && has_entry(&buffer, tag))
            pids_add(pids, pid);
    }
    if (processes != NULL)
        closedir(processes);
    text_release(&buffer);
}

/* Fields of /proc/<pid>/stat behind the name, which may hold anything: the state is the first. NULL: gone. */
static const char *read_stat(pid_t pid, struct text *buffer)
{
    char path[64];
    const char *close_of_name;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!read_proc(path, 8192, buffer))
        return NULL;
    close_of_name = strrchr(text_string(buffer), ')');
    return close_of_name != NULL && close_of_name[1] == ' ' ? close_of_name + 2 : NULL;
}

static bool is_alive(pid_t pid, struct text *buffer)
{
    const char *stat = read_stat(pid, buffer);

    return stat != NULL && *stat != 'Z' && *stat != 'X';
}

size_t process_signal_tagged(const char *tag, int signal)
{
    struct pids pids = { 0 };
    struct text buffer = { 0 };
    size_t n = 0;

    add_descendants(getpid(), &pids);
    if (tag != NULL)
        add_tagged(tag, &pids);
    for (size_t i = 0; i < pids.n; i++)
        n += is_alive(pids.items[i], &buffer) && kill(pids.items[i], signal) == 0;
    free(pids.items);
    text_release(&buffer);
    return n;
}

unsigned long long process_birth(pid_t pid)
{
    enum { FIELDS_BEFORE_START_TIME = 19 }; /* of those behind the name */
    struct text buffer = { 0 };
    const char *stat = read_stat(pid, &buffer);
    unsigned long long birth;

    for (int i = 0; stat != NULL && i < FIELDS_BEFORE_START_TIME; i++) {
        stat = strchr(stat, ' ');
        stat = stat != NULL ? stat + 1 : NULL;
    }
    birth = stat != NULL ? strtoull(stat, NULL, 10) : 0;
    text_release(&buffer);
    return birth;
}

double process_tree_memory(pid_t pid)
{
    struct pids pids = { 0 };
    struct text buffer = { 0 };
    double pages = 0;

    pids_add(&pids, pid);
    add_descendants(pid, &pids);
    for (size_t i = 0; i < pids.n; i++) {
        char path[64];
        char *resident;

        snprintf(path, sizeof path, "/proc/%d/statm", (int)pids.items[i]);
        if (read_proc(path, 256, &buffer) && (resident = strchr(text_string(&buffer), ' ')) != NULL)
            pages += strtod(resident, NULL);
    }
    free(pids.items);
    text_release(&buffer);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

/* --- listening --- */

/* Number of the socket that listens on a port, in one of the kernel's tables, where listening ones come first. 0: there is none. */
static unsigned long find_listener(const char *table, int port)
{
    enum { LISTENING = 0x0A };
    FILE *file = fopen(table, "re");
    char line[512];
    unsigned long inode = 0;

    while (inode == 0 && file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned local, state;
        unsigned long number;

        if (sscanf(line, " %*[0-9]: %*[^:]:%x %*s %x %*s %*s %*s %*s %*s %lu", &local, &state, &number) != 3)
            continue; /* the heading */
        if (state != LISTENING)
            break;
        if (local == (unsigned)port)
            inode = number;
    }
    if (file != NULL)
        fclose(file);
    return inode;
}

static bool holds_socket(pid_t pid, unsigned long inode)
{
    char wanted[64], path[400], target[64];
    bool is_held = false;
    struct dirent *entry;
    DIR *descriptors;

    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    descriptors = opendir(path);
    /* cppcheck-suppress readdirCalled ; a stream of our own */
    while (!is_held && descriptors != NULL && (entry = readdir(descriptors)) != NULL) {
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)pid, entry->d_name);
        n = readlink(path, target, sizeof target - 1);
        is_held = n > 0 && (size_t)n == strlen(wanted) && memcmp(target, wanted, (size_t)n) == 0;
    }
    if (descriptors != NULL)
        closedir(descriptors);
    return is_held;
}

bool process_tree_listens(pid_t pid, int port)
{
    const char *const tables[] = { "/proc/self/net/tcp", "/proc/self/net/tcp6" };
    bool is_found = false;

    for (size_t i = 0; i < sizeof tables / sizeof *tables && !is_found; i++) {
        unsigned long inode = find_listener(tables[i], port);
        struct pids pids = { 0 };

        if (inode == 0)
            continue;
        pids_add(&pids, pid);
        add_descendants(pid, &pids);
        for (size_t k = 0; k < pids.n && !is_found; k++)
            is_found = holds_socket(pids.items[k], inode);
        free(pids.items);
    }
    return is_found;
}
