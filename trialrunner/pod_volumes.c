/*
 * Volumes as mounts of this host. At one path the image map comes first, then the manifest's volume, then the directory of
 * the metrics file, which is private to the role so that parallel trials never share it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/clean_path.h"
#include "trialrunner/pod_files.h"
#include "trialrunner/shape.h"

/* A name that no volume can have: theirs have no dot. */
#define METRICS_DIRECTORY "hone.metrics"

/* Mounts of a container under way; those of the image map come first. */
struct mounts {
    const struct pod *pod;
    const struct node *node;
    const struct container *container;
    struct mount *items; /* (capacity) */
    size_t n, n_of_image, capacity;
};

/* Index of the mount there; n when there is none. */
static size_t find(const struct mounts *mounts, const char *target)
{
    size_t i = 0;

    while (i < mounts->n && strcmp(mounts->items[i].target, target) != 0)
        i++;
    return i;
}

static int add(struct mounts *mounts, struct mount mount)
{
    if (mounts->n == mounts->capacity)
        return fail(ERR_LIMIT, "volumeMounts: more than %d", MOUNT_LIMIT);
    mounts->items[mounts->n++] = mount;
    return 0;
}

static const struct node *find_volume(const struct pod *pod, const char *name)
{
    const struct node *volumes = node_get(pod->spec, "volumes");

    for (size_t i = 0; volumes != NULL && i < volumes->length; i++) {
        const char *other = member_text(pod, volumes->items[i], "name");

        if (other != NULL && strcmp(other, name) == 0)
            return volumes->items[i];
    }
    return NULL;
}

static const char *below(struct arena *arena, const char *directory, const char *sub)
{
    return *sub != '\0' ? arena_printf(arena, "%s/%s", directory, sub) : directory;
}

/* subPath, or subPathExpr with its variables put in; "" when neither is given. */
static int read_sub_path(const struct mounts *mounts, const struct node *item, const char **sub)
{
    const struct pod *pod = mounts->pod;
    const char *expression = member_text(pod, item, "subPathExpr"), *path = member_text(pod, item, "subPath"),
               *missing = NULL;

    if (expression != NULL)
        TRY(pod_expand(pod, mounts->container, expression, &path, &missing));
    if (missing != NULL)
        return fail(ERR_INVALID, "volumeMounts: subPathExpr: \"%s\" is not in the container's env", missing);
    *sub = path_relative(pod->arena, path ? path : "");
    return *sub != NULL
               ? 0
               : fail(ERR_INVALID, "volumeMounts: subPath: expected a path below the volume, got \"%s\"", path);
}

static int mount_host_path(const struct pod *pod, const struct node *source, const char *sub, struct mount *mount)
{
    static const char *const types[] = { "",       "DirectoryOrCreate", "Directory",  "FileOrCreate", "File",
                                         "Socket", "CharDevice",        "BlockDevice" };
    const char *given = member_text(pod, source, "path"), *type = member_text(pod, source, "type");
    const char *path = given ? path_absolute(pod->arena, given) : NULL;
    size_t i = 0;

    while (type != NULL && i < sizeof types / sizeof types[0] && strcmp(types[i], type) != 0)
        i++;
    if (path == NULL)
        return fail(ERR_INVALID, "hostPath: path: expected an absolute path without .., got \"%s\"",
                    given ? given : "");
    if (i == sizeof types / sizeof types[0])
        return fail(ERR_INVALID, "hostPath: type: expected Directory, DirectoryOrCreate, File or the like, got \"%s\"",
                    type);
    if (type != NULL && strcmp(type, "FileOrCreate") == 0)
        warn_once(pod->faults, source, NULL,
                  "hostPath: type FileOrCreate: the file is not created; it must exist on this host");
    mount->kind = MOUNT_HOST;
    mount->source = below(pod->arena, path, sub);
    mount->create = type != NULL && strcmp(type, "DirectoryOrCreate") == 0;
    return 0;
}

static int mount_claim(const struct pod *pod, const struct node *source, const char *sub, struct mount *mount)
{
    const struct plan_context *context = pod->context;
    const char *claim = member_text(pod, source, "claimName");
    const char *name = claim ? path_relative(pod->arena, claim) : NULL;

    if (name == NULL || *name == '\0' || strchr(name, '/') != NULL)
        return fail(ERR_INVALID, "persistentVolumeClaim: claimName: expected a name, got \"%s\"", claim ? claim : "");
    if (context->claims_directory == NULL)
        return fail(ERR_UNSUPPORTED, "persistentVolumeClaim: \"%s\": there is no directory for claims here", name);
    mount->kind = MOUNT_HOST;
    mount->source = below(
        pod->arena, arena_printf(pod->arena, "%s/%s/%s", context->claims_directory, context->namespace, name), sub);
    mount->create = true;
    mount->read_only |= member_boolean(source, "readOnly");
    return 0;
}

/* Is it an emptyDir, or something that stands for one? Without any source Kubernetes takes emptyDir. */
static bool is_private(const struct node *volume)
{
    return volume->length == 1 || node_get(volume, "emptyDir") != NULL || node_get(volume, "ephemeral") != NULL;
}

/* Does sub name one of the files, or a directory that holds some? */
static bool holds(const struct mount *mount, const char *sub)
{
    size_t length = strlen(sub);

    for (size_t i = 0; i < mount->n_files; i++) {
        const char *path = mount->files[i].path;

        if (strncmp(path, sub, length) == 0 && (length == 0 || path[length] == '\0' || path[length] == '/'))
            return true;
    }
    return length == 0;
}

