/*
 * Table audit.
 */
#include "db/audit.h"

#include "base/status.h"
#include "db/connection.h"

int audit_append(struct db *db, const struct audit_row *row)
{
    return RUN(db, AUDIT_INSERT, ARG(row->time_us), ARG(row->who), ARG(row->op), ARG(row->subject), ARG(row->outcome));
}

int audit_load(struct db *db, int64_t since, size_t max, struct arena *arena, struct audit_row **out, size_t *n)
{
    struct audit_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, AUDIT_LOAD, ARG(since), ARG(max)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = (struct audit_row){ .sequence = rows_integer(&rows) };
        found[*n].time_us = rows_integer(&rows);
        found[*n].who = rows_text(&rows, arena);
        found[*n].op = rows_text(&rows, arena);
        found[*n].subject = rows_text(&rows, arena);
        found[*n].outcome = rows_text(&rows, arena);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}
