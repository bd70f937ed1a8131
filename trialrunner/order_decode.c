/*
 * An order from a message, believed field by field: what is read here decides what an agent runs and which paths it
 * touches.
 */
#include <float.h>
#include <string.h>

#include "base/fields.h"
#include "base/message.h"
#include "base/status.h"
#include "trialrunner/clean_path.h"
#include "trialrunner/order.h"
#include "trialrunner/shape.h"

enum { NAME_LIMIT = 253, KEY_LENGTH = 32, METRIC_LIMIT = 1024, PORT_LIMIT = 65535 };

/* A name that is safe as part of a file's name. */
static const char *read_name(struct fields *fields, const char *key)
{
    const char *name = fields_required(fields, key, "a name");

    if (name == NULL)
        return "";
    if (strlen(name) > NAME_LIMIT || *name == '.' || strchr(name, '/') != NULL)
        fields_error(fields, key, "expected a name of at most %d bytes without /, got \"%.64s\"", NAME_LIMIT, name);
    return name;
}

static const char *read_path(struct fields *fields, const char *key)
{
    const char *path = fields_required(fields, key, "an absolute path");

    if (path != NULL && path_absolute(fields->arena, path) == NULL)
        fields_error(fields, key, "expected an absolute path without .., got \"%.64s\"", path);
    return path ? path : "";
}

/* A path below what it is relative to, of at least one part. */
static void check_below(struct fields *fields, const char *key, const char *path)
{
    const char *clean = path ? path_relative(fields->arena, path) : NULL;

    if (clean == NULL || *clean == '\0')
        fields_error(fields, key, "expected a relative path without .., got \"%.64s\"", path ? path : "");
}

static const char *const *read_texts(struct fields *fields, const char *key, size_t max, size_t *n)
{
    const char *const *texts = fields_texts(fields, key, n);

    if (*n > max)
        fields_error(fields, key, "expected at most %zu members, got %zu", max, *n);
    return texts;
}

/* The maps of a list, at most max, each given to read. */
typedef void read_item(struct fields *fields, void *item);

static const void *read_list(struct fields *fields, const char *key, size_t max, size_t size, read_item *read,
                             size_t *n)
{
    const struct node *list = fields_list(fields, key);
    char *items;

    *n = list ? list->length : 0;
    if (*n > max) {
        fields_error(fields, key, "expected at most %zu members, got %zu", max, *n);
        *n = 0;
    }
    items = arena_array(fields->arena, *n, size);
    for (size_t i = 0; i < *n; i++) {
        struct fields item;

        fields_open(&item, list->items[i], NULL, arena_printf(fields->arena, "%s[%zu]", fields_path(fields, key), i),
                    fields->arena, fields->faults);
        read(&item, items + i * size);
    }
    return items;
}

static void read_resources(struct fields *fields, const char *key, struct resources *resources)
{
    struct fields child;

    fields_child(fields, key, &child);
    resources->cpus = fields_real(&child, "cpus", 0, 0, DBL_MAX);
    resources->memory = fields_real(&child, "memory", 0, 0, DBL_MAX);
    resources->gpus = (int)fields_integer(&child, "gpus", 0, 0, INT32_MAX);
}

static void read_file(struct fields *fields, void *item)
{
    struct mount_file *file = item;
    const struct node *content = fields_node(fields, "content");

    file->path = fields_required(fields, "path", "a path");
    check_below(fields, "path", file->path);
    file->mode = (unsigned)fields_integer(fields, "mode", 0644, 0, 0777);
    if (content != NULL && content->kind == NODE_BYTES) {
        file->content = content->text;
        file->length = content->length;
    } else {
        fields_error(fields, "content", "expected bytes, got %s", node_kind_name(content));
    }
}

static void check_source(struct fields *fields, const struct mount *mount)
{
    if (mount->kind == MOUNT_HOST)
        read_path(fields, "source");
    else if (mount->kind != MOUNT_FILES || mount->source != NULL)
        check_below(fields, "source", mount->source);
}