/* 1: filled; 0: this host has nothing to mount for it. */
static int fill(const struct mounts *mounts, const struct node *volume, const char *name, const char *sub,
                struct mount *mount)
{
    const struct pod *pod = mounts->pod;
    const struct node *source;

    if (pod_is_files(volume)) {
        mount->kind = MOUNT_FILES;
        mount->source = *sub != '\0' ? sub : NULL;
        mount->read_only = true;
        TRY(pod_files(pod, mounts->node, volume, &mount->files, &mount->n_files));
        return holds(mount, sub) ? 1 : fail(ERR_NOT_FOUND, "volumeMounts: volume \"%s\" has no file \"%s\"", name, sub);
    }
    if ((source = node_get(volume, "hostPath")) != NULL) {
        TRY(mount_host_path(pod, source, sub, mount));
        return 1;
    }
    if ((source = node_get(volume, "persistentVolumeClaim")) != NULL) {
        TRY(mount_claim(pod, source, sub, mount));
        return 1;
    }
    mount->kind = MOUNT_PRIVATE;
    mount->source = below(pod->arena, name, sub);
    return is_private(volume);
}

static int add_volume(struct mounts *mounts, const struct node *item)
{
    const struct pod *pod = mounts->pod;
    const char *name = member_text(pod, item, "name"), *path = member_text(pod, item, "mountPath");
    const struct node *volume = name ? find_volume(pod, name) : NULL;
    struct mount mount = { .target = path ? path_absolute(pod->arena, path) : NULL,
                           .read_only = member_boolean(item, "readOnly") };
    const char *sub = "";
    size_t other;

    if (volume == NULL)
        return fail(ERR_INVALID, "volumeMounts: expected the name of a volume of the pod, got \"%s\"",
                    name ? name : "");
    if (mount.target == NULL || mount.target[1] == '\0')
        return fail(ERR_INVALID, "volumeMounts: mountPath: expected an absolute path below /, got \"%s\"",
                    path ? path : "");
    other = find(mounts, mount.target);
    if (other < mounts->n_of_image)
        return 0;
    if (other < mounts->n)
        return fail(ERR_INVALID, "volumeMounts: mountPath: must be unique, got \"%s\" twice", mount.target);
    TRY(read_sub_path(mounts, item, &sub));

    int is_filled = fill(mounts, volume, name, sub, &mount);

    return is_filled > 0 ? add(mounts, mount) : is_filled;
}

static int add_image_paths(struct mounts *mounts, const struct image *image)
{
    for (size_t i = 0; image != NULL && i < image->n_paths; i++)
        TRY(add(mounts, (struct mount){
                            .kind = MOUNT_HOST, .target = image->paths[2 * i], .source = image->paths[2 * i + 1] }));
    return 0;
}

static int add_metrics_directory(struct mounts *mounts)
{
    const char *given = mounts->pod->context->metrics_directory;
    const char *target = given ? path_absolute(mounts->pod->arena, given) : NULL;

    if (given == NULL || !(mounts->container->collect || mounts->container->is_collector))
        return 0;
    if (target == NULL || target[1] == '\0')
        return fail(
            ERR_INVALID,
            "fileSystemPath: expected a file in a directory of its own such as /var/log/katib, got one in \"%s\"",
            given);
    if (find(mounts, target) < mounts->n)
        return 0;
    return add(mounts, (struct mount){ .kind = MOUNT_PRIVATE, .target = target, .source = METRICS_DIRECTORY });
}

/* Of the trial, not of the attempt: a repeated one goes on from where it was. */
static int add_checkpoint_directory(struct mounts *mounts)
{
    const char *given = mounts->pod->context->checkpoint_path;
    const char *target = given ? path_absolute(mounts->pod->arena, given) : NULL;

    if (given == NULL || !mounts->container->collect)
        return 0;
    if (target == NULL || target[1] == '\0')
        return fail(ERR_INVALID, "checkpoints: expected an absolute directory below /, got \"%s\"", given);
    if (find(mounts, target) < mounts->n)
        return fail(ERR_INVALID, "checkpoints: %s is where a volume or a path of the image is mounted already", target);
    return add(mounts, (struct mount){ .kind = MOUNT_TRIAL, .target = target, .source = CHECKPOINT_DIRECTORY });
}

static int by_target(const void *a, const void *b)
{
    return strcmp(((const struct mount *)a)->target, ((const struct mount *)b)->target);
}

int pod_mounts(const struct pod *pod, const struct node *node, const struct image *image, struct container *container)
{
    struct mounts mounts = { .pod = pod, .node = node, .container = container };
    const struct node *list = node_get(node, "volumeMounts");

    mounts.capacity = (image ? image->n_paths : 0) + (list ? list->length : 0) + 2;
    if (mounts.capacity > MOUNT_LIMIT)
        mounts.capacity = MOUNT_LIMIT;
    mounts.items = arena_array(pod->arena, mounts.capacity, sizeof *mounts.items);
    TRY(add_image_paths(&mounts, image));
    mounts.n_of_image = mounts.n;
    for (size_t i = 0; list != NULL && i < list->length; i++)
        TRY(add_volume(&mounts, list->items[i]));
    TRY(add_metrics_directory(&mounts));
    TRY(add_checkpoint_directory(&mounts));
    qsort(mounts.items, mounts.n, sizeof *mounts.items, by_target);
    container->mounts = mounts.items;
    container->n_mounts = mounts.n;
    return 0;
}
