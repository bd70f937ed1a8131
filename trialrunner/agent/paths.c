/*
 * Sources of mounts, mount points, and the rewriting of texts.
 */
#include "trialrunner/agent/paths.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "base/text.h"
#include "trialrunner/agent/record.h"

/* What of path lies below directory: "" for itself, "/x", NULL: it does not. */
static const char *below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    while (length > 0 && directory[length - 1] == '/')
        length--;
    if (strncmp(path, directory, length) != 0 || (path[length] != '\0' && path[length] != '/'))
        return NULL;
    return path + length;
}

static bool climbs(const char *path)
{
    if (*path == '/' || *path == '\0')
        return true;
    for (const char *at = path; at != NULL; at = strchr(at, '/'), at = at != NULL ? at + 1 : NULL)
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return true;
    return false;
}

static const char *mount_source(const struct paths_place *place, const struct container *container, size_t i,
                                struct arena *arena)
{
    const struct mount *mount = &container->mounts[i];
    const char *last = strrchr(place->directory, '/');
    const char *name = mount->source != NULL && !climbs(mount->source)
                           ? mount->source
                           : arena_printf(arena, "%s.%zu", container->name, i);

    switch (mount->kind) {
    case MOUNT_TRIAL:
        return arena_printf(arena, "%.*s/" SHARED_DIRECTORY "/%s", (int)(last - place->directory), place->directory,
                            name);
    case MOUNT_HOST:
        return mount->source;
    case MOUNT_FILES:
        return arena_printf(arena, "%s/files/%s/%d/%s.%zu", place->directory, place->role, place->try, container->name,
                            i);
    case MOUNT_PRIVATE:
        break;
    }
    return arena_printf(arena, "%s/paths/%s/%d/%s", place->directory, place->role, place->try, name);
}

static int write_mount_file(const char *directory, const struct mount_file *file, struct arena *arena)
{
    const char *path = arena_printf(arena, "%s/%s", directory, file->path);
    char *parent;
    int status;

    if (climbs(file->path))
        return fail(ERR_INVALID, "a file of a mount may not be named %s", file->path);
    parent = file_directory(path);
    status = file_make_directories(parent, 0700);
    if (status == 0 && unlink(path) < 0 && errno != ENOENT)
        status = fail_errno(errno, "remove %s", path);
    free(parent);
    if (status == 0)
        status = record_write(directory, file->path, file->content, file->length);
    if (status == 0 && chmod(path, file->mode & 0777) < 0)
        status = fail_errno(errno, "chmod %s", path);
    return status;
}

static int make_source(const struct mount *mount, const char *source, struct arena *arena)
{
    if (mount->kind == MOUNT_HOST && !mount->create)
        return access(source, F_OK) < 0 ? fail_errno(errno, "mount %s", source) : 0;
    TRY(file_make_directories(source, 0700));
    for (size_t i = 0; i < mount->n_files; i++)
        TRY(write_mount_file(source, &mount->files[i], arena));
    return 0;
}

/* The part of the written files that is mounted (subPath), or all of them. */
static int choose_part(const struct mount *mount, const char **source, struct arena *arena)
{
    if (mount->kind != MOUNT_FILES || mount->source == NULL)
        return 0;
    if (climbs(mount->source))
        return fail(ERR_INVALID, "%s: no part of a volume may be named %s", mount->target, mount->source);
    *source = arena_printf(arena, "%s/%s", *source, mount->source);
    return access(*source, F_OK) < 0 ? fail(ERR_NOT_FOUND, "%s: the volume holds no %s", mount->target, mount->source)
                                     : 0;
}

