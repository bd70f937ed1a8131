/*
 * The shape of the database: numbered migrations, applied in order in one transaction.
 *
 * PRAGMA user_version holds how many were applied, PRAGMA application_id that the file is ours.
 */
#ifndef HONE_DB_SCHEMA_H
#define HONE_DB_SCHEMA_H

#include "db/connection.h"

struct migration {
    const char *summary;
    const char *sql; /* any number of statements; foreign keys are checked when all have run */
};

/* Ended by zeros. The row at [i] leads from version i to i + 1. Rows are only ever added. */
extern const struct migration schema_migrations[];

/* Is this file ours and not newer than the last of migrations? *version: 0 for an empty file. ERR_UNSUPPORTED, ERR_CORRUPT. */
int schema_identify(struct db *db, const struct migration *migrations, int *version);
/* Every page well-formed? ERR_CORRUPT. */
int schema_check(struct db *db);
/* From the file's version to the last of migrations, or not at all. */
int schema_migrate(struct db *db, const struct migration *migrations);

#endif
