/*
 * The finished trials of a study from best to worst, the first ones kept; beside them the latest that failed.
 *
 * Order: succeeded within the constraints, by loss; stopped early, by its last loss; outside the constraints, by total
 * violation (an unknown one is the largest). A loss that is NAN or +inf is a failure; so are failed trials.
 * Abandoned ones say nothing. With several losses, succeeded trials go by non-dominated rank (those stopped early in the order
 * they ended), and one that is not finite is a failure.
 */
#ifndef HONE_SUGGEST_MERIT_H
#define HONE_SUGGEST_MERIT_H

#include "suggest/history.h"

enum { MERIT_RANKED_LIMIT = 1024, MERIT_FAILED_LIMIT = 256 };

enum merit_class { MERIT_SUCCEEDED, MERIT_STOPPED, MERIT_VIOLATED, MERIT_FAILED, MERIT_NONE };

struct merit {
    enum merit_class class;
    double key; /* smaller is better within the class */
    size_t row;
};

/* A zeroed struct is empty and ready. */
struct merit_list {
    size_t n_ranked_ever, n_failed_ever; /* seen, kept or not */
    size_t n_ranked;
    struct merit ranked[MERIT_RANKED_LIMIT];
    size_t failed[MERIT_FAILED_LIMIT]; /* rows; a ring */
};

/* Standing of one finished row. */
struct merit merit_of(const struct history *history, size_t row);
void merit_add(struct merit_list *list, const struct history *history, const struct merit *merit);
/* With several losses: bring the succeeded ones into the order of their ranks, and such that the first n are the ones that
   cover the most hypervolume of the rank they end in. O(n^2) for three losses and more. */
void merit_order(struct merit_list *list, const struct history *history, size_t n);

static inline size_t merit_n_failed(const struct merit_list *list)
{
    return list->n_failed_ever < MERIT_FAILED_LIMIT ? list->n_failed_ever : MERIT_FAILED_LIMIT;
}

#endif
