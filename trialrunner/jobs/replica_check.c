/*
 * What is wrong with replica specs. Texts of the complaints are those of the operator's webhooks.
 */
#include "trialrunner/jobs/replica_check.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "trialrunner/pod.h"
#include "trialrunner/pod_shape.h"

static const struct shape replica_shape[] = {
    { .name = "replicas", .type = SHAPE_INTEGER },
    { .name = "restartPolicy", .type = SHAPE_TEXT },
    { .name = "template", .required = true },
    { 0 },
};

void replicas_complain(const struct replicas *replicas, const struct node *at, const char *path, const char *text)
{
    faults_error(replicas->walk.faults, replicas->walk.file, at, path, "%s", text);
}

const struct node *replicas_find(const struct node *specs, const char *name)
{
    for (size_t i = 0; specs != NULL && specs->kind == NODE_MAP && i < specs->length; i++) {
        if (strcasecmp(specs->keys[i]->text, name) == 0)
            return specs->items[i];
    }
    return NULL;
}

static const struct replica_type *find_row(const struct replica_kind *kind, const char *name)
{
    for (const struct replica_type *type = kind->types; type->name != NULL; type++) {
        if (strcasecmp(type->name, name) == 0)
            return type;
    }
    return NULL;
}

static bool has_container(const struct replicas *replicas, const struct node *containers)
{
    for (size_t i = 0; i < containers->length; i++) {
        const struct node *name = node_get(containers->items[i], "name");
        const char *text = node_to_text(replicas->walk.arena, name);

        if (text != NULL && (is_placeholder(name) || strcmp(text, replicas->kind->container) == 0))
            return true;
    }
    return false;
}

static void check_containers(const struct replicas *replicas, const struct node *spec, const char *path)
{
    const struct node *containers = node_path(spec, "template.spec.containers");
    const char *at = arena_printf(replicas->walk.arena, "%s.template.spec.containers", path);

    if (containers == NULL || containers->kind != NODE_LIST || containers->length == 0) {
        replicas_complain(replicas, containers ? containers : spec, at, "must be specified");
        return;
    }
    for (size_t i = 0; i < containers->length; i++) {
        const char *image = node_to_text(replicas->walk.arena, node_get(containers->items[i], "image"));

        if (image == NULL || *image == '\0')
            replicas_complain(replicas, containers->items[i],
                              arena_printf(replicas->walk.arena, "%s[%zu].image", at, i), "must be required");
    }
    if (replicas->kind->container != NULL && !has_container(replicas, containers))
        replicas_complain(replicas, containers, at,
                          arena_printf(replicas->walk.arena, "must have at least one container with name %s",
                                       replicas->kind->container));
}

static void check_restart(const struct replicas *replicas, const struct node *spec, const char *path)
{
    const struct node *node = node_get(spec, "restartPolicy");
    const char *text = node_to_text(replicas->walk.arena, node);

    for (size_t i = 0; text != NULL && restart_policy_names[i] != NULL; i++) {
        if (is_placeholder(node) || strcmp(restart_policy_names[i], text) == 0)
            return;
    }
    if (text != NULL)
        faults_error(replicas->walk.faults, replicas->walk.file, node,
                     arena_printf(replicas->walk.arena, "%s.restartPolicy", path),
                     "expected Never, OnFailure, Always or ExitCode, got \"%s\"", text);
}

static void check_replica(const struct replicas *replicas, const struct replica_type *type, const struct node *spec,
                          const char *path)
{
    const struct node *count = node_get(spec, "replicas");
    int64_t n;

    shape_check(&replicas->walk, replica_shape, spec, path);
    check_restart(replicas, spec, path);
    if (type->replicas > 0 && node_to_integer(count, &n) && n != type->replicas)
        replicas_complain(replicas, count, arena_printf(replicas->walk.arena, "%s.replicas", path), "must be 1");
    check_containers(replicas, spec, path);
    if (node_get(spec, "template") != NULL)
        pod_check(node_get(spec, "template"), replicas->walk.file,
                  arena_printf(replicas->walk.arena, "%s.template", path), false, replicas->walk.arena,
                  replicas->walk.faults);
}

static void unknown_type(const struct replicas *replicas, const struct node *key, const char *path)
{
    const char *names[8] = { NULL }, *near;

    for (size_t i = 0; replicas->kind->types[i].name != NULL; i++)
        names[i] = replicas->kind->types[i].name;
    near = text_nearest(key->text, names);
    faults_error(replicas->walk.faults, replicas->walk.file, key, path, "unknown replica type%s%s%s",
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static void check_types(const struct replicas *replicas)
{
    const struct node *specs = replicas->specs;

    for (size_t i = 0; i < specs->length; i++) {
        const struct replica_type *type = find_row(replicas->kind, specs->keys[i]->text);
        const char *path = arena_printf(replicas->walk.arena, "%s.%s", replicas->path, specs->keys[i]->text);

        if (type != NULL)
            check_replica(replicas, type, specs->items[i], path);
        else
            unknown_type(replicas, specs->keys[i], path);
    }
    for (const struct replica_type *type = replicas->kind->types; type->name != NULL; type++) {
        if (type->is_required && replicas_find(specs, type->name) == NULL)
            replicas_complain(replicas, specs, arena_printf(replicas->walk.arena, "%s.%s", replicas->path, type->name),
                              "must be present");
    }
}

void replicas_check(const struct replica_kind *kind, const struct node *manifest, const char *file, const char *path,
                    struct arena *arena, struct faults *faults, struct replicas *replicas)
{
    const struct shape top[] = {
        { .name = "apiVersion", .type = SHAPE_TEXT, .required = true },
        { .name = "kind", .type = SHAPE_TEXT, .required = true },
        { .name = "metadata", .type = SHAPE_MAP, .shape = object_meta_shape },
        { .name = "spec", .type = SHAPE_MAP, .shape = kind->spec },
        { .name = "status" },
        { 0 },
    };

    *replicas = (struct replicas){
        .kind = kind,
        .walk = { .file = file, .arena = arena, .faults = faults },
        .spec = node_get(manifest, "spec"),
        .specs = node_get(node_get(manifest, "spec"), kind->specs),
        .path = arena_printf(arena, "%s.spec.%s", path, kind->specs),
    };
    shape_check(&replicas->walk, top, manifest, path);
    if (replicas->specs == NULL || replicas->specs->kind != NODE_MAP || replicas->specs->length == 0)
        replicas_complain(replicas, manifest, replicas->path, "must be required");
    else
        check_types(replicas);
}
