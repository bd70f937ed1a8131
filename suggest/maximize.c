/*
 * Looks: scrambled Sobol points, and points near the incumbents, at several scales and in random subsets of coordinates (the
 * perturbation of Regis and Shoemaker, Engineering Optimization 45, 2013), for the peak of an acquisition is often a needle beside
 * the best trial. Starts: the best look, the incumbents, and others drawn with probability exp(utility). A space of no more
 * points than looks is looked through whole.
 */
#include "suggest/maximize.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suggest/climb.h"
#include "suggest/enumeration.h"
#include "suggest/quasi.h"

static const double LOCAL_SHARE = 0.25, SUBSET_SIZE = 20; /* coordinates moved at once, on average, near an incumbent */

struct maximizer {
    const struct space *space;
    size_t skip, candidates_limit;
    struct lattice *lattice;
    struct quasi *quasi;
    struct enumeration *enumeration;
    struct climber *climber;
    size_t *order;   /* (candidates_limit) */
    double *weights; /* (candidates_limit) */
    double *full;    /* (candidates_limit, n) */
    double *x;       /* (candidates_limit, n) the same, masked */
    double *values;  /* (candidates_limit) */
    double room[];
};

struct maximizer *maximizer_create(const struct space *space, size_t skip, size_t candidates_limit)
{
    size_t n = candidates_limit;
    struct maximizer *m = xcalloc(1, sizeof *m + n * (2 * space->n + 2) * sizeof(double) + n * sizeof *m->order);

    m->space = space;
    m->skip = skip;
    m->candidates_limit = n;
    m->lattice = lattice_create(space);
    m->quasi = quasi_create(space->n);
    m->enumeration = enumeration_create(space);
    m->climber = climber_create(space, m->lattice, skip);
    m->weights = m->room;
    m->values = m->weights + n;
    m->full = m->values + n;
    m->x = m->full + n * space->n;
    m->order = (size_t *)(m->x + n * space->n);
    return m;
}

void maximizer_destroy(struct maximizer *maximizer)
{
    if (maximizer == NULL)
        return;
    climber_destroy(maximizer->climber);
    enumeration_destroy(maximizer->enumeration);
    quasi_destroy(maximizer->quasi);
    lattice_destroy(maximizer->lattice);
    free(maximizer);
}

static void draw_anywhere(const struct maximizer *m, uint32_t index, double *full)
{
    for (size_t i = 0; i < m->space->n; i++)
        full[i] = i == m->skip ? 0 : lattice_draw(m->lattice, i, quasi_coordinate(m->quasi, i, index, 0));
}

/* Another value of parameter i near u: by a normal step, another choice, or another value of a few. */
static double step_from(const struct maximizer *m, size_t i, double u, double sd, struct rng *rng)
{
    double size = lattice_size(m->lattice, i), moved;

    if (m->space->parameters[i].type == PARAMETER_CATEGORICAL)
        return (double)rng_below(rng, (uint64_t)size);
    moved = u + sd * rng_normal(rng);
    moved = moved < 0 ? fmin(-moved, 1) : moved > 1 ? fmax(2 - moved, 0) : moved;
    if (isinf(size) || size == 1)
        return isinf(size) ? moved : u;
    uint64_t k = lattice_index(m->lattice, i, u), to = lattice_index(m->lattice, i, moved);
    if (to == k) /* a step of less than a cell is one cell */
        to = k == 0 || (k + 1 < (uint64_t)size && rng_uniform(rng) < 0.5) ? k + 1 : k - 1;
    return lattice_coordinate(m->lattice, i, to);
}

/* A point beside an incumbent, at a scale of a tenth, a hundredth or a thousandth of the lengthscales. */
static void draw_near(const struct maximizer *m, const struct maximize_task *task, size_t k, struct rng *rng,
                      double *full)
{
    const double *from = task->incumbents + (k % task->n_incumbents) * m->space->n;
    double scale = pow(10, -1 - (double)(k % 3)), share = fmin(SUBSET_SIZE / (double)m->space->n, 1);
    double jumps = fmin(2 / (double)m->space->n, 1); /* choices rarely change where a small step is meant */
    size_t forced = (size_t)rng_below(rng, m->space->n);

    for (size_t i = 0; i < m->space->n; i++) {
        bool is_cell = !isinf(lattice_size(m->lattice, i));
        bool is_moved = rng_uniform(rng) < (is_cell ? jumps : share) || i == forced;
        if (i == m->skip)
            full[i] = 0;
        else if (isnan(from[i]))
            full[i] = lattice_draw(m->lattice, i, rng_uniform(rng));
        else
            full[i] = is_moved ? step_from(m, i, from[i], scale * fmin(task->lengthscales[i], 1), rng) : from[i];
    }
}