static void read_mount(struct fields *fields, void *item)
{
    struct mount *mount = item;

    mount->kind = (enum mount_kind)fields_choice(fields, "kind", MOUNT_PRIVATE, mount_kind_names);
    mount->target = read_path(fields, "target");
    if (strcmp(mount->target, "/") == 0)
        fields_error(fields, "target", "expected a path below /, got \"/\"");
    mount->source = fields_text(fields, "source", NULL);
    check_source(fields, mount);
    mount->read_only = fields_boolean(fields, "readOnly", false);
    mount->create = fields_boolean(fields, "create", false);
    mount->files = read_list(fields, "files", MOUNT_FILE_LIMIT, sizeof *mount->files, read_file, &mount->n_files);
}

static void read_container(struct fields *fields, void *item)
{
    struct container *container = item;

    container->name = read_name(fields, "name");
    container->image = fields_text(fields, "image", "");
    container->argv = read_texts(fields, "argv", ARGUMENT_LIMIT, &container->n_argv);
    if (container->n_argv == 0 || *container->argv[0] == '\0')
        fields_error(fields, "argv", "expected a program, got nothing");
    container->env = read_texts(fields, "env", ENVIRONMENT_LIMIT, &container->n_env);
    for (size_t i = 0; i < container->n_env; i++) {
        if (*container->env[i] == '=' || strchr(container->env[i], '=') == NULL)
            fields_error(fields, "env", "expected NAME=value, got \"%.64s\"", container->env[i]);
    }
    container->working_directory = read_path(fields, "workingDirectory");
    read_resources(fields, "requests", &container->requests);
    read_resources(fields, "limits", &container->limits);
    container->mounts = read_list(fields, "mounts", MOUNT_LIMIT, sizeof *container->mounts, read_mount,
                                  &container->n_mounts);
    container->collect = fields_boolean(fields, "collect", false);
    container->sidecar = fields_boolean(fields, "sidecar", false);
    container->is_collector = fields_boolean(fields, "isCollector", false);
}

static void read_role(struct fields *fields, void *item)
{
    struct role *role = item;

    role->name = read_name(fields, "name");
    role->index = (int)fields_integer(fields, "index", 0, 0, ROLE_LIMIT);
    role->metrics_port = (int)fields_integer(fields, "metricsPort", 0, 0, PORT_LIMIT);
    role->decides = fields_boolean(fields, "decides", false);
    role->restart = (enum restart_policy)fields_choice(fields, "restart", RESTART_NEVER, restart_policy_names);
    role->init = read_list(fields, "init", CONTAINER_LIMIT, sizeof *role->init, read_container, &role->n_init);
    role->containers = read_list(fields, "containers", CONTAINER_LIMIT, sizeof *role->containers, read_container,
                                 &role->n_containers);
    if (role->n_containers == 0)
        fields_error(fields, "containers", "expected 1 to %d containers, got nothing", CONTAINER_LIMIT);
}

static void check_role_names(struct fields *fields, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_roles; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(plan->roles[i].name, plan->roles[j].name) == 0)
                fields_error(fields, "roles", "expected names that are unique, got \"%.64s\" twice",
                             plan->roles[i].name);
        }
    }
}

static int64_t n_deciding(const struct plan *plan)
{
    int64_t n = 0;

    for (size_t i = 0; i < plan->n_roles; i++)
        n += plan->roles[i].decides;
    return n > 0 ? n : 1;
}

static void read_plan(struct fields *fields, struct plan *plan)
{
    plan->roles = read_list(fields, "roles", ROLE_LIMIT, sizeof *plan->roles, read_role, &plan->n_roles);
    if (plan->n_roles == 0)
        fields_error(fields, "roles", "expected 1 to %d roles, got nothing", ROLE_LIMIT);
    check_role_names(fields, plan);
    plan->parallelism = (int)fields_integer(fields, "parallelism", 1, 1, (int64_t)plan->n_roles);
    plan->completions = (int)fields_integer(fields, "completions", 1, 1, n_deciding(plan));
    plan->is_gang = fields_boolean(fields, "isGang", false);
    plan->backoff_limit = fields_integer(fields, "backoffLimit", 0, 0, INT32_MAX);
    plan->backoff_is_given = fields_boolean(fields, "backoffIsGiven", false);
    plan->deadline_s = fields_real(fields, "deadlineSeconds", 0, 0, 1e12);
    plan->grace_s = fields_real(fields, "graceSeconds", 30, 0, 1e12);
    read_resources(fields, "total", &plan->total);
}

