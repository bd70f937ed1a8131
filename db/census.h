/*
 * How many experiments and trials there are, by namespace and state.
 */
#ifndef HONE_DB_CENSUS_H
#define HONE_DB_CENSUS_H

#include "db/db.h"

struct census_row {
    const char *namespace;
    const char *condition; /* of experiments: the newest that is true; NULL: none yet */
    int state;             /* of trials */
    int64_t n;
};

int census_experiments(struct db *db, struct arena *arena, struct census_row **rows, size_t *n);
int census_trials(struct db *db, struct arena *arena, struct census_row **rows, size_t *n); /* reads all of them */

#endif
