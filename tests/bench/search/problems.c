/*
 * Finding, building and measuring the synthetic problems.
 */
#include "tests/bench/search/problems.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { MEDIAN_DRAWS = 1001, DRAWS_LIMIT = 100000 };

static const double noise_share = 0.1;

static const struct problem_kind *const families[] = { continuous_problems, mixed_problems, front_problems,
                                                       constrained_problems };

double *problem_array(struct problem *problem, size_t n)
{
    return arena_array(&problem->arena, n, sizeof(double));
}

double problem_uniform(struct rng *rng, double min, double max)
{
    return min + (max - min) * rng_uniform(rng);
}

void problem_box(struct problem *problem, size_t d, double min, double max)
{
    struct parameter *parameters = arena_array(&problem->arena, d, sizeof *parameters);

    for (size_t i = 0; i < d; i++)
        parameters[i] = (struct parameter){
            .name = arena_printf(&problem->arena, "x%zu", i + 1), .type = PARAMETER_DOUBLE, .min = min, .max = max
        };
    problem->space = (struct space){ d, parameters };
}

static int compare_pairs(const void *a, const void *b)
{
    const double *x = a, *y = b;

    if (x[0] != y[0])
        return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

double problem_area(const double *losses, size_t n, const double *reference)
{
    double *sorted = xcalloc(n, 2 * sizeof *sorted), area = 0, lowest = reference[1];

    memcpy(sorted, losses, n * 2 * sizeof *sorted);
    qsort(sorted, n, 2 * sizeof *sorted, compare_pairs);
    for (size_t i = 0; i < n && sorted[2 * i] < reference[0]; i++) {
        if (sorted[2 * i + 1] >= lowest)
            continue;
        area += (reference[0] - sorted[2 * i]) * (lowest - sorted[2 * i + 1]);
        lowest = sorted[2 * i + 1];
    }
    free(sorted);
    return area;
}

/* The kind that name starts with, and the number after it. */
static const struct problem_kind *find_kind(const char *name, size_t *d)
{
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++)
        for (const struct problem_kind *kind = families[f]; kind->name != NULL; kind++) {
            size_t length = strlen(kind->name);
            if (strncmp(name, kind->name, length) != 0 || (name[length] != '\0' && name[length] != '/'))
                continue;
            *d = name[length] == '/' ? strtoul(name + length + 1, NULL, 10) : 0;
            return kind;
        }
    return NULL;
}

static bool is_feasible(const struct problem *problem, const double *violations)
{
    for (size_t i = 0; i < problem->n_constraints; i++)
        if (violations[i] > 0)
            return false;
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Loss of the median of random points that are feasible; the same for every instance's reader. */
static double random_median(const struct problem *problem)
{
    double x[PROBLEM_DIMENSIONS_LIMIT], values[PROBLEM_DIMENSIONS_LIMIT], losses[MEDIAN_DRAWS],
        violations[PROBLEM_CONSTRAINTS_LIMIT];
    struct rng rng = rng_stream(problem->instance, 0, "problem.median");
    size_t n = 0;

    for (size_t draw = 0; draw < DRAWS_LIMIT && n < MEDIAN_DRAWS; draw++) {
        space_draw(&problem->space, &rng, x);
        space_decode(&problem->space, x, values);
        problem_evaluate(problem, values, &losses[n], violations);
        n += is_feasible(problem, violations);
    }
    assert(n > 0);
    qsort(losses, n, sizeof losses[0], compare_numbers);
    return losses[n / 2];
}

struct problem *problem_create(const char *name, uint64_t instance)
{
    bool is_noisy = text_starts_with(name, "noisy/");
    size_t d = 0;
    const struct problem_kind *kind = find_kind(is_noisy ? name + strlen("noisy/") : name, &d);
    struct problem *problem = xcalloc(1, sizeof *problem);

    problem->kind = kind;
    problem->instance = instance;
    struct rng rng = rng_stream(instance, d, kind != NULL ? kind->name : "");
    if (kind == NULL || (is_noisy && kind->n_objectives > 1) || !kind->build(problem, d, &rng)) {
        problem_destroy(problem);
        fail(ERR_NOT_FOUND, "no problem is named %s", name);
        return NULL;
    }
    assert(problem->space.n <= PROBLEM_DIMENSIONS_LIMIT);
    problem->n_objectives = kind->n_objectives;
    problem->n_constraints = kind->n_constraints;
    problem->reference = kind->n_objectives > 1 ? kind->reference : NULL;
    problem->median = kind->n_objectives > 1 ? NAN : random_median(problem);
    problem->noise = is_noisy ? noise_share * (problem->median - problem->best) : 0;
    return problem;
}

void problem_destroy(struct problem *problem)
{
    if (problem == NULL)
        return;
    arena_release(&problem->arena);
    free(problem);
}

void problem_evaluate(const struct problem *problem, const double *values, double *losses, double *violations)
{
    problem->kind->evaluate(problem, values, losses, violations);
}

double problem_noise(const struct problem *problem, uint64_t k)
{
    struct rng rng = rng_stream(problem->instance, k, "problem.noise");

    return problem->noise * rng_normal(&rng);
}
