/*
 * When a run of the strategy has nothing left to find, and what the next one looks like.
 *
 * Stopping rules and their constants are those of pycma 4.5; differences of losses count relative to the losses, so that their
 * unit does not matter. Restarts: Auger and Hansen, A Restart CMA Evolution Strategy With Increasing Population Size
 * (2005); Hansen, Benchmarking a BI-Population CMA-ES on the BBOB-2009 Function Testbed (2009), the first run counted among the
 * small ones.
 */
#ifndef HONE_SUGGEST_CMA_RESTART_H
#define HONE_SUGGEST_CMA_RESTART_H

#include "base/rng.h"
#include "suggest/cma.h"

enum cma_restart_strategy { CMA_RESTART_NONE, CMA_RESTART_IPOP, CMA_RESTART_BIPOP };

/* The losses of one run, by generation. */
struct cma_watch {
    double sigma_0;
    double max_generations;
    size_t n, capacity;    /* generations */
    size_t best_at;        /* of the run's best */
    unsigned n_flat;       /* flat generations in a row */
    double *best, *median; /* (n) */
};

/* A run about to start. max_generations INFINITY: as many as the rules allow. */
void cma_watch_init(struct cma_watch *watch, const struct cma *cma, double max_generations);
void cma_watch_release(struct cma_watch *watch);
/* After cma_update: losses (lambda) of that generation, best first, INFINITY where there is none. is_flat: the best of them are
   as good as most. */
void cma_watch_add(struct cma_watch *watch, const struct cma *cma, const double *losses, bool is_flat);
/* Why the run is at its end, in a few words; NULL: it goes on. */
const char *cma_watch_verdict(const struct cma_watch *watch, const struct cma *cma);

struct cma_schedule {
    enum cma_restart_strategy strategy;
    size_t lambda_0;
    unsigned n_large;    /* runs that doubled the population */
    unsigned run;        /* runs begun, counted from 0 */
    bool is_large;       /* the run under way */
    double small, large; /* samples spent so far in either kind */
};

struct cma_run {
    size_t lambda;
    double sigma_factor;    /* on the first run's sigma */
    double max_generations; /* INFINITY: not limited by the schedule */
};

/* The run after one that spent so many samples. */
struct cma_run cma_schedule_next(struct cma_schedule *schedule, double n_samples, struct rng *rng);

#endif
