/*
 * An Experiment from its root: metadata, counts, and the order in which the parts are read.
 */
#include <string.h>

#include "experiment/reader.h"

enum { NAME_LIMIT = 40, NAMESPACE_LIMIT = 63, DEFAULT_PARALLEL = 3 };

const char *const resume_policy_names[] = { "Never", "LongRunning", "FromVolume", NULL };

static void read_labels(struct reader *reader, struct fields *metadata)
{
    const struct node *map = fields_node(metadata, "labels");
    struct name_value *labels;

    if (map == NULL)
        return;
    if (map->kind != NODE_MAP) {
        fields_error(metadata, "labels", "expected a map, got %s", node_kind_name(map));
        return;
    }
    labels = arena_array(reader->arena, map->length, sizeof *labels);
    for (size_t i = 0; i < map->length; i++) {
        labels[i].name = map->keys[i]->text;
        labels[i].value = node_to_text(reader->arena, map->items[i]);
        if (labels[i].value == NULL)
            faults_error(reader->faults, reader->file, map->items[i],
                         arena_printf(reader->arena, "%s.%s", fields_path(metadata, "labels"), labels[i].name),
                         "expected a text, got %s", node_kind_name(map->items[i]));
    }
    reader->spec->labels = labels;
    reader->spec->n_labels = map->length;
}

/* What a server adds to a document that was read back from it. */
static void pass_over_server_fields(struct fields *metadata)
{
    static const char *const names[] = { "annotations",       "uid",        "resourceVersion", "generation",
                                         "creationTimestamp", "finalizers", "managedFields",   "ownerReferences",
                                         "selfLink" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fields_node(metadata, names[i]);
}

static void read_metadata(struct reader *reader, struct fields *root, const char *namespace)
{
    struct spec *spec = reader->spec;
    struct fields metadata;

    spec->namespace = namespace != NULL ? namespace : "default";
    if (!reader_child(root, "metadata", "metadata with a name", &metadata))
        return;
    spec->name = fields_required(&metadata, "name", "a name");
    if (spec->name != NULL && !name_is_valid(spec->name, NAME_LIMIT, false))
        fields_error(
            &metadata, "name",
            "expected lower-case letters, digits and '-', from a letter to a letter or digit, at most %d characters, "
            "got \"%s\"",
            NAME_LIMIT, spec->name);
    spec->namespace = fields_text(&metadata, "namespace", spec->namespace);
    if (!name_is_valid(spec->namespace, NAMESPACE_LIMIT, true))
        fields_error(
            &metadata, "namespace",
            "expected lower-case letters, digits and '-', from a letter or digit to a letter or digit, at most %d "
            "characters, got \"%s\"",
            NAMESPACE_LIMIT, spec->namespace);
    read_labels(reader, &metadata);
    pass_over_server_fields(&metadata);
    reader_close(reader, &metadata);
}

static void read_counts(struct reader *reader, struct fields *fields)
{
    struct spec *spec = reader->spec;
    int64_t max = fields_integer(fields, "maxTrialCount", 0, 1, COUNT_LIMIT);
    int64_t fallback = max > 0 && max < DEFAULT_PARALLEL ? max : DEFAULT_PARALLEL;

    if (spec->by_clients)
        fallback = 0;
    spec->max_trial_count = max;
    spec->parallel_trial_count = fields_integer(fields, "parallelTrialCount", fallback, 1, COUNT_LIMIT);
    spec->max_failed_trial_count = fields_integer(fields, "maxFailedTrialCount", -1, 0, COUNT_LIMIT);
    if (max > 0 && spec->parallel_trial_count > max)
        fields_error(fields, "parallelTrialCount", "expected at most maxTrialCount = %lld, got %lld", (long long)max,
                     (long long)spec->parallel_trial_count);
    if (max > 0 && spec->max_failed_trial_count > max)
        fields_warning(fields, "maxFailedTrialCount",
                       "more than maxTrialCount = %lld: the Experiment never fails by it, and Katib may refuse it",
                       (long long)max);
    spec->resume_policy = (enum resume_policy)fields_choice(fields, "resumePolicy", RESUME_NEVER, resume_policy_names);
}

static const char client_engine[] = "client"; /* as in spec_hone.c's table */

static void refuse_with_clients(struct fields *fields, const char *name)
{
    if (fields_node(fields, name) != NULL)
        fields_error(fields, name,
                     "expected none with spec.hone.engine client: clients run the trials and tell the metrics");
}

static void read_spec(struct reader *reader, struct fields *fields)
{
    const struct node *engine = node_path(reader->spec->node, "spec.hone.engine");

    reader->spec->by_clients = engine != NULL && engine->kind == NODE_TEXT && text_equal(engine->text, client_engine);
    read_counts(reader, fields);
    read_objective(reader, fields);
    read_parameters(reader, fields);
    read_algorithm(reader, fields);
    read_early_stopping(reader, fields);
    if (reader->spec->by_clients) {
        refuse_with_clients(fields, "metricsCollectorSpec");
        refuse_with_clients(fields, "trialTemplate");
    } else {
        read_collector(reader, fields);
        read_trial_template(reader, fields);
    }
    read_hone(reader, fields);
    check_method(reader);
    reader_close(reader, fields);
}

void read_experiment(struct reader *reader, const struct node *root, const char *namespace)
{
    struct spec *spec = reader->spec;
    struct fields top, fields;

    spec->node = document_typed(root, reader->file, reader->arena, reader->faults);
    fields_open(&top, spec->node, reader->file, "", reader->arena, reader->faults);
    fields_node(&top, "apiVersion");
    fields_node(&top, "kind");
    fields_node(&top, "status");
    read_metadata(reader, &top, namespace);
    if (reader_child(&top, "spec", "what is tuned", &fields))
        read_spec(reader, &fields);
    reader_close(reader, &top);
    if (reader->missing.length > 0)
        spec->missing = arena_strdup(reader->arena, text_string(&reader->missing));
}
