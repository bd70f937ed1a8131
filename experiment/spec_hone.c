/*
 * spec.hone: what Katib has no field for.
 */
#include <math.h>

#include "experiment/reader.h"
#include "trialrunner/engines/engine.h"

const char *const keep_names[] = { "all", "best", "failed", "none", NULL };

static const char *const known_engines[] = { "local", "slurm", "kubernetes", "client", NULL };
static const double DEFAULT_LOG_LIMIT = 64 << 20, LEAST_LOG_LIMIT = 4096, GREATEST_LOG_LIMIT = 1LL << 50;
static const double SECONDS_LIMIT = 1e9;

static void check_role_template(struct reader *reader, struct fields *item, const char *path)
{
    const struct node *manifest = reader->spec->template.manifest;
    const struct node *template = path != NULL ? node_path(manifest, path) : NULL;

    if (path != NULL && manifest != NULL && (template == NULL || template->kind != NODE_MAP))
        fields_error(item, "template", "expected the path of a pod template in trialSpec, got \"%s\"", path);
}

static void read_roles(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "roles", LIST_LIMIT);
    const char **names = arena_array(reader->arena, list != NULL ? list->length : 0, sizeof *names);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;

        if (!reader_open_item(reader, fields, "roles", list, i, &item))
            continue;
        names[i] = fields_required(&item, "name", "a name");
        for (size_t k = 0; k < i; k++) {
            if (names[i] != NULL && text_equal(names[i], names[k]))
                fields_error(&item, "name", "expected different names, got \"%s\" again", names[i]);
        }
        check_role_template(reader, &item,
                            fields_required(&item, "template", "the path of a pod template in trialSpec"));
        fields_integer(&item, "replicas", 1, 1, COUNT_LIMIT);
        reader_close(reader, &item);
    }
    if (list != NULL && list->length > 0)
        reader_missing(reader, fields_path(fields, "roles"), NULL);
}

static int64_t read_log_limit(struct fields *fields)
{
    double bytes = fields_quantity(fields, "logLimit", DEFAULT_LOG_LIMIT);

    if (!(bytes >= LEAST_LOG_LIMIT && bytes <= GREATEST_LOG_LIMIT)) {
        fields_error(fields, "logLimit", "expected from 4Ki to 1Pi bytes, got %g", bytes);
        return (int64_t)DEFAULT_LOG_LIMIT;
    }
    return (int64_t)bytes;
}

static double read_timeout(struct fields *fields)
{
    double seconds = fields_real(fields, "timeoutSeconds", 0, 0, SECONDS_LIMIT);

    if (seconds == 0 && fields_node(fields, "timeoutSeconds") != NULL)
        fields_error(fields, "timeoutSeconds", "expected a number above 0, got 0");
    return seconds;
}

void read_hone(struct reader *reader, struct fields *spec)
{
    struct hone_options *hone = &reader->spec->hone;
    struct fields fields;

    fields_child(spec, "hone", &fields);
    read_aims(reader, &fields);
    read_prior_knowledge(reader, &fields);
    read_roles(reader, &fields);
    hone->skips = fields_boolean(&fields, "skips", true);
    if (fields_node(&fields, "skips") != NULL && reader->spec->nas_config == NULL)
        fields_error(&fields, "skips", "expected it only with nasConfig, got it with parameters");
    hone->noisy = fields_boolean(&fields, "noisy", false);
    hone->patience = fields_integer(&fields, "stopAfterNoProgress", 0, 1, COUNT_LIMIT);
    hone->has_seed = fields_node(&fields, "seed") != NULL;
    hone->seed = (uint64_t)fields_integer(&fields, "seed", 0, 0, INT64_MAX);
    hone->timeout_s = read_timeout(&fields);
    hone->retries = fields_integer(&fields, "retries", 0, 0, COUNT_LIMIT);
    hone->backoff_s = fields_real(&fields, "backoffSeconds", 0, 0, SECONDS_LIMIT);
    hone->log_limit = read_log_limit(&fields);
    hone->keep = (enum keep)fields_choice(&fields, "keep", KEEP_ALL, keep_names);
    hone->engine = known_engines[fields_choice(&fields, "engine", 0, known_engines)];
    if (!reader->spec->by_clients && engine_find(hone->engine) == NULL)
        reader_missing(reader, fields_path(&fields, "engine"), hone->engine);
    reader_close(reader, &fields);
}
