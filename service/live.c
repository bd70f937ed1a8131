/*
 * Experiments between memory and the database.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "base/status.h"
#include "db/imports.h"
#include "service/core.h"

struct live *live_by_id(const struct service *service, int64_t id)
{
    for (size_t i = 0; i < service->n_lives; i++)
        if (service->lives[i]->id == id && id != 0)
            return service->lives[i];
    return NULL;
}

struct pursuit *live_pursuit(const struct live *live, int64_t number)
{
    for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next)
        if (pursuit->number == number)
            return pursuit;
    return NULL;
}

const char *live_relative(const struct live *live, const struct trial *trial, struct arena *arena)
{
    return arena_printf(arena, "%s/%s", live->uid_text, trial->name);
}

void random_bytes(void *bytes, size_t n)
{
    if (getrandom(bytes, n, 0) != (ssize_t)n)
        abort();
}

void pursuit_destroy(struct pursuit *pursuit)
{
    arena_release(&pursuit->arena);
    free(pursuit->progress);
    free(pursuit);
}

void live_destroy(struct live *live)
{
    if (live == NULL)
        return;
    search_destroy(live->search);
    while (live->waiters != NULL) {
        struct waiter *waiter = live->waiters;

        live->waiters = waiter->next;
        free(waiter);
    }
    while (live->pursuits != NULL) {
        struct pursuit *pursuit = live->pursuits;

        live->pursuits = pursuit->next;
        pursuit_destroy(pursuit);
    }
    experiment_destroy(live->experiment);
    bundle_release(&live->bundle);
    warm_start_release(&live->warm);
    arena_release(&live->arena);
    free(live);
}

void live_drop_pursuit(struct live *live, int64_t number)
{
    for (struct pursuit **at = &live->pursuits; *at != NULL; at = &(*at)->next) {
        struct pursuit *pursuit = *at;

        if (pursuit->number != number)
            continue;
        *at = pursuit->next;
        pursuit_destroy(pursuit);
        return;
    }
}

void live_forget(struct service *service, struct live *live)
{
    for (size_t i = 0; i < service->n_lives; i++) {
        if (service->lives[i] != live)
            continue;
        service->lives[i] = service->lives[--service->n_lives];
        break;
    }
    live_destroy(live);
}

static void keep(struct service *service, struct live *live)
{
    service->lives = grow(service->lives, service->n_lives, &service->lives_capacity, sizeof *service->lives);
    service->lives[service->n_lives++] = live;
}

/* Parse the packed source again: namespace (NULL: of the document) and name choose the experiment. */
static int build(const void *bytes, size_t length, const char *name, struct live **out)
{
    struct live *live = xcalloc(1, sizeof *live);
    struct faults faults = { 0 };
    struct source source;
    struct node *node;
    int status;

    live->last_fact = &live->first_fact;
    live->likely_of = -1;
    live->source = arena_strndup(&live->arena, bytes, length);
    live->source_length = length;
    status = message_decode(live->source, length, &live->arena, &node);
    if (status == 0)
        status = source_unpack(node, &live->arena, &source);
    if (status == 0)
        status = source_parse(&source, false, &live->bundle, &live->images, &live->arena, &faults);
    faults_release(&faults);
    if (status == 0)
        live->shown = source.files[0].shown;
    for (size_t i = 0; status == 0 && live->spec == NULL && i < live->bundle.n_specs; i++)
        if (text_equal(live->bundle.specs[i]->name, name))
            live->spec = live->bundle.specs[i];
    if (status == 0 && live->spec == NULL)
        status = fail(ERR_NOT_FOUND, "no Experiment named %s in the files", name);
    if (status < 0) {
        live_destroy(live);
        return status;
    }
    *out = live;
    return 0;
}

int live_create(struct service *service, const void *source, size_t length, const char *name, struct live **out)
{
    struct live *live;
    uint8_t uid[16];

    TRY(build(source, length, name, &live));
    random_bytes(uid, sizeof uid);
    uid[6] = (uid[6] & 0x0f) | 0x40; /* a random UUID, RFC 9562 */
    uid[8] = (uid[8] & 0x3f) | 0x80;
    uid_format(uid, live->uid_text);
    live->experiment = experiment_create(live->spec, uid, clock_wall_us());
    keep(service, live);
    *out = live;
    return 0;
}

static char *own(const char *text)
{
    return text != NULL ? xstrdup(text) : NULL;
}

static int load_trial(struct live *live, const struct trial_row *row)
{
    struct trial *trial = trial_create(live->experiment, row->number);
    int status;

    trial->state = row->state;
    trial->reason = own(row->reason);
    trial->message = own(row->message);
    trial->why = own(row->why);
    trial->created_us = row->created_us;
    trial->started_us = row->started_us;
    trial->ended_us = row->ended_us;
    trial->finish_order = row->finish_order;
    trial->retry_at_us = row->retry_at_us;
    trial->resource = row->resource;
    trial->parent = row->parent;
    trial->repeat_after_stop = row->repeat_after_stop;
    status = space_unpack(&live->spec->space, row->assignments, row->assignments_length, trial->values);
    if (status == 0 && row->observation_length > 0)
        status = observation_unpack(&trial->observation, row->observation, row->observation_length);
    if (status == 0 && row->labels_length > 0)
        status = trial_unpack_labels(trial, row->labels, row->labels_length);
    if (status == 0 && row->state >= N_TRIAL_STATES)
        status = fail(ERR_CORRUPT, "trial %lld has the unknown state %d", (long long)row->number, row->state);
    if (status < 0) {
        trial_destroy(trial);
        return status;
    }
    experiment_add_trial(live->experiment, trial);
    return 0;
}