static void read_page(struct fields *fields, struct order *order)
{
    order->http_path = fields_text(fields, "httpPath", NULL);
    order->http_port = (int)fields_integer(fields, "httpPort", 0, 0, PORT_LIMIT);
    if (order->http_path != NULL && !page_path_is_valid(order->http_path))
        fields_error(fields, "httpPath", "expected a path from a slash, got \"%.64s\"", order->http_path);
}

static void read_metrics(struct fields *fields, struct order *order)
{
    static const char *const formats[] = { "TEXT", "JSON", NULL };
    struct metrics_query *metrics = &order->metrics;

    metrics->metrics = read_texts(fields, "metrics", METRIC_LIMIT, &metrics->n_metrics);
    metrics->filters = read_texts(fields, "filters", METRIC_LIMIT, &metrics->n_filters);
    for (size_t i = 0; i < metrics->n_metrics; i++) {
        if (*metrics->metrics[i] == '\0')
            fields_error(fields, "metrics", "expected names, got an empty text");
    }
    if (metrics->n_metrics == 0)
        fields_error(fields, "metrics", "expected the name of a metric, got nothing");
    for (size_t i = 0; i < metrics->n_filters && i < METRIC_LIMIT; i++) {
        if (metrics_filter_check(metrics->filters[i]) < 0)
            fields_error(fields, "filters", "%s", fail_message());
    }
    order->collector = fields_required(fields, "collector", "a collector kind");
    if (order->collector != NULL && collector_kind_find(order->collector) == NULL)
        fields_error(fields, "collector", "expected a collector kind, got \"%.64s\"", order->collector);
    order->format = formats[fields_choice(fields, "format", 0, formats)];
    order->metrics_path = fields_node(fields, "metricsPath") ? read_path(fields, "metricsPath") : NULL;
    read_page(fields, order);
}

/* A number that has to be there. */
static int64_t read_number(struct fields *fields, const char *key)
{
    if (fields_node(fields, key) == NULL)
        fields_error(fields, key, "expected a number, got nothing");
    return fields_integer(fields, key, 0, 0, INT64_MAX);
}

static void read_order(struct fields *fields, struct order *order)
{
    struct fields plan;

    order->address = fields_required(fields, "address", "an address");
    order->key = fields_required(fields, "key", "a key");
    if (order->key != NULL &&
        (strlen(order->key) != KEY_LENGTH || strspn(order->key, "0123456789abcdef") != KEY_LENGTH))
        fields_error(fields, "key", "expected %d hex digits", KEY_LENGTH);
    order->experiment = read_name(fields, "experiment");
    order->namespace = read_name(fields, "namespace");
    order->trial = read_name(fields, "trial");
    order->experiment_id = read_number(fields, "experimentId");
    order->number = read_number(fields, "number");
    order->attempt = read_number(fields, "attempt");
    fields_child(fields, "plan", &plan);
    read_plan(&plan, &order->plan);
    order->gpus = fields_text(fields, "gpus", NULL);
    if (order->gpus != NULL && order->gpus[strspn(order->gpus, "0123456789,")] != '\0')
        fields_error(fields, "gpus", "expected indexes as in 0,2, got \"%.64s\"", order->gpus);
    read_metrics(fields, order);
    order->log_limit = fields_integer(fields, "logLimit", 0, 0, INT64_MAX);
}

int order_decode(const void *bytes, size_t length, struct arena *arena, struct order *order)
{
    struct faults faults = { 0 };
    struct fields fields;
    struct node *root;
    int status;

    *order = (struct order){ 0 };
    TRY(message_decode(bytes, length, arena, &root));
    fields_open(&fields, root, NULL, "", arena, &faults);
    read_order(&fields, order);
    status = first_error(&faults);
    faults_release(&faults);
    return status;
}
