/*
 * Table audit: who changed what and when, and who was kept from it. Only ever appended to.
 */
#ifndef HONE_DB_AUDIT_H
#define HONE_DB_AUDIT_H

#include "db/db.h"

struct audit_row {
    int64_t sequence, time_us;
    const char *who; /* name of the key; "local": this machine's own user */
    const char *op;
    const char *subject; /* "namespace/name", "namespace/name trial"; NULL: none */
    const char *outcome; /* "OK", or the code of the error */
};

int audit_append(struct db *db, const struct audit_row *row);
/* The first max rows after `since`. */
int audit_load(struct db *db, int64_t since, size_t max, struct arena *arena, struct audit_row **rows, size_t *n);

#endif
