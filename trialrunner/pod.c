/*
 * A pod template as a role.
 */
#include "trialrunner/pod.h"

#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/clean_path.h"
#include "trialrunner/pod_parts.h"
#include "trialrunner/pod_shape.h"

const char *member_text(const struct pod *pod, const struct node *map, const char *key)
{
    return node_to_text(pod->arena, node_get(map, key));
}

bool member_boolean(const struct node *map, const char *key)
{
    bool value = false;

    return node_to_boolean(node_get(map, key), &value) && value;
}

/* "key=value" texts: the owner's, ours, then those of a map of the template; ended by NULL. */
static const char *const *merge(struct arena *arena, const char *const *owners, size_t n_owners,
                                const char *const *ours, size_t n_ours, const struct node *map)
{
    size_t n = 0, n_map = map != NULL && map->kind == NODE_MAP ? map->length : 0;
    const char **pairs = arena_array(arena, n_owners + n_ours + n_map + 1, sizeof *pairs);

    for (size_t i = 0; i < n_owners; i++)
        pairs[n++] = owners[i];
    for (size_t i = 0; i < n_ours; i++)
        pairs[n++] = ours[i];
    for (size_t i = 0; i < n_map; i++) {
        const char *value = node_to_text(arena, map->items[i]);

        pairs[n++] = arena_printf(arena, "%s=%s", map->keys[i]->text, value ? value : "");
    }
    return pairs;
}

/* Does the pod carry every one of the labels? */
static bool is_chosen(const char *const *labels, const struct plan_context *context)
{
    for (size_t i = 0; i < context->n_primary_labels; i++) {
        size_t length = strcspn(context->primary_labels[i], "=") + 1;
        const char *const *label = labels;

        while (*label != NULL && strncmp(*label, context->primary_labels[i], length) != 0)
            label++;
        if (*label == NULL || strcmp(*label, context->primary_labels[i]) != 0)
            return false;
    }
    return true;
}

static void open_pod(struct pod *pod, const struct node *template)
{
    const struct plan_context *context = pod->context;
    const struct pod_owner *owner = pod->owner;
    const struct node *metadata = node_get(template, "metadata");
    const char **katib = arena_array(pod->arena, context->n_labels + 2, sizeof *katib);

    katib[0] = arena_printf(pod->arena, "katib.kubeflow.org/experiment=%s", context->experiment);
    katib[1] = arena_printf(pod->arena, "katib.kubeflow.org/trial=%s", context->trial_name);
    for (size_t i = 0; i < context->n_labels; i++)
        katib[i + 2] = context->labels[i];

    pod->spec = node_get(template, "spec");
    pod->labels = merge(pod->arena, owner->labels, owner->n_labels, katib, context->n_labels + 2,
                        node_get(metadata, "labels"));
    pod->annotations = merge(pod->arena, owner->annotations, owner->n_annotations, NULL, 0,
                             node_get(metadata, "annotations"));
    pod->is_primary = is_chosen(pod->labels, context);
}

static const struct image *find_image(const struct pod *pod, const struct container *container)
{
    const struct image *image = NULL;

    if (*container->image == '\0')
        return NULL;
    if (pod->context->images != NULL)
        image = images_find(pod->context->images, container->image);
    if (image == NULL)
        warn_once(
            pod->faults, NULL, NULL,
            "image \"%s\" is not in the image map (images.yaml): its containers run with what this host has, in %s",
            container->image, pod->context->directory);
    return image;
}

static const char *working_directory(const struct pod *pod, const struct node *node, const struct image *image)
{
    const char *given = member_text(pod, node, "workingDir");

    if (given != NULL && *given != '\0')
        return path_absolute(pod->arena, given);
    return image != NULL && image->working_directory != NULL ? image->working_directory : pod->context->directory;
}

static int fill(const struct pod *pod, const struct node *node, struct container *container)
{
    const struct image *image = find_image(pod, container);

    container->working_directory = working_directory(pod, node, image);
    if (container->working_directory == NULL)
        return fail(ERR_INVALID, "workingDir: expected an absolute path without ..");
    TRY(pod_resources(pod, node, &container->requests, &container->limits));
    TRY(pod_environment(pod, node, image, container));
    TRY(pod_command(pod, node, image, container));
    return pod_mounts(pod, node, image, container);
}

