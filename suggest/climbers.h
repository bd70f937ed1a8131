/*
 * Who stands on which rung: what hyperband, asha, bohb and dehb read from a history.
 *
 * A trial belongs to the level that its resource is. A root began there; any other was promoted: its parent is the trial
 * below whose configuration it goes on with. All of it is read anew at every ask, so a rebuilt study finds the same.
 */
#ifndef HONE_SUGGEST_CLIMBERS_H
#define HONE_SUGGEST_CLIMBERS_H

#include "suggest/resource_settings.h"

struct climber {
    int64_t number;
    size_t row; /* of the finished rows, or of the running ones */
    size_t level;
    size_t root_level, slot; /* where it began, and how many roots began there before it */
    bool is_running;
    bool is_abandoned;     /* a root that said nothing; abandoned promotions are left out */
    bool is_eligible;      /* finished in full, with finite losses */
    bool is_promoted;      /* goes on already, or its point is one level up by another way */
    double violation;      /* of all constraints, 0: none; INFINITY: unknown */
    double rank, crowding; /* once sorted: the loss, or the number of the front and the distance there, negated */
};

/* A zeroed struct is empty and ready. */
struct climbers {
    size_t n, capacity;
    struct climber *items;       /* (n) ascending by number */
    size_t n_taken[RUNGS_LIMIT]; /* points of that level, finished or running */
    size_t n_roots[RUNGS_LIMIT]; /* trials that began there, abandoned ones too */
};

/* O(n log n). */
void climbers_read(struct climbers *climbers, const struct history *history, const struct resource *resource);
void climbers_release(struct climbers *climbers);
/* By hand, for who has no levels: a finished row without its place, and adding one. */
struct climber climber_of_row(const struct history *history, size_t row);
void climbers_add(struct climbers *climbers, const struct climber *climber);
/* Has this level a point that was not tried there? */
bool climbers_have_room(const struct climbers *climbers, const struct resource *resource, size_t level);
/* Order rung, n indices of items: the eligible ones first, from the best: feasible before infeasible, then by violation, loss
   (several: front, then room around it), number. Returns how many are eligible. O(n log n) for up to two losses. */
size_t climbers_sort(struct climbers *climbers, const struct history *history, size_t *rung, size_t n);

/* What a ladder method does next. */
struct step {
    size_t level;               /* of the next trial */
    size_t root_level;          /* lowest one of its bracket */
    const struct climber *from; /* whose configuration goes on; NULL: a new one begins */
    size_t place, n;            /* it was number place, from 1, of so many */
};

/* The best of a sorted rung that is not promoted yet, if it stays among the best n_kept even should n_unknown others be
   better; false: there is none. It fills step. */
bool climbers_find_open(const struct climbers *climbers, const size_t *rung, size_t n_eligible, size_t n_unknown,
                        size_t n_kept, struct step *step);
/* Fill out with the configuration that goes on. */
void step_promote(const struct step *step, const struct history *history, const struct resource *resource,
                  struct suggestion *out);
/* Say so of a new configuration, whose origin ("a random point") comes first in why. */
void step_begin(const struct step *step, const struct resource *resource, const char *origin, struct suggestion *out);

#endif