static bool is_directory(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool make_point(const char *point, bool directory)
{
    char *parent;
    int fd = -1;

    if (access(point, F_OK) == 0)
        return is_directory(point) == directory;
    if (directory)
        return file_make_directories(point, 0755) == 0;
    parent = file_directory(point);
    if (file_make_directories(parent, 0755) == 0)
        fd = open(point, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    free(parent);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Make sure that something stands where the bind goes: on the host, or in the source of an outer bind. */
static bool can_mount(const struct paths *paths, const struct process_bind *bind, struct arena *arena)
{
    const char *point = bind->target;

    for (size_t i = 0; i < paths->n_binds; i++) {
        const char *rest = below(bind->target, paths->binds[i].target);

        if (rest != NULL)
            point = arena_printf(arena, "%s%s", paths->binds[i].source, rest);
    }
    return process_can_bind() && make_point(point, is_directory(bind->source));
}

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || strchr("_.-", c) != NULL;
}

/* Is target named at text[at], as the beginning of a path? */
static bool names(const char *text, size_t at, const char *target, size_t length)
{
    if (strncmp(text + at, target, length) != 0 || (text[at + length] != '\0' && is_name_character(text[at + length])))
        return false;
    return at == 0 || !(is_name_character(text[at - 1]) || text[at - 1] == '/' || text[at - 1] == '~');
}

static bool is_named_in(const char *text, const char *target)
{
    size_t length = strlen(target);

    for (const char *at = text; text != NULL && (at = strstr(at, target)) != NULL; at++)
        if (names(text, (size_t)(at - text), target, length))
            return true;
    return false;
}

static bool is_named(const struct container *container, const char *target)
{
    bool found = is_named_in(container->working_directory, target);

    for (size_t i = 0; i < container->n_argv && !found; i++)
        found = is_named_in(container->argv[i], target);
    for (size_t i = 0; i < container->n_env && !found; i++)
        found = is_named_in(container->env[i], target);
    return found;
}

static const char *rewrite(const struct paths *paths, const char *text, struct arena *arena)
{
    struct text out = { 0 };
    const char *result;

    if (text == NULL || paths->n_rewrites == 0)
        return text;
    for (size_t at = 0; text[at] != '\0';) {
        const struct process_bind *found = NULL; /* the longest; outer ones come first */

        for (size_t i = 0; i < paths->n_rewrites; i++)
            if (names(text, at, paths->rewrites[i].target, strlen(paths->rewrites[i].target)))
                found = &paths->rewrites[i];
        text_add(&out, found != NULL ? found->source : "");
        if (found == NULL)
            text_add_char(&out, text[at]);
        at += found != NULL ? strlen(found->target) : 1;
    }
    result = arena_strndup(arena, text_string(&out), out.length);
    text_release(&out);
    return result;
}

static bool survives_a_shell(const char *path)
{
    for (; *path != '\0'; path++)
        if (!isalnum((unsigned char)*path) && strchr("/_.-+,:@%", *path) == NULL)
            return false;
    return true;
}

/* No bind is possible. */
static int show_by_name(struct paths *paths, const struct container *container, const struct process_bind *bind,
                        const char *needed)
{
    const char *why = process_can_bind() ? "its mount point cannot be made" : "mount namespaces are not allowed";

    if (is_named(container, bind->target) && survives_a_shell(bind->source)) {
        paths->rewrites[paths->n_rewrites++] = *bind;
        return 0;
    }
    if (is_named(container, bind->target))
        return fail(ERR_UNSUPPORTED,
                    "%s cannot be private here (%s), and %s cannot be written in its place: use a directory "
                    "without spaces",
                    bind->target, why, bind->source);
    if (access(bind->target, W_OK) == 0 && (needed == NULL || below(needed, bind->target) == NULL))
        return 0; /* the host's own stands in, /dev/shm for example */
    return fail(ERR_UNSUPPORTED,
                "%s cannot be private here (%s), and neither the command nor the environment names it, so "
                "that it could be replaced",
                bind->target, why);
}

static int by_depth(const void *a, const void *b)
{
    const struct process_bind *x = a, *y = b;
    size_t n = strlen(x->target), m = strlen(y->target);

    return (n > m) - (n < m);
}

/* Without a slash at the end. */
static const char *clean_target(const char *target, struct arena *arena)
{
    size_t length = strlen(target);

    while (length > 1 && target[length - 1] == '/')
        length--;
    return arena_strndup(arena, target, length);
}

static int decide(const struct container *container, const char *needed, const struct process_bind *wanted, size_t n,
                  struct arena *arena, struct paths *paths)
{
    for (size_t i = 0; i < n; i++) {
        if (text_equal(wanted[i].source, wanted[i].target) && !wanted[i].read_only)
            continue;
        if (can_mount(paths, &wanted[i], arena))
            paths->binds[paths->n_binds++] = wanted[i];
        else if (!text_equal(wanted[i].source, wanted[i].target))
            TRY(show_by_name(paths, container, &wanted[i], needed));
    }
    return 0;
}

static const char **rewrite_all(const struct paths *paths, const char *const *texts, size_t n, struct arena *arena)
{
    const char **out = arena_array(arena, n + 1, sizeof *out);

    for (size_t i = 0; i < n; i++)
        out[i] = rewrite(paths, texts[i], arena);
    return out;
}

int paths_prepare(const struct paths_place *place, const struct container *container, const char *needed,
                  struct arena *arena, struct paths *paths)
{
    struct process_bind *wanted = arena_array(arena, container->n_mounts + 1, sizeof *wanted);

    *paths = (struct paths){ 0 };
    paths->binds = arena_array(arena, container->n_mounts + 1, sizeof *paths->binds);
    paths->rewrites = arena_array(arena, container->n_mounts + 1, sizeof *paths->rewrites);
    for (size_t i = 0; i < container->n_mounts; i++) {
        const struct mount *mount = &container->mounts[i];

        wanted[i].source = mount_source(place, container, i, arena);
        wanted[i].target = clean_target(mount->target, arena);
        wanted[i].read_only = mount->read_only;
        TRY(make_source(mount, wanted[i].source, arena));
        TRY(choose_part(mount, &wanted[i].source, arena));
    }
    qsort(wanted, container->n_mounts, sizeof *wanted, by_depth);
    TRY(decide(container, needed, wanted, container->n_mounts, arena, paths));
    paths->argv = rewrite_all(paths, container->argv, container->n_argv, arena);
    paths->env = rewrite_all(paths, container->env, container->n_env, arena);
    paths->working_directory = rewrite(paths, container->working_directory, arena);
    return 0;
}

const char *paths_on_host(const struct paths_place *place, const struct container *container, const char *path,
                          struct arena *arena)
{
    const char *host = path;
    size_t longest = 0;

    for (size_t i = 0; i < container->n_mounts; i++) {
        const char *target = container->mounts[i].target, *rest = below(path, target);

        if (rest != NULL && strlen(target) >= longest) {
            longest = strlen(target);
            host = arena_printf(arena, "%s%s", mount_source(place, container, i, arena), rest);
        }
    }
    return host;
}