static int plan_container(const struct pod *pod, const struct node *node, bool is_init, struct container *container)
{
    const char *image = member_text(pod, node, "image"), *primary = pod->context->primary_container;
    int status;

    container->name = member_text(pod, node, "name");
    container->image = image ? image : "";
    container->collect = !is_init && pod->is_primary && text_equal(container->name, primary);
    status = fill(pod, node, container);
    if (status < 0) {
        const char *cause = arena_strdup(pod->arena, fail_message());

        return fail(status, "container \"%s\": %s", container->name, cause);
    }
    return 0;
}

/* An init container that restarts for ever is Kubernetes' way to write a sidecar. */
static bool is_sidecar(const struct pod *pod, const struct node *node)
{
    return text_equal(member_text(pod, node, "restartPolicy"), "Always");
}

static int plan_init(const struct pod *pod, const struct node *list, struct container *init, size_t *n_init,
                     struct container *containers, size_t *n_containers)
{
    for (size_t i = 0; list != NULL && i < list->length; i++) {
        const struct node *node = list->items[i];
        bool sidecar = is_sidecar(pod, node);
        struct container *container = sidecar ? &containers[(*n_containers)++] : &init[(*n_init)++];

        container->sidecar = sidecar;
        if (sidecar)
            warn_once(pod->faults, node, NULL,
                      "initContainers: sidecar \"%s\" starts with the containers, after all others of init",
                      member_text(pod, node, "name"));
        TRY(plan_container(pod, node, true, container));
    }
    return 0;
}

/* The collector of the Experiment, which starts before the containers of the pod. */
static int add_collector(const struct pod *pod, const struct node *list, struct container *container)
{
    const struct node *node = pod->context->collector;
    const char *name = member_text(pod, node, "name");

    for (size_t i = 0; i < list->length; i++)
        if (text_equal(member_text(pod, list->items[i], "name"), name))
            return fail(ERR_INVALID, "customCollector: name: expected one that the pod does not have, got \"%s\"",
                        name);
    *container = (struct container){ .sidecar = true, .is_collector = true };
    return plan_container(pod, node, true, container);
}

static int plan_role(const struct pod *pod, struct role *role)
{
    const struct node *init_list = node_get(pod->spec, "initContainers"), *list = node_get(pod->spec, "containers");
    size_t n_init = init_list != NULL ? init_list->length : 0;
    struct container *init = arena_array(pod->arena, n_init, sizeof *init);
    struct container *containers = arena_array(pod->arena, n_init + list->length + 1, sizeof *containers);
    const char *restart = member_text(pod, pod->spec, "restartPolicy");

    role->init = init;
    role->n_init = 0;
    role->containers = containers;
    role->n_containers = 0;
    role->metrics_port = pod->owner->metrics_port;
    role->restart = RESTART_NEVER;
    for (int i = 0; restart != NULL && restart_policy_names[i] != NULL; i++) {
        if (strcmp(restart_policy_names[i], restart) == 0)
            role->restart = (enum restart_policy)i;
    }
    TRY(plan_init(pod, init_list, init, &role->n_init, containers, &role->n_containers));
    if (pod->context->collector != NULL && pod->is_primary)
        TRY(add_collector(pod, list, &containers[role->n_containers++]));
    for (size_t i = 0; i < list->length; i++)
        TRY(plan_container(pod, list->items[i], false, &containers[role->n_containers++]));
    return role->n_containers <= CONTAINER_LIMIT ? 0 : fail(ERR_LIMIT, "more than %d containers", CONTAINER_LIMIT);
}

int pod_plan(const struct node *template, const struct plan_context *context, const struct pod_owner *owner,
             struct arena *arena, struct role *role, struct faults *faults)
{
    struct pod pod = { .context = context, .owner = owner, .arena = arena, .faults = faults };
    const struct shape_walk walk = { .arena = arena, .faults = faults };
    struct faults found = { 0 };
    int status;

    pod_check(template, NULL, "template", false, arena, &found);
    status = template != NULL ? first_error(&found) : fail(ERR_INVALID, "template: expected a map, got nothing");
    faults_release(&found);
    if (status < 0)
        return status;
    shape_notes(&walk, pod_template_shape, template, "template");
    open_pod(&pod, template);
    return plan_role(&pod, role);
}

double pod_grace_s(const struct node *template)
{
    double seconds;

    return node_to_real(node_path(template, "spec.terminationGracePeriodSeconds"), &seconds) && seconds >= 0 ? seconds
                                                                                                             : 30;
}

double pod_deadline_s(const struct node *template)
{
    double seconds;

    return node_to_real(node_path(template, "spec.activeDeadlineSeconds"), &seconds) && seconds > 0 ? seconds : 0;
}
