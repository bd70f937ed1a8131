/*
 * Many losses as one: the largest of them after weighing, with weights drawn anew for every suggestion, so that the
 * suggestions spread over the front. Knowles, ParEGO, IEEE Trans. Evol. Comp. 10 (2006); the promise by a fixed set of normal
 * numbers as in Daulton et al., Parallel Bayesian optimization of multiple noisy objectives (2021), qNParEGO.
 */
#ifndef HONE_SUGGEST_CHEBYSHEV_H
#define HONE_SUGGEST_CHEBYSHEV_H

#include <stddef.h>

#include "base/rng.h"
#include "suggest/acquisition.h"

struct chebyshev;

/* Weights uniform on the simplex, and the normal numbers. losses (n, m): the rows to improve on, n > 0; scaled by what they span. */
struct chebyshev *chebyshev_create(const double *losses, size_t n, size_t m, struct rng *rng);
void chebyshev_destroy(struct chebyshev *chebyshev); /* accepts NULL */

/* log E of the improvement on the best row, smoothed so that slopes reach everywhere; slopes (m), or NULL. */
double chebyshev_log_expected(const struct chebyshev *chebyshev, const double *mean, const double *variance,
                              struct slopes *slopes);

#endif
