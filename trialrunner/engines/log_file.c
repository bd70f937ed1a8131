/*
 * What was freed is a hole in the file.
 */
#include "trialrunner/engines/log_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

enum { WINDOW = 4096 };

/* Offset of the next data at or after offset; what is freed in between is said in one line. */
static int64_t pass_hole(int fd, int64_t offset, int64_t size, struct text *out)
{
    int64_t data = lseek(fd, offset, SEEK_DATA);

    if (data < 0) /* no data behind, or no way to tell */
        data = errno == ENXIO ? size : offset;
    if (data > size)
        data = size;
    if (data > offset)
        text_printf(out, "\n... %lld bytes left out ...\n", (long long)(data - offset));
    return data;
}

static int read_from(int fd, int64_t offset, size_t max, struct text *out, int64_t *next)
{
    struct stat about;

    if (fstat(fd, &about) < 0)
        return fail_errno(errno, "read a log");
    if (offset < 0)
        offset = about.st_size + offset > 0 ? about.st_size + offset : 0;
    for (size_t before = out->length; offset < about.st_size && out->length - before < max;) {
        char window[WINDOW];
        size_t room = max - (out->length - before);
        int64_t hole;
        ssize_t n;

        offset = pass_hole(fd, offset, about.st_size, out);
        hole = lseek(fd, offset, SEEK_HOLE);
        if (hole > offset && (size_t)(hole - offset) < room)
            room = (size_t)(hole - offset);
        n = pread(fd, window, room < sizeof window ? room : sizeof window, offset);
        if (n < 0)
            return fail_errno(errno, "read a log");
        if (n == 0)
            break;
        text_add_bytes(out, window, (size_t)n);
        offset += n;
    }
    *next = offset;
    return 0;
}

/* Whose output there is instead: the names of the logs beside it. */
static int no_output(const char *path)
{
    char *directory = file_directory(path);
    DIR *stream = opendir(directory);
    struct text names = { 0 };

    free(directory);
    for (const struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        if (text_ends_with(entry->d_name, ".log") && !text_equal(entry->d_name, "agent.log"))
            text_printf(&names, "%s%.*s", names.length > 0 ? ", " : "", (int)(strlen(entry->d_name) - strlen(".log")),
                        entry->d_name);
    if (stream != NULL)
        closedir(stream);
    fail(ERR_NOT_FOUND, "no output yet: %s is not there%s%s", path, names.length > 0 ? "; there is output of " : "",
         text_string(&names));
    text_release(&names);
    return ERR_NOT_FOUND;
}

int log_file_read(const char *path, int64_t offset, size_t max, struct text *out, int64_t *next)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), status;

    if (fd < 0)
        return errno == ENOENT ? no_output(path) : fail_errno(errno, "open %s", path);
    status = read_from(fd, offset, max, out, next);
    close(fd);
    return status;
}
