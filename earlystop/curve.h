/*
 * The reports of one trial by step, as the rules see them, with what they need to know of every beginning of it.
 */
#ifndef HONE_EARLYSTOP_CURVE_H
#define HONE_EARLYSTOP_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed struct is empty and ready. */
struct curve {
    int64_t number;     /* of the trial */
    bool is_complete;   /* its training came to its own end */
    size_t n, capacity; /* reports */
    double *step;       /* (n), never falling */
    double *loss;       /* (n), to be minimised; NAN: not a number */
    double *best;       /* (n) smallest loss so far; NAN before the first number */
    double *mean;       /* (n) of the numbers so far; NAN before the first */
    size_t n_numbers;
};

/* A step below the last one counts as the last one. An infinite loss is one that no average survives. */
void curve_append(struct curve *curve, double step, double loss);
/* Of more than limit reports every second goes, until there are no more: the first and the last one stay, with the best and mean
   of all that were. */
void curve_thin(struct curve *curve, size_t limit);
void curve_release(struct curve *curve);

/* Reports at or before step. O(log n). */
size_t curve_reports(const struct curve *curve, double step);
/* Did it get as far as that step? */
bool curve_reaches(const struct curve *curve, double step);
/* Best and mean loss up to step; NAN when there is no number. O(log n). */
double curve_best_at(const struct curve *curve, double step);
double curve_mean_at(const struct curve *curve, double step);

#endif
