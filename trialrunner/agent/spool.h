/*
 * Reports that the service has not acknowledged yet, oldest first.
 */
#ifndef HONE_TRIALRUNNER_AGENT_SPOOL_H
#define HONE_TRIALRUNNER_AGENT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPOOL_LIMIT = 4096 }; /* when so many wait, outputs are not read any further */

struct spooled {
    int role;
    int64_t sequence, time_us, step;
    size_t metric;
    char *value;
};

/* A zeroed struct is empty and ready. */
struct spool {
    struct spooled *items; /* (capacity), a ring */
    size_t first, n, capacity;
};

/* value is copied. Never refuses: SPOOL_LIMIT is the reader's to keep. */
void spool_add(struct spool *spool, const struct spooled *report, const char *value, size_t length);
const struct spooled *spool_at(const struct spool *spool, size_t i);
bool spool_is_full(const struct spool *spool);
/* The first n have arrived. */
void spool_drop(struct spool *spool, size_t n);
/* Drop what the service has: of role i all up to progress[i]. */
void spool_acknowledge(struct spool *spool, const int64_t *progress, size_t n_roles);
void spool_release(struct spool *spool);

#endif
