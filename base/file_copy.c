/*
 * Copying a directory tree, all of it or nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

enum { COPY_DEPTH = 64, COPY_CHUNK = 1 << 20 };

/* Shared blocks where the file system can, else inside the kernel, else by hand. */
static int copy_bytes(int from, int to)
{
    char *chunk;
    ssize_t n;

    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    while ((n = copy_file_range(from, NULL, to, NULL, COPY_CHUNK, 0)) > 0)
        continue;
    if (n == 0)
        return 0;
    if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -1;
    chunk = xmalloc(COPY_CHUNK);
    while ((n = read(from, chunk, COPY_CHUNK)) > 0) {
        for (ssize_t done = 0, m; done < n; done += m)
            if ((m = write(to, chunk + done, (size_t)(n - done))) < 0) {
                free(chunk);
                return -1;
            }
    }
    free(chunk);
    return (int)n;
}

static int copy_file(int parent, int target, const char *name, mode_t mode)
{
    int from = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), to = -1, reason;
    bool is_copied;

    if (from >= 0)
        to = openat(target, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 07777);
    is_copied = to >= 0 && copy_bytes(from, to) == 0 && fchmod(to, mode & 07777) == 0 && fsync(to) == 0;
    reason = errno;
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    errno = reason;
    return is_copied ? 0 : -1;
}

static int copy_link(int parent, int target, const char *name)
{
    char text[PATH_MAX];
    ssize_t n = readlinkat(parent, name, text, sizeof text - 1);

    if (n < 0)
        return -1;
    text[n] = '\0';
    return symlinkat(text, target, name);
}

static int copy_members(int from, int to, int depth);

static int copy_directory(int parent, int target, const char *name, mode_t mode, int depth)
{
    int from = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), to = -1, status = -1, reason;

    if (from >= 0 && mkdirat(target, name, 0700) == 0)
        to = openat(target, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to >= 0)
        status = copy_members(from, to, depth + 1);
    else if (from >= 0)
        close(from);
    if (status == 0)
        status = fchmod(to, mode & 07777);
    reason = errno;
    if (to >= 0)
        close(to);
    errno = reason;
    return status;
}

/* Sockets, pipes and devices are passed over. */
static int copy_one(int parent, int target, const char *name, int depth)
{
    struct stat about;

    if (fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    if (S_ISDIR(about.st_mode) && depth >= COPY_DEPTH) {
        errno = ELOOP;
        return -1;
    }
    if (S_ISDIR(about.st_mode))
        return copy_directory(parent, target, name, about.st_mode, depth);
    if (S_ISLNK(about.st_mode))
        return copy_link(parent, target, name);
    return S_ISREG(about.st_mode) ? copy_file(parent, target, name, about.st_mode) : 0;
}

/* Takes from. */
static int copy_members(int from, int to, int depth)
{
    DIR *stream = fdopendir(from);
    int status = 0, reason;

    if (stream == NULL) {
        close(from);
        return -1;
    }
    /* cppcheck-suppress readdirCalled ; a stream of our own */
    for (struct dirent *entry; status == 0 && (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = copy_one(from, to, entry->d_name, depth);
    if (status == 0)
        status = fsync(to);
    reason = errno;
    closedir(stream);
    errno = reason;
    return status;
}

static int copy_root(const char *from, const char *to)
{
    int source = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC), target = -1, status = -1, reason;

    if (source < 0)
        return -1;
    if (mkdir(to, 0700) == 0)
        target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (target >= 0)
        status = copy_members(source, target, 1);
    reason = errno;
    if (target >= 0)
        close(target);
    else
        close(source);
    errno = reason;
    return status;
}

int file_copy_tree(const char *from, const char *to)
{
    char *half = xasprintf("%s.copying", to);
    int status = access(to, F_OK) == 0 ? 0 : file_remove_tree(half);

    if (status == 0 && access(to, F_OK) < 0) {
        if (copy_root(from, half) < 0 || rename(half, to) < 0)
            status = errno == ENOENT && access(from, F_OK) < 0 ? fail(ERR_NOT_FOUND, "there is no directory %s", from)
                                                               : fail_errno(errno, "cannot copy %s to %s", from, to);
    }
    free(half);
    return status;
}
