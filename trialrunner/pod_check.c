/*
 * What is wrong with a pod template: its shape, and what no shape can say (names, references, paths).
 */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "trialrunner/clean_path.h"
#include "trialrunner/pod_parts.h"
#include "trialrunner/pod_shape.h"

enum { NAME_LIMIT = 63 };

/* A scalar that is there and holds no placeholder: only such can be judged before rendering. */
static const char *known_text(const struct shape_walk *walk, const struct node *node)
{
    return node != NULL && !is_placeholder(node) ? node_to_text(walk->arena, node) : NULL;
}

static bool is_label(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return length > 0 && length <= NAME_LIMIT && name[length] == '\0' && name[0] != '-' && name[length - 1] != '-';
}

/* Names of the members of a list: labels, each once. */
static void check_names(const struct shape_walk *walk, const struct node *list, const char *path)
{
    for (size_t i = 0; list != NULL && list->kind == NODE_LIST && i < list->length; i++) {
        const struct node *node = node_get(list->items[i], "name");
        const char *name = known_text(walk, node), *at = arena_printf(walk->arena, "%s[%zu].name", path, i);

        if (name != NULL && !is_label(name))
            faults_error(walk->faults, walk->file, node, at,
                         "expected lower case letters, digits and '-', at most %d of them, got \"%s\"", NAME_LIMIT,
                         name);
        for (size_t j = 0; name != NULL && j < i; j++) {
            const char *other = known_text(walk, node_get(list->items[j], "name"));

            if (other != NULL && strcmp(other, name) == 0) {
                faults_error(walk->faults, walk->file, node, at, "expected a name of its own, got \"%s\" a second time",
                             name);
                break;
            }
        }
    }
}

static bool has_volume(const struct shape_walk *walk, const struct node *volumes, const char *name)
{
    for (size_t i = 0; volumes != NULL && volumes->kind == NODE_LIST && i < volumes->length; i++) {
        const struct node *node = node_get(volumes->items[i], "name");
        const char *other = node_to_text(walk->arena, node);

        if (other != NULL && (is_placeholder(node) || strcmp(other, name) == 0))
            return true;
    }
    return false;
}

/* In place of a list of volumes: any name may be one. */
static const struct node unknown_volumes[1];

static void check_mount(const struct shape_walk *walk, const struct node *volumes, const struct node *mount,
                        const char *path)
{
    const char *name = known_text(walk, node_get(mount, "name")),
               *target = known_text(walk, node_get(mount, "mountPath"));
    const char *sub = known_text(walk, node_get(mount, "subPath")), *clean;

    if (name != NULL && volumes != unknown_volumes && !has_volume(walk, volumes, name))
        faults_error(walk->faults, walk->file, node_get(mount, "name"), arena_printf(walk->arena, "%s.name", path),
                     "expected the name of a volume of the pod, got \"%s\"", name);
    clean = target ? path_absolute(walk->arena, target) : NULL;
    if (target != NULL && (clean == NULL || strcmp(clean, "/") == 0))
        faults_error(walk->faults, walk->file, node_get(mount, "mountPath"),
                     arena_printf(walk->arena, "%s.mountPath", path),
                     "expected an absolute path below /, without .., got \"%s\"", target);
    if (sub != NULL && path_relative(walk->arena, sub) == NULL)
        faults_error(walk->faults, walk->file, node_get(mount, "subPath"),
                     arena_printf(walk->arena, "%s.subPath", path),
                     "expected a path below the volume, without .., got \"%s\"", sub);
}

static void check_container(const struct shape_walk *walk, const struct node *volumes, const struct node *container,
                            const char *path, bool is_init)
{
    const struct node *mounts = node_get(container, "volumeMounts"), *restart = node_get(container, "restartPolicy");
    const char *directory = known_text(walk, node_get(container, "workingDir")), *policy = known_text(walk, restart);

    for (size_t i = 0; mounts != NULL && mounts->kind == NODE_LIST && i < mounts->length; i++)
        check_mount(walk, volumes, mounts->items[i], arena_printf(walk->arena, "%s.volumeMounts[%zu]", path, i));
    if (directory != NULL && *directory != '\0' && path_absolute(walk->arena, directory) == NULL)
        faults_error(walk->faults, walk->file, node_get(container, "workingDir"),
                     arena_printf(walk->arena, "%s.workingDir", path),
                     "expected an absolute path without .., got \"%s\"", directory);
    if (policy != NULL && (!is_init || strcmp(policy, "Always") != 0))
        faults_error(walk->faults, walk->file, restart, arena_printf(walk->arena, "%s.restartPolicy", path),
                     "expected %s, got \"%s\"", is_init ? "Always" : "nothing: the pod's restartPolicy decides",
                     policy);
}

static void check_containers(const struct shape_walk *walk, const struct node *spec, const char *key, const char *path)
{
    const struct node *list = node_get(spec, key);
    const char *at = arena_printf(walk->arena, "%s.spec.%s", path, key);
    bool is_init = strcmp(key, "initContainers") == 0;

    if (list == NULL || list->kind != NODE_LIST)
        return;
    if (list->length > CONTAINER_LIMIT || (list->length == 0 && !is_init))
        faults_error(walk->faults, walk->file, list, at, "expected 1 to %d containers, got %zu", CONTAINER_LIMIT,
                     list->length);
    check_names(walk, list, at);
    for (size_t i = 0; i < list->length; i++)
        check_container(walk, node_get(spec, "volumes"), list->items[i], arena_printf(walk->arena, "%s[%zu]", at, i),
                        is_init);
}

static void check_restart(const struct shape_walk *walk, const struct node *spec, const char *path)
{
    const struct node *node = node_get(spec, "restartPolicy");
    const char *policy = known_text(walk, node);

    if (policy != NULL && strcmp(policy, "Never") != 0 && strcmp(policy, "OnFailure") != 0 &&
        strcmp(policy, "Always") != 0)
        faults_error(walk->faults, walk->file, node, arena_printf(walk->arena, "%s.spec.restartPolicy", path),
                     "expected Never, OnFailure or Always, got \"%s\"", policy);
}

void pod_check(const struct node *template, const char *file, const char *path, bool strict_keys, struct arena *arena,
               struct faults *faults)
{
    const struct shape_walk walk = { .file = file, .strict = strict_keys, .arena = arena, .faults = faults };
    const struct node *spec = node_get(template, "spec");

    shape_check(&walk, pod_template_shape, template, path);
    check_restart(&walk, spec, path);
    check_names(&walk, node_get(spec, "volumes"), arena_printf(arena, "%s.spec.volumes", path));
    check_containers(&walk, spec, "initContainers", path);
    check_containers(&walk, spec, "containers", path);
}

void pod_check_container(const struct node *container, const char *file, const char *path, struct arena *arena,
                         struct faults *faults)
{
    const struct shape_walk walk = { .file = file, .arena = arena, .faults = faults };

    shape_check(&walk, container_shape, container, path);
    check_container(&walk, unknown_volumes, container, path, false);
}
