/*
 * Table imports: the trials of elsewhere that an experiment began with, packed by the experiment's own code. They stay when
 * what they came from is deleted.
 */
#ifndef HONE_DB_IMPORTS_H
#define HONE_DB_IMPORTS_H

#include "db/db.h"

int imports_store(struct db *db, int64_t experiment_id, const void *bytes, size_t length);
/* *bytes in the arena, NULL: there are none. */
int imports_load(struct db *db, int64_t experiment_id, struct arena *arena, const void **bytes, size_t *length);

#endif
