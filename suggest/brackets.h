/*
 * Hyperband's schedule: brackets of successive halving, one after the other, from the one with the lowest rung to the one
 * that begins at the top, then again with new configurations.
 *
 * What a rung keeps is what successive halving with whole rungs keeps, whatever the order in which trials end: a
 * configuration goes on as soon as no result still to come can take its place. While nothing can go on, the next
 * bracket's configurations begin, so no worker ever waits. Bracket and turn of a root are its level and how many roots
 * began there before it.
 */
#ifndef HONE_SUGGEST_BRACKETS_H
#define HONE_SUGGEST_BRACKETS_H

#include "suggest/climbers.h"

/* A zeroed struct is empty and ready. */
struct brackets {
    struct climbers climbers;
    size_t *order; /* (n) indices of climbers, by bracket and level */
    size_t capacity;
    size_t n_turns; /* brackets of later turns promote nothing; 0: all do */
};

void brackets_release(struct brackets *brackets);
/* What comes next, promotions of the oldest bracket first. 0, or SUGGEST_EXHAUSTED: every level has had every point. */
int brackets_next(struct brackets *brackets, const struct history *history, const struct resource *resource,
                  struct step *step);
#endif