static bool is_taken(const struct maximize_task *task, const double *x, size_t n)
{
    return task->taken != NULL && point_set_has(task->taken, x, n, NAN);
}

/* Every point of a small space: full points and masked ones alike. Inactive coordinates keep their lowest value. */
static size_t look_everywhere(struct maximizer *m)
{
    size_t n = (size_t)enumeration_size(m->enumeration);

    for (size_t c = 0; c < n; c++) {
        double *x = m->x + c * m->space->n, *full = m->full + c * m->space->n;
        enumeration_point(m->enumeration, c, full);
        space_encode(m->space, full, x);
        for (size_t i = 0; i < m->space->n; i++)
            full[i] = isnan(x[i]) ? lattice_coordinate(m->lattice, i, 0) : x[i];
    }
    return n;
}

static size_t look_around(struct maximizer *m, const struct maximize_task *task, struct rng *rng)
{
    size_t n = task->effort.n_candidates, n_local = task->n_incumbents > 0 ? (size_t)(LOCAL_SHARE * (double)n) : 0;

    quasi_seed(m->quasi, task->seed, "maximize.looks");
    for (size_t c = 0; c < n; c++) {
        double *full = m->full + c * m->space->n;
        if (c < n - n_local)
            draw_anywhere(m, (uint32_t)c, full);
        else
            draw_near(m, task, c, rng, full);
        lattice_mask(m->lattice, full, m->x + c * m->space->n);
    }
    return n;
}

static size_t look(struct maximizer *m, const struct maximize_task *task, struct rng *rng)
{
    bool is_small = m->skip == SIZE_MAX && enumeration_size(m->enumeration) <= (double)task->effort.n_candidates;
    size_t n = is_small ? look_everywhere(m) : look_around(m, task, rng);

    task->utility.values(task->utility.context, m->x, n, m->values);
    for (size_t c = 0; c < n; c++)
        if (is_taken(task, m->x + c * m->space->n, m->space->n))
            m->values[c] = -INFINITY;
    return n;
}

static size_t argmax(const double *values, size_t n)
{
    size_t best = 0;

    for (size_t c = 1; c < n; c++)
        if (values[c] > values[best])
            best = c;
    return best;
}

/* The next start: one of the looks with probability exp(value), or the best of them where that underflows. */
static size_t draw_start(const double *weights, size_t n, const double *values, struct rng *rng)
{
    double sum = 0, left;

    for (size_t c = 0; c < n; c++)
        sum += weights[c];
    left = rng_uniform(rng) * sum;
    if (!(sum > 1e-12))
        return argmax(values, n);
    for (size_t c = 0; c < n; c++) {
        left -= weights[c];
        if (left < 0 && weights[c] > 0)
            return c;
    }
    return argmax(values, n);
}

/* Looks to climb from, into order: the best, the best near an incumbent, then by lot. Spoils values. */
static size_t choose_starts(struct maximizer *m, size_t n, size_t n_wanted, size_t n_far, struct rng *rng)
{
    size_t n_starts = 0;
    double top = m->values[argmax(m->values, n)];

    for (size_t c = 0; c < n; c++)
        m->weights[c] = exp(m->values[c] - top);
    while (n_starts < n_wanted && n_starts < n) {
        size_t c = n_starts == 0                ? argmax(m->values, n)
                   : n_starts == 1 && n_far < n ? n_far + argmax(m->values + n_far, n - n_far)
                                                : draw_start(m->weights, n, m->values, rng);
        if (n_starts == 1 && isinf(m->values[c])) /* all looks near the incumbents are taken */
            c = draw_start(m->weights, n, m->values, rng);
        if (isinf(m->values[c]))
            break;
        m->order[n_starts++] = c;
        m->values[c] = -INFINITY;
        m->weights[c] = 0;
    }
    return n_starts;
}

double maximizer_run(struct maximizer *m, const struct maximize_task *task, struct rng *rng, double *x)
{
    size_t n_space = m->space->n, n, best;

    assert(task->effort.n_candidates <= m->candidates_limit);
    n = look(m, task, rng);
    best = argmax(m->values, n);
    double value = m->values[best];
    memcpy(x, m->x + best * n_space, n_space * sizeof *x);
    if (isinf(value) || (m->skip == SIZE_MAX && enumeration_size(m->enumeration) <= (double)n))
        return value;
    size_t n_local = task->n_incumbents > 0 ? (size_t)(LOCAL_SHARE * (double)n) : 0;
    size_t n_starts = choose_starts(m, n, task->effort.n_starts, n - n_local, rng);
    for (size_t s = 0; s < n_starts; s++) {
        double *full = m->full + m->order[s] * n_space;
        double reached = climb(m->climber, task, full);
        if (reached > value) {
            value = reached;
            lattice_mask(m->lattice, full, x);
        }
    }
    return value;
}
