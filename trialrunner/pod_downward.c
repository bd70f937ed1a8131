/*
 * What a pod may ask about itself (fieldRef, resourceFieldRef), and what its containers ask of the machine.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "trialrunner/pod_parts.h"
#include "trialrunner/shape.h"

/* Value of key in "key=value" texts; "" when absent, as in Kubernetes. */
static const char *look_up(const char *const *pairs, const char *key, size_t length)
{
    for (; *pairs != NULL; pairs++) {
        if (strncmp(*pairs, key, length) == 0 && (*pairs)[length] == '=')
            return *pairs + length + 1;
    }
    return "";
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All of them as lines key="value", sorted, the form of Kubernetes' downward files. */
static const char *all_lines(const struct pod *pod, const char *const *pairs)
{
    size_t n = 0;
    struct text out = { 0 };

    while (pairs[n] != NULL)
        n++;

    const char **sorted = arena_array(pod->arena, n, sizeof *sorted);

    for (size_t i = 0; i < n; i++)
        sorted[i] = pairs[i];
    qsort(sorted, n, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < n; i++) {
        const char *value = strchr(sorted[i], '=') + 1;

        text_add_bytes(&out, sorted[i], (size_t)(value - sorted[i]));
        text_add_char(&out, '"');
        for (; *value != '\0'; value++) {
            if (*value == '"' || *value == '\\')
                text_add_char(&out, '\\');
            text_add_char(&out, *value);
        }
        text_add(&out, "\"\n");
    }

    const char *kept = arena_strndup(pod->arena, text_string(&out), out.length);

    text_release(&out);
    return kept;
}

/* metadata.labels, metadata.annotations, and one of them: metadata.labels['key']. */
static bool read_pairs(const struct pod *pod, const char *path, const char *what, const char *const *pairs,
                       const char **value)
{
    if (!text_starts_with(path, what))
        return false;
    path += strlen(what);
    if (*path == '\0') {
        *value = all_lines(pod, pairs);
        return true;
    }
    if (!text_starts_with(path, "['") || !text_ends_with(path, "']") || strlen(path) < strlen("['']"))
        return false;
    *value = look_up(pairs, path + 2, strlen(path) - strlen("['']"));
    return true;
}

int pod_field(const struct pod *pod, const struct node *reference, const char **value)
{
    const struct plan_context *context = pod->context;
    const char *path = member_text(pod, reference, "fieldPath");
    const char *address = context->address ? context->address : "127.0.0.1";
    const struct {
        const char *path, *value;
    } fields[] = {
        { "metadata.name", pod->owner->pod },
        { "metadata.namespace", context->namespace },
        { "metadata.uid", pod->owner->pod },
        { "spec.nodeName", context->host ? context->host : "localhost" },
        { "spec.serviceAccountName", "default" },
        { "status.hostIP", address },
        { "status.hostIPs", address },
        { "status.podIP", address },
        { "status.podIPs", address },
    };

    for (size_t i = 0; path != NULL && i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(path, fields[i].path) != 0)
            continue;
        *value = fields[i].value;
        if (strcmp(path, "metadata.uid") == 0)
            warn_once(pod->faults, reference, NULL, "fieldRef metadata.uid: the pod's name stands for its uid here");
        return 0;
    }
    if (path != NULL && (read_pairs(pod, path, "metadata.labels", pod->labels, value) ||
                         read_pairs(pod, path, "metadata.annotations", pod->annotations, value)))
        return 0;
    return fail(ERR_INVALID,
                "fieldRef: expected a field of the pod such as metadata.name or metadata.labels['key'], got \"%s\"",
                path ? path : "");
}

static const struct node *find_container(const struct pod *pod, const char *name)
{
    static const char *const lists[] = { "containers", "initContainers" };

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const struct node *list = node_get(pod->spec, lists[i]);

        for (size_t j = 0; list != NULL && j < list->length; j++) {
            const char *other = member_text(pod, list->items[j], "name");

            if (other != NULL && strcmp(other, name) == 0)
                return list->items[j];
        }
    }
    return NULL;
}

