/*
 * Table events: what happened, in order. The sequence number is the truth that watchers go by; it never repeats.
 */
#ifndef HONE_DB_EVENTS_H
#define HONE_DB_EVENTS_H

#include "db/db.h"

/* Numbers are in databases: only ever add. */
enum event_kind {
    EVENT_EXPERIMENT_CREATED = 1,
    EVENT_EXPERIMENT_CONDITION = 2, /* detail: "type reason: message" */
    EVENT_EXPERIMENT_EDITED = 3,
    EVENT_EXPERIMENT_DELETED = 4,
    EVENT_EXPERIMENT_WARM_STARTED = 5, /* detail: how many trials of which source are used, and why others are not */
    EVENT_TRIAL_CREATED = 16,
    EVENT_TRIAL_STARTED = 17,       /* an attempt runs */
    EVENT_TRIAL_ENDED = 18,         /* detail NULL: Succeeded; else "State: message" */
    EVENT_TRIAL_ATTEMPT_ENDED = 19, /* an attempt ended and the trial goes on; detail: why */
};
const char *event_kind_name(int kind);

struct event_row {
    int64_t sequence, time_us, experiment_id, trial; /* trial 0: of the experiment */
    int kind;
    const char *detail;
};

int events_append(struct db *db, struct event_row *row); /* sequence is filled */
/* After `since`, of one experiment or (0) all, at most max. */
int events_load(struct db *db, int64_t since, int64_t experiment_id, size_t max, struct arena *arena,
                struct event_row **rows, size_t *n);
int events_last(struct db *db, int64_t *sequence); /* 0: there is none */

#endif
