/*
 * Table imports.
 */
#include "db/imports.h"

#include "base/status.h"
#include "db/connection.h"

int imports_store(struct db *db, int64_t experiment_id, const void *bytes, size_t length)
{
    return RUN(db, IMPORT_STORE, ARG(experiment_id), BYTES(bytes, length));
}

int imports_load(struct db *db, int64_t experiment_id, struct arena *arena, const void **bytes, size_t *length)
{
    struct rows rows;
    int status;

    *bytes = NULL;
    *length = 0;
    TRY(QUERY(db, &rows, IMPORT_LOAD, ARG(experiment_id)));
    status = rows_next(&rows);
    if (status > 0)
        *bytes = rows_bytes(&rows, arena, length);
    rows_close(&rows);
    return status < 0 ? status : 0;
}