/* A request that is not given is the limit. */
static const struct node *declared(const struct node *container, const char *resource)
{
    const struct node *resources = node_get(container, "resources");
    bool is_request = text_starts_with(resource, "requests.");
    const char *key = strchr(resource, '.');
    const struct node *found = key ? node_get(node_get(resources, is_request ? "requests" : "limits"), key + 1) : NULL;

    return found != NULL || !is_request ? found : node_get(node_get(resources, "limits"), key + 1);
}

int pod_resource_field(const struct pod *pod, const struct node *container, const struct node *reference,
                       const char **value)
{
    const char *name = member_text(pod, reference, "containerName"),
               *divisor_text = member_text(pod, reference, "divisor");
    const char *resource = member_text(pod, reference, "resource");
    const struct node *asked = name != NULL ? find_container(pod, name) : container;
    double quantity, divisor = 1;
    char buffer[NUMBER_TEXT_SIZE];

    if (asked == NULL)
        return fail(ERR_INVALID, "resourceFieldRef: there is no container \"%s\"", name);
    if (resource == NULL || (!text_starts_with(resource, "limits.") && !text_starts_with(resource, "requests.")))
        return fail(ERR_INVALID, "resourceFieldRef: expected limits.cpu, requests.memory or the like, got \"%s\"",
                    resource ? resource : "");
    if (divisor_text != NULL && (!number_parse_quantity(divisor_text, &divisor) || divisor < 0))
        return fail(ERR_INVALID, "resourceFieldRef: divisor: expected a quantity, got \"%s\"", divisor_text);

    const char *text = node_to_text(pod->arena, declared(asked, resource));

    if (text == NULL || !number_parse_quantity(text, &quantity))
        return fail(ERR_INVALID, "resourceFieldRef: %s is not declared in resources of the container", resource);
    quantity = ceil(quantity / (divisor > 0 ? divisor : 1) - 1e-9);
    *value = arena_strdup(pod->arena, quantity < 1e15 ? arena_printf(pod->arena, "%.0f", quantity)
                                                      : number_format(quantity, buffer));
    return 0;
}

static int read_quantities(const struct pod *pod, const struct node *map, struct resources *resources)
{
    for (size_t i = 0; map != NULL && map->kind == NODE_MAP && i < map->length; i++) {
        const char *key = map->keys[i]->text, *text = node_to_text(pod->arena, map->items[i]);
        double quantity;

        if (text == NULL || !number_parse_quantity(text, &quantity) || quantity < 0)
            return fail(ERR_INVALID, "resources: %s: expected a quantity such as 500m, 2 or 4Gi, got \"%s\"", key,
                        text ? text : "");
        if (strcmp(key, "cpu") == 0) {
            resources->cpus = quantity;
        } else if (strcmp(key, "memory") == 0) {
            resources->memory = quantity;
        } else if (strcmp(key, "nvidia.com/gpu") == 0) {
            if (quantity != floor(quantity) || quantity > GPU_REQUEST_LIMIT)
                return fail(ERR_INVALID, "resources: nvidia.com/gpu: expected an integer in [0, %d], got \"%s\"",
                            GPU_REQUEST_LIMIT, text);
            resources->gpus = (int)quantity;
        } else {
            warn_once(pod->faults, map->keys[i], NULL, "resources: %s is not counted and not limited on this host",
                      key);
        }
    }
    return 0;
}

int pod_resources(const struct pod *pod, const struct node *container, struct resources *requests,
                  struct resources *limits)
{
    const struct node *resources = node_get(container, "resources");

    TRY(read_quantities(pod, node_get(resources, "requests"), requests));
    TRY(read_quantities(pod, node_get(resources, "limits"), limits));
    if ((limits->cpus > 0 && requests->cpus > limits->cpus) ||
        (limits->memory > 0 && requests->memory > limits->memory))
        return fail(ERR_INVALID, "resources: requests: must be less than or equal to limits");
    return 0;
}
