/*
 * A Gaussian process over one column of the history: a loss, a constraint's violation, or whether a trial failed.
 *
 * When hyperparameters are learnt is decided by the number of rows alone, never by when somebody asked: they are learnt from
 * scratch at anchors, which lie a fifth apart, and refined from the anchor's at some rows in between. A column that is
 * replayed, or read in leaps, so gives the same model at the cost of two fits. Of more than GP_ROWS_LIMIT rows the lowest
 * half and the latest half are kept.
 */
#ifndef HONE_SUGGEST_SURROGATE_H
#define HONE_SUGGEST_SURROGATE_H

#include "suggest/gp.h"

enum surrogate_kind {
    SURROGATE_LOSS,       /* warped so that outliers do not matter */
    SURROGATE_CONSTRAINT, /* compressed around 0 */
    SURROGATE_LABEL,      /* 0 or 1 */
};

struct surrogate;

struct surrogate *surrogate_create(const struct space *space, size_t skip, bool is_noisy, enum surrogate_kind kind);
void surrogate_destroy(struct surrogate *surrogate); /* accepts NULL */

/* Rows are only added; x (n) coordinates; value must not be NAN. */
void surrogate_add(struct surrogate *surrogate, const double *x, double value);
size_t surrogate_rows(const struct surrogate *surrogate);
/* Bring the process up to date. ERR_NUMERIC. */
int surrogate_update(struct surrogate *surrogate);

/* After an update: the process, in standard units, and the way there and back from the column's own. */
struct gp *surrogate_gp(struct surrogate *surrogate);
double surrogate_standard(const struct surrogate *surrogate, double value);
double surrogate_value(const struct surrogate *surrogate, double standard);

#endif
