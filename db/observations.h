/*
 * Table observations: every report of every attempt, keyed (experiment, trial, attempt, role, sequence).
 *
 * A report that is there already, or was thinned away, is passed over, so agents may repeat themselves; the reports of a role
 * come in the order of their sequence. A curve keeps at most OBSERVATIONS_LIMIT rows a metric and attempt: past that every second
 * row goes and from then on only every second (fourth, ...) is kept: the first report, and each whose distance to it is a
 * multiple of the stride. The attempt must have been stored (ERR_NOT_FOUND).
 */
#ifndef HONE_DB_OBSERVATIONS_H
#define HONE_DB_OBSERVATIONS_H

#include "db/db.h"

enum { OBSERVATIONS_LIMIT = 4096 };

struct observation_row {
    int role;         /* index in the plan */
    int64_t sequence; /* of this role in this attempt, counted from 1 */
    int metric;       /* index in the objective's metrics */
    int64_t time_us, step;
    const char *value;
};

int observations_append(struct db *db, int64_t experiment_id, int64_t trial, int64_t attempt,
                        const struct observation_row *rows, size_t n);
/* Highest sequence stored for each role of an attempt: sequences[role], 0 where none; up to n_roles. */
int observations_progress(struct db *db, int64_t experiment_id, int64_t trial, int64_t attempt, int64_t *sequences,
                          size_t n_roles);
/* By time, then role and sequence; metric -1: all. attempt 0: the last that has any. */
int observations_load(struct db *db, int64_t experiment_id, int64_t trial, int64_t attempt, int metric,
                      struct arena *arena, struct observation_row **rows, size_t *n);

#endif
