/*
 * Small files by which the kernel is asked and told.
 */
#include "trialrunner/agent/kernel_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { SIZE_LIMIT = 4 << 20 };

bool kernel_put(const char *directory, const char *name, const char *value)
{
    char *path = file_join(directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

    if (fd >= 0)
        close(fd);
    free(path);
    return written;
}

bool kernel_put_number(const char *directory, const char *name, double value)
{
    char text[64];

    snprintf(text, sizeof text, "%.0f", value);
    return kernel_put(directory, name, text);
}

bool kernel_get(const char *directory, const char *name, struct text *out)
{
    char *path = file_join(directory, name), chunk[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    text_clear(out);
    while (fd >= 0 && out->length < SIZE_LIMIT && (n = read(fd, chunk, sizeof chunk)) > 0)
        text_add_bytes(out, chunk, (size_t)n);
    if (fd >= 0)
        close(fd);
    free(path);
    return n >= 0;
}

/* The number behind a key, or of the whole file when key is "". 0: none. */
double kernel_get_number(const char *directory, const char *name, const char *key)
{
    struct text text = { 0 };
    double value = 0;

    if (kernel_get(directory, name, &text))
        for (const char *line = text_string(&text); line != NULL && *line != '\0';
             line = strchr(line, '\n'), line = line != NULL ? line + 1 : NULL)
            if (text_starts_with(line, key))
                value = strtod(line + strlen(key), NULL);
    text_release(&text);
    return value;
}
