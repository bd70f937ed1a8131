/*
 * A fast measure of a method's quality on the synthetic suites: mean log10 of the best loss after 100 trials, 5 seeds.
 */
#ifndef HONE_TESTS_BENCH_SEARCH_GUARD_H
#define HONE_TESTS_BENCH_SEARCH_GUARD_H

#include "suggest/method.h"

enum { GUARD_TRIALS = 100, GUARD_SEEDS = 5 };

struct guard_suite {
    const char *name;
    const char *const *problems; /* ended by NULL */
};

extern const struct guard_suite guard_suites[];
extern const size_t guard_n_suites;

/* NAN if a run failed, or the method does not take the suite's problems. */
double guard_score(const struct guard_suite *suite, const struct suggest_method *method);

#endif
