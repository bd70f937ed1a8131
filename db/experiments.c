/*
 * Table experiments, its conditions, and the end of everything that belongs to one.
 */
#include "db/experiments.h"

#include <string.h>

#include "base/status.h"
#include "db/connection.h"

int experiments_insert(struct db *db, struct experiment_row *row)
{
    int status = RUN(db, EXPERIMENT_INSERT, BYTES(row->uid, sizeof row->uid), ARG(row->namespace), ARG(row->name),
                     BYTES(row->source ? row->source : "", row->source_length), ARG(row->parallel_trial_count),
                     ARG(row->max_trial_count), ARG(row->max_failed_trial_count), ARG(row->created_us),
                     ARG(row->started_us), ARG(row->completed_us), ARG(row->spent_s), ARG(row->exhausted));

    if (status == ERR_CONFLICT)
        return fail(ERR_CONFLICT, "experiment %s exists already in namespace %s", row->name, row->namespace);
    TRY(status);
    row->id = sqlite3_last_insert_rowid(db->sqlite);
    return 0;
}

static int not_found(int64_t id)
{
    return fail(ERR_NOT_FOUND, "there is no experiment with id %lld", (long long)id);
}

int experiments_update(struct db *db, const struct experiment_row *row)
{
    TRY(RUN(db, EXPERIMENT_UPDATE, ARG(row->id), ARG(row->parallel_trial_count), ARG(row->max_trial_count),
            ARG(row->max_failed_trial_count), ARG(row->started_us), ARG(row->completed_us), ARG(row->spent_s),
            ARG(row->exhausted)));
    if (sqlite3_changes(db->sqlite) != 1)
        return not_found(row->id);
    return row->source != NULL ? RUN(db, EXPERIMENT_SOURCE, ARG(row->id), BYTES(row->source, row->source_length)) : 0;
}

static struct experiment_row read_row(struct rows *rows, struct arena *arena)
{
    struct experiment_row row = { .id = rows_integer(rows) };
    size_t length;
    const void *uid = rows_bytes(rows, arena, &length);

    memcpy(row.uid, uid, length < sizeof row.uid ? length : sizeof row.uid);
    row.namespace = rows_text(rows, arena);
    row.name = rows_text(rows, arena);
    row.source = rows_bytes(rows, arena, &row.source_length);
    row.parallel_trial_count = rows_integer(rows);
    row.max_trial_count = rows_integer(rows);
    row.max_failed_trial_count = rows_integer(rows);
    row.created_us = rows_integer(rows);
    row.started_us = rows_integer(rows);
    row.completed_us = rows_integer(rows);
    row.spent_s = rows_real(rows);
    row.exhausted = rows_integer(rows) != 0;
    return row;
}

int experiments_find(struct db *db, const char *namespace, const char *name, int64_t id, struct arena *arena,
                     struct experiment_row *row)
{
    struct rows rows;

    if (id > 0)
        TRY(QUERY(db, &rows, EXPERIMENT_BY_ID, ARG(id)));
    else
        TRY(QUERY(db, &rows, EXPERIMENT_BY_NAME, ARG(namespace), ARG(name)));
    int status = rows_next(&rows);
    if (status > 0)
        *row = read_row(&rows, arena);
    rows_close(&rows);
    if (status == 0)
        return id > 0 ? not_found(id)
                      : fail(ERR_NOT_FOUND, "there is no experiment %s in namespace %s", name, namespace);
    return status < 0 ? status : 0;
}

int experiments_list(struct db *db, const char *namespace, struct arena *arena, struct experiment_row **out, size_t *n)
{
    struct experiment_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, EXPERIMENT_LIST, ARG(namespace)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = read_row(&rows, arena);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}

int experiments_delete(struct db *db, int64_t id, bool purge)
{
    static const enum statement always[] = { EVENTS_DELETE, IMPORT_DELETE,       DROPPED_DELETE,
                                             CURVES_DELETE, OBSERVATIONS_DELETE, CONDITIONS_DELETE };
    static const enum statement strip[] = { ATTEMPTS_STRIP, TRIALS_STRIP, EXPERIMENT_HIDE };
    static const enum statement remove[] = { ATTEMPTS_DELETE, TRIALS_DELETE, EXPERIMENT_PURGE };
    const enum statement *last = purge ? remove : strip;

    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        TRY(RUN(db, always[i], ARG(id)));
    for (size_t i = 0; i < sizeof strip / sizeof *strip; i++)
        TRY(RUN(db, last[i], ARG(id)));
    return sqlite3_changes(db->sqlite) == 1 ? 0 : not_found(id);
}

int conditions_store(struct db *db, int64_t experiment_id, const struct condition_row *rows, size_t n)
{
    TRY(RUN(db, CONDITIONS_DELETE, ARG(experiment_id)));
    for (size_t i = 0; i < n; i++)
        TRY(RUN(db, CONDITION_INSERT, ARG(experiment_id), ARG(i), ARG(rows[i].type), ARG(rows[i].reason),
                ARG(rows[i].message), ARG(rows[i].status), ARG(rows[i].changed_us)));
    return 0;
}

int conditions_load(struct db *db, int64_t experiment_id, struct arena *arena, struct condition_row **out, size_t *n)
{
    struct condition_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, CONDITIONS_LOAD, ARG(experiment_id)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = (struct condition_row){ .type = rows_text(&rows, arena) };
        found[*n].reason = rows_text(&rows, arena);
        found[*n].message = rows_text(&rows, arena);
        found[*n].status = rows_integer(&rows) != 0;
        found[*n].changed_us = rows_integer(&rows);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}
