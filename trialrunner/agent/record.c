/*
 * Files of an attempt's directory.
 */
#include "trialrunner/agent/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);

        if (n < 0 && errno != EINTR)
            return -1;
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int write_file(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = 0;

    if (fd < 0)
        return fail_errno(errno, "open %s", path);
    if (write_all(fd, bytes, length) < 0)
        status = fail_errno(errno, "write %s", path);
    if (close(fd) < 0 && status == 0)
        status = fail_errno(errno, "write %s", path);
    return status;
}

int record_write(const char *directory, const char *name, const void *bytes, size_t length)
{
    char *path = file_join(directory, name), *next = xasprintf("%s.next", path);
    int status = write_file(next, bytes, length);

    if (status == 0 && rename(next, path) < 0)
        status = fail_errno(errno, "rename %s", next);
    if (status < 0)
        unlink(next);
    free(next);
    free(path);
    return status;
}

bool record_exists(const char *directory, const char *name)
{
    char *path = file_join(directory, name);
    bool exists = access(path, F_OK) == 0;

    free(path);
    return exists;
}

int record_remove(const char *directory, const char *name)
{
    char *path = file_join(directory, name);
    int status = unlink(path) < 0 && errno != ENOENT ? fail_errno(errno, "remove %s", path) : 0;

    free(path);
    return status;
}

/* Record locks of fcntl: they die with the process and tell who holds them. */
int record_lock(const char *directory)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char *path = file_join(directory, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), status = fd;

    if (fd < 0)
        status = fail_errno(errno, "open %s", path);
    else if (fcntl(fd, F_SETLK, &lock) < 0)
        status = errno == EAGAIN || errno == EACCES ? fail(ERR_CONFLICT, "another agent holds %s", path)
                                                    : fail_errno(errno, "lock %s", path);
    else if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        status = fail_errno(errno, "write %s", path);
    if (status < 0 && fd >= 0)
        close(fd);
    free(path);
    return status;
}

pid_t record_holder(const char *directory)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char *path = file_join(directory, "lock");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    pid_t pid = 0;

    free(path);
    if (fd < 0)
        return 0;
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        pid = lock.l_pid;
    close(fd);
    return pid;
}

bool record_name_is_safe(const char *name)
{
    return name != NULL && name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) < 200;
}

size_t record_main_container(const struct role *role)
{
    for (size_t i = 0; i < role->n_containers; i++)
        if (role->containers[i].collect)
            return i;
    return 0;
}

char *record_output_path(const char *directory, const struct role *role, const struct container *container)
{
    if (role->n_containers > 0 && container == &role->containers[record_main_container(role)])
        return xasprintf("%s/%s.log", directory, role->name);
    return xasprintf("%s/%s.%s.log", directory, role->name, container->name);
}
