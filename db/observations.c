/*
 * Table observations, and the thinning of long curves.
 *
 * A curve is one metric of one attempt. Table curves counts its reports and keeps its stride: report k (from 1) is kept when
 * k - 1 is a multiple of the stride, and when more than the limit have been kept, every second goes and the stride doubles.
 * Short curves of the first role have no row there: most trials report a few values, and are many.
 * Table dropped remembers the highest sequence that thinning took from a role, so that a repeated report stays gone.
 */
#include "db/observations.h"

#include "base/status.h"
#include "db/connection.h"

enum { UNCOUNTED = 64 }; /* reports of role 0 before a curve is counted */

struct attempt_key {
    int64_t experiment_id, trial, attempt;
};

struct curve {
    int64_t n_reports, n_kept, stride;
};

#define KEY(key) ARG((key)->experiment_id), ARG((key)->trial), ARG((key)->attempt)

static int curve_find(struct db *db, const struct attempt_key *key, int metric, struct curve *curve)
{
    struct rows rows;

    TRY(QUERY(db, &rows, CURVE_FIND, KEY(key), ARG(metric)));
    int status = rows_next(&rows);
    if (status > 0) {
        curve->n_reports = rows_integer(&rows);
        curve->n_kept = rows_integer(&rows);
        curve->stride = rows_integer(&rows);
    }
    rows_close(&rows);
    return status;
}

static int drop(struct db *db, const struct attempt_key *key, const struct observation_row *row)
{
    TRY(RUN(db, OBSERVATION_DROP, KEY(key), ARG(row->role), ARG(row->sequence)));
    return RUN(db, DROPPED_MARK, KEY(key), ARG(row->role), ARG(row->sequence));
}

static int halve(struct db *db, const struct attempt_key *key, int metric, struct curve *curve)
{
    TRY(RUN(db, CURVE_MARK_EVEN, KEY(key), ARG(metric)));
    TRY(RUN(db, CURVE_DROP_EVEN, KEY(key), ARG(metric)));
    curve->n_kept -= sqlite3_changes(db->sqlite);
    curve->stride *= 2;
    return 0;
}

/* A new row is in the table: count it, and keep the curve within its limit. */
static int count(struct db *db, const struct attempt_key *key, const struct observation_row *row)
{
    struct curve curve = { .stride = 1 };
    int found = curve_find(db, key, row->metric, &curve);

    TRY(found);
    if (found == 0 && row->role == 0 && row->sequence <= UNCOUNTED)
        return 0;
    if (found == 0) {
        TRY(NUMBER(db, &curve.n_reports, OBSERVATIONS_COUNT, KEY(key), ARG(row->metric)));
        curve.n_kept = curve.n_reports;
    } else {
        curve.n_reports++;
        curve.n_kept++;
    }
    if ((curve.n_reports - 1) % curve.stride != 0) {
        curve.n_kept--;
        TRY(drop(db, key, row));
    } else if (curve.n_kept > OBSERVATIONS_LIMIT) {
        TRY(halve(db, key, row->metric, &curve));
    }
    return RUN(db, CURVE_STORE, KEY(key), ARG(row->metric), ARG(curve.n_reports), ARG(curve.n_kept), ARG(curve.stride));
}

static int append(struct db *db, const struct attempt_key *key, const struct observation_row *row)
{
    int64_t dropped;

    TRY(NUMBER(db, &dropped, DROPPED_FIND, KEY(key), ARG(row->role)));
    if (row->sequence <= dropped && row->sequence > 0)
        return 0;
    TRY(RUN(db, OBSERVATION_INSERT, KEY(key), ARG(row->role), ARG(row->sequence), ARG(row->metric), ARG(row->time_us),
            ARG(row->step), ARG(row->value)));
    return sqlite3_changes(db->sqlite) == 0 ? 0 : count(db, key, row);
}

int observations_append(struct db *db, int64_t experiment_id, int64_t trial, int64_t attempt,
                        const struct observation_row *rows, size_t n)
{
    const struct attempt_key key = { experiment_id, trial, attempt };

    for (size_t i = 0; i < n; i++)
        TRY(append(db, &key, &rows[i]));
    return 0;
}

int observations_progress(struct db *db, int64_t experiment_id, int64_t trial, int64_t attempt, int64_t *sequences,
                          size_t n_roles)
{
    struct rows rows;
    int status;

    for (size_t i = 0; i < n_roles; i++)
        sequences[i] = 0;
    TRY(QUERY(db, &rows, OBSERVATIONS_PROGRESS, ARG(experiment_id), ARG(trial), ARG(attempt)));
    while ((status = rows_next(&rows)) > 0) {
        int64_t role = rows_integer(&rows), sequence = rows_integer(&rows);
        if (role >= 0 && (uint64_t)role < n_roles)
            sequences[role] = sequence;
    }
    return status;
}

int observations_load(struct db *db, int64_t experiment_id, int64_t trial, int64_t attempt, int metric,
                      struct arena *arena, struct observation_row **out, size_t *n)
{
    struct observation_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, OBSERVATIONS_LOAD, ARG(experiment_id), ARG(trial), ARG(attempt), ARG(metric)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = (struct observation_row){ .role = (int)rows_integer(&rows) };
        found[*n].sequence = rows_integer(&rows);
        found[*n].metric = (int)rows_integer(&rows);
        found[*n].time_us = rows_integer(&rows);
        found[*n].step = rows_integer(&rows);
        found[*n].value = rows_text(&rows, arena);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}
