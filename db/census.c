/*
 * Counts over whole tables.
 */
#include "db/census.h"

#include "base/status.h"
#include "db/connection.h"

int census_experiments(struct db *db, struct arena *arena, struct census_row **out, size_t *n)
{
    struct census_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, EXPERIMENTS_CENSUS));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = (struct census_row){ .namespace = rows_text(&rows, arena) };
        found[*n].condition = rows_text(&rows, arena);
        found[*n].n = rows_integer(&rows);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}

int census_trials(struct db *db, struct arena *arena, struct census_row **out, size_t *n)
{
    struct census_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, TRIALS_CENSUS));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = (struct census_row){ .namespace = rows_text(&rows, arena) };
        found[*n].state = (int)rows_integer(&rows);
        found[*n].n = rows_integer(&rows);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}
