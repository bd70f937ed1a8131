/*
 * The environment of a container: ours, the image map's, the owner's, envFrom, env; a later one replaces an earlier one.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/pod_parts.h"
#include "trialrunner/shape.h"

static bool is_name(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || *c == '=')
            return false;
    }
    return *name != '\0';
}

/* Environment under way; env of the container grows in the arena. */
struct builder {
    const struct pod *pod;
    const struct node *node;
    struct container *container;
    const char **env;
    size_t n, capacity, n_bytes;
};

static size_t find(const struct builder *builder, const char *name, size_t length)
{
    size_t i = 0;

    while (i < builder->n && (strncmp(builder->env[i], name, length) != 0 || builder->env[i][length] != '='))
        i++;
    return i;
}

static int put(struct builder *builder, const char *entry)
{
    struct arena *arena = builder->pod->arena;
    size_t length = strlen(entry), i = find(builder, entry, strcspn(entry, "="));

    if (length > ARGUMENT_BYTES_LIMIT)
        return fail(ERR_LIMIT, "env: %.*s: longer than %d bytes, more than a process can be given",
                    (int)strcspn(entry, "="), entry, ARGUMENT_BYTES_LIMIT);
    builder->n_bytes += length + 1;
    if (i == ENVIRONMENT_LIMIT || builder->n_bytes > PROCESS_BYTES_LIMIT)
        return fail(ERR_LIMIT, "env: more than %d entries or %d bytes", ENVIRONMENT_LIMIT, PROCESS_BYTES_LIMIT);
    if (i == builder->capacity) {
        const char **wider = arena_array(arena, builder->capacity * 2 + 16, sizeof *wider);

        if (builder->n > 0)
            memcpy(wider, builder->env, builder->n * sizeof *wider);
        builder->env = wider;
        builder->capacity = builder->capacity * 2 + 16;
    }
    builder->env[i] = entry;
    builder->n += i == builder->n;
    builder->container->env = builder->env;
    builder->container->n_env = builder->n;
    return 0;
}

static int set(struct builder *builder, const char *name, const char *value)
{
    return put(builder, arena_printf(builder->pod->arena, "%s=%s", name, value));
}

/* Threads of numeric libraries: the container's share of the cores, if it declares one. */
static int put_threads(struct builder *builder)
{
    const struct container *container = builder->container;
    double cpus = container->limits.cpus > 0 ? container->limits.cpus : container->requests.cpus;
    const char *threads = arena_printf(builder->pod->arena, "%.0f", fmin(fmax(1, ceil(cpus)), 1e6));

    if (cpus <= 0)
        return 0;
    TRY(set(builder, "OMP_NUM_THREADS", threads));
    return set(builder, "OPENBLAS_NUM_THREADS", threads);
}

static int put_defaults(struct builder *builder, const struct image *image)
{
    const struct pod *pod = builder->pod;

    TRY(put(builder, "PYTHONUNBUFFERED=1"));
    TRY(set(builder, "KATIB_TRIAL_NAME", pod->context->trial_name));
    TRY(set(builder, "HONE_TRIAL", pod->context->trial_name));
    TRY(set(builder, "HONE_TRIAL_NAMESPACE", pod->context->namespace));
    if (builder->container->collect && pod->context->checkpoint_path != NULL)
        TRY(set(builder, "HONE_CHECKPOINT_DIR", pod->context->checkpoint_path));
    if (builder->container->collect && pod->context->report_file != NULL)
        TRY(set(builder, "HONE_REPORT_FILE", pod->context->report_file));
    if (builder->container->collect && pod->owner->metrics_port > 0)
        TRY(set(builder, "HONE_METRICS_PORT", arena_printf(pod->arena, "%d", pod->owner->metrics_port)));
    TRY(put_threads(builder));
    for (size_t i = 0; image != NULL && i < image->n_env; i++)
        TRY(put(builder, image->env[i]));
    for (size_t i = 0; i < pod->owner->n_env; i++)
        TRY(put(builder, pod->owner->env[i]));
    return 0;
}

static int put_from(struct builder *builder, const struct node *item)
{
    const struct pod *pod = builder->pod;
    const struct node *config_map = node_get(item, "configMapRef"), *secret = node_get(item, "secretRef");
    const struct node *reference = config_map ? config_map : secret;
    const char *prefix = member_text(pod, item, "prefix"), *name = member_text(pod, reference, "name");
    const struct entry *entries;
    size_t n;

    if (name == NULL)
        return fail(ERR_INVALID, "envFrom: expected the name of a ConfigMap or Secret, got nothing");
    TRY(pod_entries(pod, config_map ? "ConfigMap" : "Secret", name, member_boolean(reference, "optional"), &entries,
                    &n));
    for (size_t i = 0; i < n; i++) {
        const char *key = arena_printf(pod->arena, "%s%s", prefix ? prefix : "", entries[i].key);

        if (!is_name(key) || strlen(entries[i].bytes) != entries[i].length)
            warn_once(pod->faults, item, NULL,
                      "envFrom: \"%s\" of \"%s\" cannot be an environment variable and is left out", key, name);
        else
            TRY(set(builder, key, entries[i].bytes));
    }
    return 0;
}

