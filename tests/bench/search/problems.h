/*
 * Synthetic problems of the search benchmark: seeded instances with a known best, all losses minimised.
 *
 * A name and an instance number make a problem: "s5/rastrigin/5" instance 3. "noisy/" before a name of one objective adds
 * Gaussian noise of a tenth of the range between the median of random points and the best to what is observed.
 */
#ifndef HONE_TESTS_BENCH_SEARCH_PROBLEMS_H
#define HONE_TESTS_BENCH_SEARCH_PROBLEMS_H

#include "suggest/space.h"

enum { PROBLEM_OBJECTIVES_LIMIT = 3, PROBLEM_CONSTRAINTS_LIMIT = 4, PROBLEM_DIMENSIONS_LIMIT = 40 };

struct problem_kind;

struct problem {
    const struct problem_kind *kind;
    uint64_t instance;
    struct space space;
    size_t n_objectives, n_constraints;
    double best;             /* lowest loss; of several objectives the hypervolume of the true front */
    const double *reference; /* (n_objectives) of that hypervolume; NULL for one objective */
    double median;           /* loss of feasible random points; NAN for several objectives */
    double noise;            /* standard deviation; 0: none */
    void *constants;         /* of the instance, owned by the arena */
    struct arena arena;
};

/* NULL after fail(): no such problem. */
struct problem *problem_create(const char *name, uint64_t instance);
void problem_destroy(struct problem *problem); /* accepts NULL */
/* Without noise: losses (n_objectives), violations (n_constraints), > 0 is violated. */
void problem_evaluate(const struct problem *problem, const double *values, double *losses, double *violations);
/* What the noise adds to the loss at the k-th observation of this instance, whatever the point. */
double problem_noise(const struct problem *problem, uint64_t k);

/* Rows of the table, one file a family; d is what the name says after the last slash, 0: it says nothing. */
struct problem_kind {
    const char *name;
    size_t n_objectives, n_constraints;
    double reference[PROBLEM_OBJECTIVES_LIMIT];
    /* Space, constants and best; false: d is not one it has. */
    bool (*build)(struct problem *problem, size_t d, struct rng *rng);
    void (*evaluate)(const struct problem *problem, const double *values, double *losses, double *violations);
};

/* Each ended by a zeroed row. */
extern const struct problem_kind continuous_problems[], mixed_problems[], front_problems[], constrained_problems[];

/* d doubles named x1, x2, ... in [min, max], into the problem's space. */
void problem_box(struct problem *problem, size_t d, double min, double max);
double *problem_array(struct problem *problem, size_t n); /* zeroed, in the arena */
double problem_uniform(struct rng *rng, double min, double max);
/* Best hypervolume of two objectives from points of the front in any order: losses (n, 2). O(n log n). */
double problem_area(const double *losses, size_t n, const double *reference);

#endif
