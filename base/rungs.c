/*
 * Rung arithmetic. A logarithm of an exact power may fall just below the whole number (log 243 / log 3 is 4.999...), so what is
 * rounded down is first raised by EPSILON.
 */
#include "base/rungs.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

static const double EPSILON = 1e-9;
static const double COUNT_LIMIT = 9007199254740992.0; /* 2^53 */

size_t rungs_exponent(double ratio, double eta)
{
    assert(eta > 1);
    double k = floor(log(ratio) / log(eta) + EPSILON);

    return k > 0 ? (size_t)fmin(k, COUNT_LIMIT) : 0; /* NAN: 0 */
}

void rungs_init(struct rungs *rungs, double eta, double min, double max, bool whole)
{
    size_t s_max = rungs_exponent(max / min, eta);

    assert(min > 0 && min <= max);
    if (s_max >= RUNGS_LIMIT)
        s_max = RUNGS_LIMIT - 1;
    *rungs = (struct rungs){ .eta = eta };
    for (size_t k = s_max + 1; k-- > 0;) {
        double level = max * pow(eta, -(double)k);
        if (whole)
            level = fmax(floor(level * (1 + EPSILON)), 1);
        if (rungs->n == 0 || level > rungs->level[rungs->n - 1])
            rungs->level[rungs->n++] = level;
    }
}

size_t rungs_find(const struct rungs *rungs, double resource)
{
    for (size_t i = 0; i < rungs->n; i++)
        if (fabs(rungs->level[i] - resource) <= EPSILON * rungs->level[i])
            return i;
    return SIZE_MAX;
}

size_t rungs_bracket_size(const struct rungs *rungs, size_t level)
{
    double s = (double)(rungs->n - 1 - level);
    double n = (double)rungs->n * pow(rungs->eta, s) / (s + 1);

    return (size_t)fmin(ceil(n * (1 - EPSILON)), COUNT_LIMIT);
}

size_t rungs_kept(size_t n, double eta)
{
    double kept = floor((double)n / eta * (1 + EPSILON));

    return n == 0 ? 0 : kept < 1 ? 1 : (size_t)kept;
}

bool rungs_in_top(double loss, const double *losses, size_t n, double eta)
{
    size_t n_better = 0;

    for (size_t i = 0; i < n; i++)
        n_better += losses[i] < loss;
    return !isnan(loss) && n_better < rungs_kept(n, eta);
}
