/*
 * An experiment out of the database: its rows become what it was when they were stored.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "db/experiments.h"
#include "db/imports.h"
#include "db/observations.h"
#include "db/trials.h"
#include "service/core.h"
#include "service/pursuit.h"

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
    pursuit_drop(live, row->trial); /* only the last attempt can be alive */
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

int live_load(struct service *service, const struct experiment_row *row, struct arena *arena, struct live **out)
{
    struct live *live;
    int status;

    TRY(live_build(row->source, row->source_length, row->name, &live));
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
    live_keep(service, live);
    *out = live;
    return 0;
}
