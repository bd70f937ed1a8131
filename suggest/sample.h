/*
 * The trials of a history that show what an objective is like over the space: for importance, response and regret.
 */
#ifndef HONE_SUGGEST_SAMPLE_H
#define HONE_SUGGEST_SAMPLE_H

#include "suggest/history.h"

/* Rows that succeeded with a finite loss (objective SIZE_MAX: all losses finite), all at one resource: the largest that has
   `least` rows, else the one with most. Into rows (n_finished), ascending; returns how many. O(n log n). */
size_t sample_rows(const struct history *history, size_t objective, size_t least, size_t *rows);

/* Of rows (n), ascending, keep at most `most`, in place: the n_best with the least loss, and of the others evenly many from the whole
   run. Returns how many are left. */
size_t sample_thin(const struct history *history, size_t objective, size_t *rows, size_t n, size_t n_best, size_t most);

/* What a model is fitted to. */
struct sample {
    size_t n;
    double *x; /* (n, space->n) coordinates */
    double *
        y; /* (n) losses, (loss - mean) / deviation; those far beyond the third quartile (Tukey's fence) are pulled in to it */
    double mean, deviation; /* deviation 0: the losses are all equal, and y is 0 */
};

void sample_init(struct sample *sample, const struct history *history, size_t objective, const size_t *rows, size_t n);
void sample_release(struct sample *sample);

#endif
