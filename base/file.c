/*
 * Whole files and small chores with directories.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

enum { CHUNK = 1 << 16, REMOVE_DEPTH = 32 };

static int read_all(int fd, const char *path, size_t limit, struct text *out)
{
    char chunk[CHUNK];
    size_t start = out->length;

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(errno, "cannot read %s", path);
        if (n == 0)
            return 0;
        if (out->length - start + (size_t)n > limit)
            return fail(ERR_LIMIT, "%s is larger than the limit of %zu bytes", path, limit);
        text_add_bytes(out, chunk, (size_t)n);
    }
}

int file_read(const char *path, size_t limit, struct text *out)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, "standard input", limit, out);

    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fail(ERR_NOT_FOUND, "there is no file %s", path);
    if (fd < 0)
        return fail_errno(errno, "cannot open %s", path);

    int status = read_all(fd, path, limit, out);

    close(fd);
    return status;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Written, synced and closed; on failure errno says why and the file is gone. */
static int write_synced(const char *path, const void *bytes, size_t length, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

    if (fd < 0)
        return -1;

    int status = write_all(fd, bytes, length);

    if (status == 0)
        status = fsync(fd);

    int reason = errno;

    if (close(fd) < 0 && status == 0) {
        status = -1;
        reason = errno;
    }
    if (status < 0)
        unlink(path);
    errno = reason;
    return status;
}

static int sync_directory_of(const char *path)
{
    char *directory = file_directory(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status = 0;

    /* EINVAL: a file system that cannot, and need not. */
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
        status = fail_errno(errno, "cannot sync %s", directory);
    if (fd >= 0)
        close(fd);
    free(directory);
    return status;
}

int file_write(const char *path, const void *bytes, size_t length, unsigned mode)
{
    char *temporary = xasprintf("%s.tmp", path);
    int status = 0;

    if (write_synced(temporary, bytes, length, mode) < 0) {
        status = fail_errno(errno, "cannot write %s", temporary);
    } else if (rename(temporary, path) < 0) {
        status = fail_errno(errno, "cannot rename %s to %s", temporary, path);
        unlink(temporary);
    } else {
        status = sync_directory_of(path);
    }
    free(temporary);
    return status;
}

static int make_directory(const char *path, unsigned mode)
{
    struct stat info;

    if (mkdir(path, mode) == 0)
        return 0;

    int reason = errno;

    /* mkdir of what exists may also say that the file system is read-only or not ours. */
    if (stat(path, &info) == 0)
        return S_ISDIR(info.st_mode) ? 0 : fail(ERR_IO, "%s is no directory", path);
    return fail_errno(reason, "cannot make the directory %s", path);
}

int file_make_directories(const char *path, unsigned mode)
{
    char *prefix = xstrdup(path);
    int status = 0;

    for (char *c = prefix; *c != '\0' && status == 0; c++) {
        if (*c != '/' || c == prefix || c[-1] == '/')
            continue;
        *c = '\0';
        status = make_directory(prefix, mode);
        *c = '/';
    }
    if (status == 0)
        status = make_directory(prefix, mode);
    free(prefix);
    return status;
}

/* One removal. What lies deeper than REMOVE_DEPTH is moved up to the top first, so that no tree takes many descriptors. */
struct removal {
    int top; /* descriptor of the tree's root */
    unsigned long n_moved;
};

static int remove_members(struct removal *removal, int directory, int depth);

static int remove_directory(struct removal *removal, int parent, const char *name, int depth)
{
    if (depth > REMOVE_DEPTH) {
        char moved[48];

        do
            snprintf(moved, sizeof moved, ".hone-removed-%lu", removal->n_moved++);
        while (faccessat(removal->top, moved, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
        return renameat(parent, name, removal->top, moved);
    }

    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (remove_members(removal, fd, depth + 1) < 0)
        return -1;
    return unlinkat(parent, name, AT_REMOVEDIR);
}

static int remove_one(struct removal *removal, int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    return remove_directory(removal, parent, name, depth) < 0 && errno != ENOENT ? -1 : 0;
}

/* Takes the descriptor. */
static int remove_members(struct removal *removal, int directory, int depth)
{
    DIR *stream = fdopendir(directory);
    int status = 0, reason = 0;

    if (stream == NULL) {
        reason = errno;
        close(directory);
        errno = reason;
        return -1;
    }
    /* cppcheck-suppress readdirCalled ; a stream of our own */
    for (struct dirent *entry; status == 0 && (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = remove_one(removal, directory, entry->d_name, depth);
    }
    reason = errno;
    closedir(stream);
    errno = reason;
    return status;
}

static int remove_root(const char *path)
{
    struct removal removal = { .top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) };
    unsigned long n_before;
    int status = 0;

    if (removal.top < 0)
        return -1;
    do {
        int fd = openat(removal.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        n_before = removal.n_moved;
        status = fd < 0 ? -1 : remove_members(&removal, fd, 1);
    } while (status == 0 && removal.n_moved > n_before);

    int reason = errno;

    close(removal.top);
    errno = reason;
    return status < 0 ? -1 : rmdir(path);
}

int file_remove_tree(const char *path)
{
    if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return 0;
    if ((errno != EISDIR && errno != EPERM) || remove_root(path) < 0)
        return errno == ENOENT ? 0 : fail_errno(errno, "cannot remove %s", path);
    return 0;
}

char *file_directory(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return xstrdup(".");
    if (slash == path)
        return xstrdup("/");
    return xasprintf("%.*s", (int)(slash - path), path);
}

char *file_absolute(const char *base, const char *path)
{
    char *absolute = NULL, *directory = NULL;

    if (*path == '/')
        return xstrdup(path);
    if (base != NULL && *base == '/')
        return file_join(base, path);
    directory = getcwd(NULL, 0);
    if (directory == NULL)
        directory = xstrdup("."); /* it was removed under us */
    if (base == NULL) {
        absolute = file_join(directory, path);
    } else {
        char *absolute_base = file_join(directory, base);

        absolute = file_join(absolute_base, path);
        free(absolute_base);
    }
    free(directory);
    return absolute;
}

char *file_join(const char *directory, const char *name)
{
    size_t length = strlen(directory);

    while (*name == '/')
        name++;
    return xasprintf("%s%s%s", directory, length > 0 && directory[length - 1] != '/' ? "/" : "", name);
}
