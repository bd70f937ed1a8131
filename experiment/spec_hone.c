/*
 * spec.hone: what Katib has no field for.
 */
#include <math.h>

#include "base/number.h"
#include "experiment/reader.h"
#include "trialrunner/engines/engine.h"
#include "trialrunner/jobs/job_kind.h"
#include "trialrunner/pod.h"
#include "trialrunner/shape.h"

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
    else if (template != NULL && !reader->spec->template.from_config_map) /* else it is checked when it is rendered */
        pod_check(template, reader->file, arena_printf(reader->arena, "spec.trialTemplate.trialSpec.%s", path), false,
                  reader->arena, reader->faults);
}

static void check_role_replicas(struct reader *reader, struct fields *item, const char *replicas)
{
    const struct node *manifest = reader->spec->template.manifest, *node = node_path(manifest, replicas);
    int64_t n;

    if (number_parse_integer(replicas, &n)
            ? n >= 0 && n <= ROLE_LIMIT
            : manifest == NULL || (node != NULL && (is_placeholder(node) || node_to_integer(node, &n))))
        return;
    fields_error(item, "replicas", "expected a number of at most %d or the path of one in trialSpec, got \"%s\"",
                 ROLE_LIMIT, replicas);
}

static void read_role(struct reader *reader, struct fields *item, struct given_role *role, bool is_first)
{
    enum { NAME_LIMIT = 40 };

    role->name = fields_required(item, "name", "a name");
    if (role->name != NULL && !name_is_valid(role->name, NAME_LIMIT, false))
        fields_error(item, "name", "expected lower case letters, digits and '-', at most %d of them, got \"%s\"",
                     NAME_LIMIT, role->name);
    role->template = fields_required(item, "template", "the path of a pod template in trialSpec");
    check_role_template(reader, item, role->template);
    role->replicas = fields_text(item, "replicas", "1");
    check_role_replicas(reader, item, role->replicas);
    role->decides = fields_boolean(item, "decides", is_first);
}

static void read_roles(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "roles", LIST_LIMIT);
    size_t n = list != NULL ? list->length : 0;
    struct given_role *roles = arena_array(reader->arena, n, sizeof *roles);

    if (n > 0 && reader->spec->template.kind != NULL && reader->spec->template.kind != &job_kind_given)
        fields_warning(fields, "roles", "has no meaning for the kind %s, whose pods are known",
                       reader->spec->template.kind->kind);
    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;

        if (!reader_open_item(reader, fields, "roles", list, i, &item))
            continue;
        read_role(reader, &item, &roles[i], i == 0);
        for (size_t k = 0; k < i; k++) {
            if (roles[i].name != NULL && text_equal(roles[i].name, roles[k].name))
                fields_error(&item, "name", "expected different names, got \"%s\" again", roles[i].name);
        }
        reader_close(reader, &item);
    }
    reader->spec->hone.roles = roles;
    reader->spec->hone.n_roles = n;
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
