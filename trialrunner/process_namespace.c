/*
 * Mount namespaces, for root by right, for others inside a user namespace.
 */
#include "trialrunner/process_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum namespace_kind { NAMESPACE_UNKNOWN, NAMESPACE_NONE, NAMESPACE_MOUNT, NAMESPACE_USER };

static _Atomic int namespace_kind; /* what this process may use, once tried */

static int write_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = write(fd, content, strlen(content));
    close(fd);
    return n < 0 ? -1 : 0;
}

int private_namespace_enter(const struct private_namespace *namespace)
{
    if (unshare(CLONE_NEWNS | (namespace->is_user ? CLONE_NEWUSER : 0)) < 0)
        return -1;
    if (namespace->is_user) {
        if (write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
            return -1;
        if (write_file("/proc/self/uid_map", namespace->uid_map) < 0 ||
            write_file("/proc/self/gid_map", namespace->gid_map) < 0)
            return -1;
    }
    return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
}

/* A remount must repeat what a user namespace may not clear. */
static unsigned long kept_flags(const struct statvfs *fs)
{
    static const struct {
        unsigned long stat;
        unsigned long mount;
    } kept[] = { { ST_NOSUID, MS_NOSUID },   { ST_NODEV, MS_NODEV },           { ST_NOEXEC, MS_NOEXEC },
                 { ST_NOATIME, MS_NOATIME }, { ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME } };
    unsigned long flags = 0;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        flags |= fs->f_flag & kept[i].stat ? kept[i].mount : 0;
    return flags;
}

int private_namespace_bind(const struct process_bind *bind)
{
    struct statvfs fs;

    if (mount(bind->source, bind->target, NULL, MS_BIND | MS_REC, NULL) < 0)
        return -1;
    if (!bind->read_only)
        return 0;
    if (statvfs(bind->target, &fs) < 0)
        return -1;
    return mount(NULL, bind->target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | kept_flags(&fs), NULL);
}

static void fill(struct private_namespace *namespace, enum namespace_kind kind)
{
    namespace->is_user = kind == NAMESPACE_USER;
    snprintf(namespace->uid_map, sizeof namespace->uid_map, "%u %u 1", geteuid(), geteuid());
    snprintf(namespace->gid_map, sizeof namespace->gid_map, "%u %u 1", getegid(), getegid());
}

void private_namespace_prepare(struct private_namespace *namespace)
{
    fill(namespace, namespace_kind);
}

static bool can_use(enum namespace_kind kind)
{
    const struct process_bind over_itself = { "/", "/", false };
    struct private_namespace namespace;
    int status = 1;
    pid_t pid;

    fill(&namespace, kind);
    pid = fork();
    if (pid == 0)
        _exit(private_namespace_enter(&namespace) < 0 || private_namespace_bind(&over_itself) < 0 ? 1 : 0);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && status == 0;
}

bool process_can_bind(void)
{
    if (namespace_kind == NAMESPACE_UNKNOWN) {
        if (getenv("HONE_NO_NAMESPACE") != NULL)
            namespace_kind = NAMESPACE_NONE;
        else if (can_use(NAMESPACE_MOUNT))
            namespace_kind = NAMESPACE_MOUNT;
        else
            namespace_kind = can_use(NAMESPACE_USER) ? NAMESPACE_USER : NAMESPACE_NONE;
    }
    return namespace_kind != NAMESPACE_NONE;
}
