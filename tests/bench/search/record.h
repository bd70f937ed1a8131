/*
 * One run of a method on a target, and what is kept of it: the improvements, as the peers' recorder keeps them.
 */
#ifndef HONE_TESTS_BENCH_SEARCH_RECORD_H
#define HONE_TESTS_BENCH_SEARCH_RECORD_H

#include "suggest/method.h"
#include "tests/bench/search/target.h"

struct run_options {
    const struct suggest_method *method;
    uint64_t seed;
    size_t n_trials;   /* budget; of a target with a resource: in trials at the full one */
    size_t n_parallel; /* trials running at a time; they take between one and two units of time each */
};

struct improvement {
    double when; /* trials, or cost in trials at the full resource */
    double losses[PROBLEM_OBJECTIVES_LIMIT];
};

struct run_record {
    struct improvement *improvements; /* (n) */
    size_t n, capacity, n_asked;
    double ask_seconds;
    double spent; /* trials, or cost */
    double best;  /* least first loss seen, INFINITY before one is feasible */
    double
        likely; /* of a noisy target: first loss without noise of the trial that a model holds for the best; NAN: none */
};

/* 0; ERR_UNSUPPORTED: the method does not take such a problem (fail_message says why); another code: the run broke off. */
int run_method(struct target *target, const struct run_options *options, struct run_record *record);
void run_record_release(struct run_record *record);

#endif
