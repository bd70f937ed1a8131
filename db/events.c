/*
 * Table events.
 */
#include "db/events.h"

#include "base/status.h"
#include "db/connection.h"

static const struct {
    int kind;
    const char *name;
} kinds[] = {
    { EVENT_EXPERIMENT_CREATED, "ExperimentCreated" },
    { EVENT_EXPERIMENT_CONDITION, "ExperimentCondition" },
    { EVENT_EXPERIMENT_EDITED, "ExperimentEdited" },
    { EVENT_EXPERIMENT_DELETED, "ExperimentDeleted" },
    { EVENT_EXPERIMENT_WARM_STARTED, "ExperimentWarmStarted" },
    { EVENT_TRIAL_CREATED, "TrialCreated" },
    { EVENT_TRIAL_STARTED, "TrialStarted" },
    { EVENT_TRIAL_ENDED, "TrialEnded" },
    { EVENT_TRIAL_ATTEMPT_ENDED, "TrialAttemptEnded" },
};

const char *event_kind_name(int kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind == kind)
            return kinds[i].name;
    }
    return "Unknown";
}

int events_append(struct db *db, struct event_row *row)
{
    TRY(RUN(db, EVENT_INSERT, ARG(row->experiment_id), ARG(row->trial), ARG(row->kind), ARG(row->time_us),
            ARG(row->detail)));
    row->sequence = sqlite3_last_insert_rowid(db->sqlite);
    return 0;
}

int events_load(struct db *db, int64_t since, int64_t experiment_id, size_t max, struct arena *arena,
                struct event_row **out, size_t *n)
{
    struct event_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, EVENTS_LOAD, ARG(experiment_id), ARG(since), ARG(max)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = (struct event_row){ .sequence = rows_integer(&rows) };
        found[*n].time_us = rows_integer(&rows);
        found[*n].experiment_id = rows_integer(&rows);
        found[*n].trial = rows_integer(&rows);
        found[*n].kind = (int)rows_integer(&rows);
        found[*n].detail = rows_text(&rows, arena);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}

int events_last(struct db *db, int64_t *sequence)
{
    struct rows rows;
    int status;

    *sequence = 0;
    TRY(QUERY(db, &rows, EVENTS_LAST));
    while ((status = rows_next(&rows)) > 0)
        *sequence = rows_integer(&rows);
    return status;
}
