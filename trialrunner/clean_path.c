/*
 * Paths from outside, made plain.
 */
#include "trialrunner/clean_path.h"

#include <limits.h>
#include <string.h>

/* The parts of path behind prefix, each after one slash; NULL for `..` and for too long a path. */
static const char *plain(struct arena *arena, const char *prefix, const char *path)
{
    size_t length = strlen(path);
    char *out = length < PATH_MAX ? arena_alloc(arena, strlen(prefix) + length + 1) : NULL;
    char *end = out;

    while (out != NULL && *path != '\0') {
        size_t part = strcspn(path, "/");

        if (part == 2 && strncmp(path, "..", 2) == 0)
            return NULL;
        if (part > 0 && !(part == 1 && *path == '.')) {
            if (end > out || *prefix != '\0')
                *end++ = '/';
            memcpy(end, path, part);
            end += part;
        }
        path += part + (path[part] == '/');
    }
    return out;
}

const char *path_absolute(struct arena *arena, const char *path)
{
    const char *clean = *path == '/' ? plain(arena, "/", path) : NULL;

    return clean != NULL && *clean == '\0' ? "/" : clean;
}

const char *path_relative(struct arena *arena, const char *path)
{
    return *path != '/' ? plain(arena, "", path) : NULL;
}