static void load_attempt(struct live *live, const struct attempt_row *row)
{
    struct trial *trial = experiment_trial(live->experiment, row->trial);
    struct attempt *attempt;

    if (trial == NULL)
        return;
    live_drop_pursuit(live, row->trial); /* only the last attempt can be alive */
    attempt = trial_add_attempt(trial);
    attempt->end = row->end;
    attempt->started_us = row->started_us;
    attempt->ended_us = row->ended_us;
    attempt->usage = (struct usage){ row->wall_s, row->cpu_s, row->peak_memory };
    attempt->gpus = own(row->gpus);
    attempt->message = own(row->message);
    attempt->tail = own(row->tail);
    if (row->end == ATTEMPT_RUNNING && row->key != NULL) {
        struct pursuit *pursuit = xcalloc(1, sizeof *pursuit);

        pursuit->number = row->trial;
        pursuit->attempt = row->number;
        pursuit->phase = PURSUIT_HANDED;
        snprintf(pursuit->key, sizeof pursuit->key, "%s", row->key);
        snprintf(pursuit->gpus, sizeof pursuit->gpus, "%s", row->gpus != NULL ? row->gpus : "");
        pursuit->next = live->pursuits;
        live->pursuits = pursuit;
    }
}

/* What running trials have reported so far. */
static int load_reports(struct service *service, struct live *live, struct trial *trial, struct arena *arena)
{
    const struct attempt *attempt = trial_attempt(trial);
    struct observation_row *rows;
    size_t n;

    if (trial_is_finished(trial) || attempt == NULL)
        return 0;
    TRY(observations_load(service->reader, live->id, trial->number, attempt->number, -1, arena, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (rows[i].metric >= 0 && (size_t)rows[i].metric < live->spec->objective.n_metrics)
            observation_add(&trial->observation, rows[i].metric, rows[i].time_us, rows[i].value);
    return 0;
}

static int load_rows(struct service *service, struct live *live, struct arena *arena)
{
    struct experiment *experiment = live->experiment;
    struct condition_row *conditions;
    struct trial_row *trials;
    struct attempt_row *attempts;
    const void *imports;
    size_t n;

    TRY(conditions_load(service->reader, live->id, arena, &conditions, &n));
    for (size_t i = 0; i < n; i++)
        experiment_set_condition(experiment, conditions[i].type, conditions[i].status, conditions[i].reason,
                                 conditions[i].message, conditions[i].changed_us);
    TRY(imports_load(service->reader, live->id, arena, &imports, &n));
    if (imports != NULL)
        TRY(warm_start_unpack(&live->warm, live->spec, imports, n));
    TRY(trials_load(service->reader, live->id, arena, &trials, &n));
    for (size_t i = 0; i < n; i++)
        TRY(load_trial(live, &trials[i]));
    TRY(attempts_load(service->reader, live->id, arena, &attempts, &n));
    for (size_t i = 0; i < n; i++)
        load_attempt(live, &attempts[i]);
    for (size_t i = 0; i < experiment->n_trials; i++)
        TRY(load_reports(service, live, experiment->trials[i], arena));
    experiment_restore(experiment);
    if (experiment_condition(experiment) != NULL)
        live->noted_us = experiment_condition(experiment)->changed_us;
    return 0;
}

static int load(struct service *service, const struct experiment_row *row, struct arena *arena, struct live **out)
{
    struct live *live;
    int status;

    TRY(build(row->source, row->source_length, row->name, &live));
    live->id = row->id;
    uid_format(row->uid, live->uid_text);
    live->experiment = experiment_create(live->spec, row->uid, row->created_us);
    live->experiment->parallel_trial_count = row->parallel_trial_count;
    live->experiment->max_trial_count = row->max_trial_count;
    live->experiment->max_failed_trial_count = row->max_failed_trial_count;
    live->experiment->started_us = row->started_us;
    live->experiment->completed_us = row->completed_us;
    live->experiment->spent_s = row->spent_s;
    live->experiment->is_exhausted = row->exhausted;
    status = load_rows(service, live, arena);
    if (status < 0) {
        live_destroy(live);
        return status;
    }
    keep(service, live);
    *out = live;
    return 0;
}

int live_find(struct service *service, const char *namespace, const char *name, struct live **out)
{
    struct arena arena = { 0 };
    struct experiment_row row;
    int status;

    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];

        if (!text_equal(live->spec->namespace, namespace) || !text_equal(live->spec->name, name))
            continue;
        if (live->is_deleted) /* its row may still be there */
            return fail(ERR_NOT_FOUND, "experiment %s in namespace %s is being deleted", name, namespace);
        if (live->id == 0)
            return fail(ERR_LIMIT, "experiment %s in namespace %s is being created", name, namespace);
        *out = live;
        return 0;
    }
    status = experiments_find(service->reader, namespace, name, 0, &arena, &row);
    if (status == ERR_NOT_FOUND)
        status = fail(ERR_NOT_FOUND, "no experiment %s in namespace %s", name, namespace);
    if (status == 0)
        status = load(service, &row, &arena, out);
    if (status == 0)
        conductor_adopt(service, *out);
    arena_release(&arena);
    return status;
}

int live_load_unfinished(struct service *service)
{
    struct arena arena = { 0 };
    struct experiment_row *rows;
    struct live *live;
    size_t n;
    int status = experiments_list(service->reader, NULL, &arena, &rows, &n);

    for (size_t i = 0; status == 0 && i < n; i++) {
        if (rows[i].completed_us != 0)
            continue;
        /* One experiment that cannot be read must not keep the others from running. */
        if (load(service, &rows[i], &arena, &live) < 0)
            log_error("experiment.load", "experiment=%s/%s: %s", rows[i].namespace, rows[i].name, fail_message());
        else
            conductor_adopt(service, live);
    }
    arena_release(&arena);
    return status;
}