/* *value stays NULL when an optional key is absent. */
static int read_key(const struct pod *pod, const char *kind, const struct node *reference, const char **value)
{
    const char *name = member_text(pod, reference, "name"), *key = member_text(pod, reference, "key");
    bool is_optional = member_boolean(reference, "optional");
    const struct entry *entries, *entry;
    size_t n;

    if (name == NULL || key == NULL)
        return fail(ERR_INVALID, "%s: expected a name and a key, got nothing", kind);
    TRY(pod_entries(pod, kind, name, is_optional, &entries, &n));
    entry = entry_find(entries, n, key);
    if (entry == NULL)
        return is_optional ? 0 : fail(ERR_NOT_FOUND, "%s \"%s\" has no key \"%s\"", kind, name, key);
    if (strlen(entry->bytes) != entry->length)
        return fail(ERR_INVALID, "%s \"%s\": key \"%s\" holds a NUL byte, which no environment variable can", kind,
                    name, key);
    *value = entry->bytes;
    return 0;
}

static int read_value(struct builder *builder, const struct node *item, const char **value)
{
    const struct pod *pod = builder->pod;
    const struct node *from = node_get(item, "valueFrom"), *reference;

    if (from == NULL || from->kind == NODE_NULL) {
        const char *text = member_text(pod, item, "value");

        return pod_expand(pod, builder->container, text ? text : "", value, NULL);
    }
    if ((reference = node_get(from, "configMapKeyRef")) != NULL)
        return read_key(pod, "ConfigMap", reference, value);
    if ((reference = node_get(from, "secretKeyRef")) != NULL)
        return read_key(pod, "Secret", reference, value);
    if ((reference = node_get(from, "fieldRef")) != NULL)
        return pod_field(pod, reference, value);
    if ((reference = node_get(from, "resourceFieldRef")) != NULL)
        return pod_resource_field(pod, builder->node, reference, value);
    return fail(ERR_UNSUPPORTED, "valueFrom: expected configMapKeyRef, secretKeyRef, fieldRef or resourceFieldRef");
}

static int put_item(struct builder *builder, const struct node *item)
{
    const char *name = member_text(builder->pod, item, "name"), *value = NULL;
    int status;

    if (name == NULL || !is_name(name))
        return fail(ERR_INVALID, "env: expected the name of a variable, got \"%s\"", name ? name : "");
    status = read_value(builder, item, &value);
    if (status < 0) {
        const char *cause = arena_strdup(builder->pod->arena, fail_message());

        return fail(status, "env: %s: %s", name, cause);
    }
    return value != NULL ? set(builder, name, value) : 0;
}

/* Push, and a collector: where to, the agent tells the latter. */
static bool reports_itself(const struct builder *builder)
{
    return builder->container->is_collector ||
           (builder->container->collect && builder->pod->context->report_file != NULL);
}

/* Behind what the manifest says: modules of its own come first. */
static int put_python(struct builder *builder)
{
    const struct plan_context *context = builder->pod->context;
    size_t i = find(builder, "PYTHONPATH", strlen("PYTHONPATH"));

    if (!reports_itself(builder) || context->python == NULL)
        return 0;
    if (i == builder->n)
        return set(builder, "PYTHONPATH", context->python);
    return put(builder, arena_printf(builder->pod->arena, "%s:%s", builder->env[i], context->python));
}

int pod_environment(const struct pod *pod, const struct node *node, const struct image *image,
                    struct container *container)
{
    struct builder builder = { .pod = pod, .node = node, .container = container };
    const struct node *from = node_get(node, "envFrom"), *env = node_get(node, "env");

    TRY(put_defaults(&builder, image));
    for (size_t i = 0; from != NULL && i < from->length; i++)
        TRY(put_from(&builder, from->items[i]));
    for (size_t i = 0; env != NULL && i < env->length; i++)
        TRY(put_item(&builder, env->items[i]));
    return put_python(&builder);
}

static const char *value_of(const struct container *container, const char *name, size_t length)
{
    for (size_t i = 0; i < container->n_env; i++) {
        if (strncmp(container->env[i], name, length) == 0 && container->env[i][length] == '=')
            return container->env[i] + length + 1;
    }
    return NULL;
}

int pod_expand(const struct pod *pod, const struct container *container, const char *text, const char **expanded,
               const char **missing)
{
    struct text out = { 0 };

    if (missing != NULL)
        *missing = NULL;
    while (*text != '\0' && out.length <= ARGUMENT_BYTES_LIMIT) {
        size_t plain = strcspn(text, "$"),
               length = text[plain] == '$' && text[plain + 1] == '(' ? strcspn(text + plain, ")") : 0;
        const char *name = text + plain + 2, *value = NULL;

        text_add_bytes(&out, text, plain);
        text += plain;
        if (length > 0 && text[length] == ')') {
            value = value_of(container, name, length - 2);
            if (value != NULL)
                text_add(&out, value);
            else
                text_add_bytes(&out, text, length + 1);
            if (value == NULL && missing != NULL)
                *missing = arena_strndup(pod->arena, name, length - 2);
            text += length + 1;
        } else if (*text == '$') {
            text_add_char(&out, '$');
            text += text[1] == '$' ? 2 : 1;
        }
    }
    *expanded = arena_strndup(pod->arena, text_string(&out), out.length);

    bool is_long = out.length > ARGUMENT_BYTES_LIMIT;

    text_release(&out);
    return is_long ? fail(ERR_LIMIT, "longer than %d bytes, more than a process can be given", ARGUMENT_BYTES_LIMIT)
                   : 0;
}
