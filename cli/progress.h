/*
 * How far experiments have come, while somebody waits: one line that is rewritten on a terminal, plain lines otherwise.
 */
#ifndef HONE_CLI_PROGRESS_H
#define HONE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/node.h"
#include "base/text.h"

struct progress_facts {
    const char *name;  /* of the experiment; NULL: it goes without saying */
    int64_t done, max; /* trials; max 0: no limit */
    int64_t running, failed;
    const char *best; /* value of the objective; NULL: none yet */
    int64_t best_trial;
    double eta_s; /* NAN: unknown */
};

/* Facts of an experiment (node as in docs/json.md), but for name and eta_s; texts in the arena. */
void progress_read(const struct node *experiment, struct arena *arena, struct progress_facts *facts);
/* `12/60 done · 4 running · 2 failed · best 0.0831 (trial 7) · ETA 14m`; | instead of · where the locale is not UTF-8. */
void progress_format(const struct progress_facts *facts, bool utf8, struct text *out);

struct progress;

/* Nothing is shown when quiet. */
struct progress *progress_create(bool quiet);
void progress_destroy(struct progress *progress); /* clears the line first */
/* Show n experiments, those that have finished last; at most ten times a second on a terminal, else when a trial failed, a better one
   came, or 30 seconds passed. */
void progress_show(struct progress *progress, const struct node *const *experiments, size_t n, int64_t now_ms);
void progress_clear(struct progress *progress); /* before something else is printed on stderr */
/* Milliseconds between two looks that are worth while. */
int progress_interval_ms(const struct progress *progress);

#endif
