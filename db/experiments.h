/*
 * Table experiments (and its conditions): one row an experiment under (namespace, name), known by uid for ever.
 */
#ifndef HONE_DB_EXPERIMENTS_H
#define HONE_DB_EXPERIMENTS_H

#include <stdbool.h>

#include "db/db.h"

struct experiment_row {
    int64_t id; /* never used again */
    uint8_t uid[16];
    const char *namespace, *name;
    const void *source; /* the files it was created from, packed by the service */
    size_t source_length;
    int64_t parallel_trial_count, max_trial_count, max_failed_trial_count;
    int64_t created_us, started_us, completed_us;
    double spent_s;
    bool exhausted;
};

struct condition_row {
    const char *type, *reason, *message;
    bool status;
    int64_t changed_us;
};

/* id is filled. ERR_CONFLICT: the name is taken in this namespace. */
int experiments_insert(struct db *db, struct experiment_row *row);
/* Everything but uid, namespace, name, created; a source of NULL stays as it was. */
int experiments_update(struct db *db, const struct experiment_row *row);
/* By name (namespace and name) or, with id > 0, by id. Texts in the arena. ERR_NOT_FOUND.
   By id also one that was deleted but not purged. */
int experiments_find(struct db *db, const char *namespace, const char *name, int64_t id, struct arena *arena,
                     struct experiment_row *row);
/* All that are not deleted, of one namespace or (NULL) all, by namespace and name. */
int experiments_list(struct db *db, const char *namespace, struct arena *arena, struct experiment_row **rows,
                     size_t *n);
/* purge: every trace. Else the spec, assignments, usage and final values stay under the uid for transfer, the name is free again, and
   observations, logs, conditions and events go. An event that tells of it is appended after. */
int experiments_delete(struct db *db, int64_t id, bool purge);

/* Replace all conditions of an experiment (there are few). */
int conditions_store(struct db *db, int64_t experiment_id, const struct condition_row *rows, size_t n);
int conditions_load(struct db *db, int64_t experiment_id, struct arena *arena, struct condition_row **rows, size_t *n);

#endif
