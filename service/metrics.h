/*
 * What the service counts about itself, for Prometheus. Katib's own metrics keep their names; the rest begins with hone_.
 *
 * Counters begin at zero with the service. Everything here belongs to the loop's thread but metrics_write_census.
 */
#ifndef HONE_SERVICE_METRICS_H
#define HONE_SERVICE_METRICS_H

#include "db/db.h"
#include "service/call.h"

struct metrics;

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics *metrics); /* accepts NULL */

/* An event is on its way to the disk: what it says of the experiment or of its trial (0: none) is counted. */
void metrics_event(struct metrics *metrics, const struct live *live, int64_t trial, int kind);
void metrics_deleted(struct metrics *metrics, const struct live *live);
/* A question was answered; status as of the answer. */
void metrics_answered(struct metrics *metrics, const struct caller *caller, int status);
void metrics_suggested(struct metrics *metrics, const char *algorithm, double seconds);
/* Somebody was refused before anything was read: "key", "message". */
void metrics_refused(struct metrics *metrics, const char *reason);

/* All but the census. */
void metrics_write(const struct service *service, struct text *out);
/* How many experiments and trials the database holds. On any thread; reader is of that thread. */
int metrics_write_census(struct db *reader, struct text *out);

#endif
