/*
 * An order as a message. What is at its default is left out.
 */
#include "base/message.h"
#include "trialrunner/order.h"

static void set_text(struct arena *arena, struct node *map, const char *key, const char *text)
{
    if (text != NULL)
        node_set(arena, map, key, node_text(arena, text));
}

static void set_true(struct arena *arena, struct node *map, const char *key, bool value)
{
    if (value)
        node_set(arena, map, key, node_boolean(arena, true));
}

static void set_integer(struct arena *arena, struct node *map, const char *key, int64_t value)
{
    node_set(arena, map, key, node_integer(arena, value));
}

static void set_number(struct arena *arena, struct node *map, const char *key, int64_t value)
{
    if (value != 0)
        set_integer(arena, map, key, value);
}

static void set_real(struct arena *arena, struct node *map, const char *key, double value)
{
    if (value != 0)
        node_set(arena, map, key, node_real(arena, value));
}

static void set_texts(struct arena *arena, struct node *map, const char *key, const char *const *texts, size_t n)
{
    struct node *list = node_set(arena, map, key, node_list(arena));

    for (size_t i = 0; i < n; i++)
        node_add(arena, list, node_text(arena, texts[i]));
}

static void set_resources(struct arena *arena, struct node *map, const char *key, const struct resources *resources)
{
    struct node *node;

    if (resources->cpus == 0 && resources->memory == 0 && resources->gpus == 0)
        return;
    node = node_set(arena, map, key, node_map(arena));
    set_real(arena, node, "cpus", resources->cpus);
    set_real(arena, node, "memory", resources->memory);
    set_integer(arena, node, "gpus", resources->gpus);
}

static struct node *file_node(struct arena *arena, const struct mount_file *file)
{
    struct node *node = node_map(arena);

    set_text(arena, node, "path", file->path);
    node_set(arena, node, "content", node_bytes(arena, file->content, file->length));
    set_integer(arena, node, "mode", file->mode);
    return node;
}

static struct node *mount_node(struct arena *arena, const struct mount *mount)
{
    struct node *node = node_map(arena);

    set_text(arena, node, "kind", mount_kind_names[mount->kind]);
    set_text(arena, node, "target", mount->target);
    set_text(arena, node, "source", mount->source);
    set_true(arena, node, "readOnly", mount->read_only);
    set_true(arena, node, "create", mount->create);
    if (mount->n_files > 0) {
        struct node *files = node_set(arena, node, "files", node_list(arena));

        for (size_t i = 0; i < mount->n_files; i++)
            node_add(arena, files, file_node(arena, &mount->files[i]));
    }
    return node;
}

static struct node *container_node(struct arena *arena, const struct container *container)
{
    struct node *node = node_map(arena), *mounts;

    set_text(arena, node, "name", container->name);
    set_text(arena, node, "image", container->image);
    set_texts(arena, node, "argv", container->argv, container->n_argv);
    set_texts(arena, node, "env", container->env, container->n_env);
    set_text(arena, node, "workingDirectory", container->working_directory);
    set_resources(arena, node, "requests", &container->requests);
    set_resources(arena, node, "limits", &container->limits);
    mounts = node_set(arena, node, "mounts", node_list(arena));
    for (size_t i = 0; i < container->n_mounts; i++)
        node_add(arena, mounts, mount_node(arena, &container->mounts[i]));
    set_true(arena, node, "collect", container->collect);
    set_true(arena, node, "sidecar", container->sidecar);
    set_true(arena, node, "isCollector", container->is_collector);
    return node;
}

static void set_containers(struct arena *arena, struct node *map, const char *key, const struct container *containers,
                           size_t n)
{
    struct node *list = node_set(arena, map, key, node_list(arena));

    for (size_t i = 0; i < n; i++)
        node_add(arena, list, container_node(arena, &containers[i]));
}

static struct node *role_node(struct arena *arena, const struct role *role)
{
    struct node *node = node_map(arena);

    set_text(arena, node, "name", role->name);
    set_integer(arena, node, "index", role->index);
    set_number(arena, node, "metricsPort", role->metrics_port);
    set_true(arena, node, "decides", role->decides);
    set_text(arena, node, "restart", restart_policy_names[role->restart]);
    set_containers(arena, node, "init", role->init, role->n_init);
    set_containers(arena, node, "containers", role->containers, role->n_containers);
    return node;
}

static struct node *plan_node(struct arena *arena, const struct plan *plan)
{
    struct node *node = node_map(arena), *roles = node_set(arena, node, "roles", node_list(arena));

    for (size_t i = 0; i < plan->n_roles; i++)
        node_add(arena, roles, role_node(arena, &plan->roles[i]));
    set_integer(arena, node, "parallelism", plan->parallelism);
    set_integer(arena, node, "completions", plan->completions);
    set_true(arena, node, "isGang", plan->is_gang);
    set_integer(arena, node, "backoffLimit", plan->backoff_limit);
    set_true(arena, node, "backoffIsGiven", plan->backoff_is_given);
    set_real(arena, node, "deadlineSeconds", plan->deadline_s);
    node_set(arena, node, "graceSeconds", node_real(arena, plan->grace_s));
    set_resources(arena, node, "total", &plan->total);
    return node;
}

void order_encode(const struct order *order, struct text *out)
{
    struct arena arena = { 0 };
    struct node *node = node_map(&arena);

    set_text(&arena, node, "address", order->address);
    set_text(&arena, node, "key", order->key);
    set_text(&arena, node, "experiment", order->experiment);
    set_text(&arena, node, "namespace", order->namespace);
    set_text(&arena, node, "trial", order->trial);
    set_integer(&arena, node, "experimentId", order->experiment_id);
    set_integer(&arena, node, "number", order->number);
    set_integer(&arena, node, "attempt", order->attempt);
    node_set(&arena, node, "plan", plan_node(&arena, &order->plan));
    set_text(&arena, node, "gpus", order->gpus);
    set_texts(&arena, node, "metrics", order->metrics.metrics, order->metrics.n_metrics);
    set_texts(&arena, node, "filters", order->metrics.filters, order->metrics.n_filters);
    set_text(&arena, node, "collector", order->collector);
    set_text(&arena, node, "format", order->format);
    set_text(&arena, node, "metricsPath", order->metrics_path);
    set_text(&arena, node, "httpPath", order->http_path);
    set_number(&arena, node, "httpPort", order->http_port);
    set_integer(&arena, node, "logLimit", order->log_limit);
    message_encode(node, out);
    arena_release(&arena);
}
