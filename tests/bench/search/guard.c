/*
 * The suites of the guard and their score.
 */
#include "tests/bench/search/guard.h"

#include <math.h>

#include "tests/bench/search/record.h"

static const char *const s5[] = { "s5/sphere/5", "s5/ellipsoid/5", "s5/rosenbrock/5", "s5/rastrigin/5",
                                  "s5/ackley/5", "s5/levy/5",      "s5/abs/5",        NULL };
static const char *const m8[] = { "m8/mix_add", "m8/mix_int", "m8/mix_rug", NULL };

const struct guard_suite guard_suites[] = { { "S5", s5 }, { "M8", m8 } };
const size_t guard_n_suites = sizeof guard_suites / sizeof guard_suites[0];

static double score(const char *name, const struct suggest_method *method, uint64_t seed)
{
    const struct run_options options = { method, seed, GUARD_TRIALS, 1 };
    struct run_record record = { 0 };
    struct target target;
    double result = NAN;

    if (target_open(&target, name, seed, NULL, false) == 0 && run_method(&target, &options, &record) == 0)
        result = log10(record.best + 1e-9);
    run_record_release(&record);
    target_close(&target);
    return result;
}

double guard_score(const struct guard_suite *suite, const struct suggest_method *method)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; suite->problems[i] != NULL; i++)
        for (uint64_t seed = 1; seed <= GUARD_SEEDS; seed++, n++)
            sum += score(suite->problems[i], method, seed);
    return sum / (double)n;
}
