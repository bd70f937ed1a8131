/*
 * Alternation as in Optuna's and BoTorch's mixed searches: quasi-Newton over the continuous coordinates in units of their
 * lengthscales, then the best of all single changes of the others, judged in one batch, until neither gains.
 */
#include "suggest/climb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suggest/minimize.h"

enum { MOVES_LIMIT = 192, VALUES_LISTED = 16, MOVES_OF_MANY = 40, ROUNDS = 10, JUMPS = 30 };
static const double GAIN_MIN = 1e-4;

struct move {
    size_t parameter;
    double coordinate;
};

struct climber {
    const struct space *space;
    const struct lattice *lattice;
    size_t n_cells, n_smooth;
    size_t *cells;                /* (n_cells) parameters with finitely many values, more than one */
    size_t *smooth;               /* (n_smooth) continuous ones */
    size_t *active;               /* (n_smooth) of those, what is active now */
    double *x, *trial, *gradient; /* (n) */
    double *z, *lower, *upper;    /* (n) */
    double *moved, *values;       /* (MOVES_LIMIT, n), (MOVES_LIMIT) */
    struct move moves[MOVES_LIMIT];
    double room[];
};

struct climber *climber_create(const struct space *space, const struct lattice *lattice, size_t skip)
{
    size_t n = space->n;
    struct climber *c = xcalloc(1,
                                sizeof *c + (6 * n + MOVES_LIMIT * (n + 1)) * sizeof(double) + 3 * n * sizeof(size_t));

    c->space = space;
    c->lattice = lattice;
    c->x = c->room;
    c->trial = c->x + n;
    c->gradient = c->trial + n;
    c->z = c->gradient + n;
    c->lower = c->z + n;
    c->upper = c->lower + n;
    c->values = c->upper + n;
    c->moved = c->values + MOVES_LIMIT;
    c->cells = (size_t *)(c->moved + MOVES_LIMIT * n);
    c->smooth = c->cells + n;
    c->active = c->smooth + n;
    for (size_t i = 0; i < n; i++) {
        double size = lattice_size(lattice, i);
        if (i == skip || size == 1)
            continue;
        if (isinf(size))
            c->smooth[c->n_smooth++] = i;
        else
            c->cells[c->n_cells++] = i;
    }
    return c;
}

void climber_destroy(struct climber *climber)
{
    free(climber);
}

/* The utility along the active continuous coordinates, negated for minimize(). */
struct slice {
    struct climber *climber;
    const struct maximize_task *task;
    size_t n;
};

static double unit_of(const struct maximize_task *task, size_t i)
{
    return fmin(fmax(task->lengthscales[i], 1e-3), 10);
}

static double descend(void *context, const double *z, double *gradient)
{
    const struct slice *slice = context;
    struct climber *c = slice->climber;

    for (size_t k = 0; k < slice->n; k++)
        c->trial[c->active[k]] = fmin(fmax(z[k] * unit_of(slice->task, c->active[k]), 0), 1);
    double value = slice->task->utility.gradient(slice->task->utility.context, c->trial, c->gradient);
    for (size_t k = 0; k < slice->n; k++)
        gradient[k] = -c->gradient[c->active[k]] * unit_of(slice->task, c->active[k]);
    return -value;
}

static bool is_taken(const struct climber *c, const struct maximize_task *task, const double *x)
{
    return task->taken != NULL && point_set_has(task->taken, x, c->space->n, NAN);
}

/* Quasi-Newton from full; true when it led to a better free point. */
static bool slide(struct climber *c, const struct maximize_task *task, double *full, double *value)
{
    struct slice slice = { c, task, 0 };
    const struct minimize_options options = {
        .memory = 8,
        .evaluations_limit = task->effort.evaluations_limit,
        .gradient_tolerance = 1e-3,
        .decrease_tolerance = GAIN_MIN,
    };

    lattice_mask(c->lattice, full, c->trial);
    for (size_t k = 0; k < c->n_smooth; k++) {
        size_t i = c->smooth[k];
        if (isnan(c->trial[i]))
            continue;
        c->active[slice.n] = i;
        c->z[slice.n] = full[i] / unit_of(task, i);
        c->lower[slice.n] = 0;
        c->upper[slice.n++] = 1 / unit_of(task, i);
    }
    if (slice.n == 0)
        return false;
    double reached = -minimize(descend, &slice, c->lower, c->upper, slice.n, &options, c->z);
    for (size_t k = 0; k < slice.n; k++)
        c->trial[c->active[k]] = fmin(fmax(c->z[k] * unit_of(task, c->active[k]), 0), 1);
    if (!(reached > *value) || is_taken(c, task, c->trial))
        return false;
    for (size_t k = 0; k < slice.n; k++)
        full[c->active[k]] = c->trial[c->active[k]];
    bool is_worth_it = reached > *value + GAIN_MIN;
    *value = reached;
    return is_worth_it;
}

static size_t add_move(struct climber *c, size_t n, size_t i, uint64_t k, double at)
{
    double coordinate = lattice_coordinate(c->lattice, i, k);

    if (coordinate == at || n == MOVES_LIMIT)
        return n;
    c->moves[n] = (struct move){ i, coordinate };
    return n + 1;
}

/* All other values of parameter i where they are few; else steps of 1, 2, 4, ... to both sides, and an even choice. */
static size_t list_moves(struct climber *c, size_t n, size_t i, const double *full)
{
    uint64_t size = (uint64_t)lattice_size(c->lattice, i), at = lattice_index(c->lattice, i, full[i]);
    bool is_categorical = c->space->parameters[i].type == PARAMETER_CATEGORICAL;

    if (size <= VALUES_LISTED || (is_categorical && size <= MOVES_LIMIT)) {
        for (uint64_t k = 0; k < size; k++)
            n = add_move(c, n, i, k, full[i]);
        return n;
    }
    for (uint64_t step = 1; step < size && step <= 128; step *= 2) {
        if (at >= step)
            n = add_move(c, n, i, at - step, full[i]);
        if (at + step < size)
            n = add_move(c, n, i, at + step, full[i]);
    }
    for (uint64_t k = 0; k < VALUES_LISTED; k++)
        n = add_move(c, n, i, (uint64_t)((double)(size - 1) * (double)k / (VALUES_LISTED - 1)), full[i]);
    return n;
}

/* Rows moved: full with one change each, masked. */
static void judge_moves(struct climber *c, const struct maximize_task *task, double *full, size_t n)
{
    size_t width = c->space->n;

    for (size_t m = 0; m < n; m++) {
        size_t i = c->moves[m].parameter;
        double kept = full[i];
        full[i] = c->moves[m].coordinate;
        lattice_mask(c->lattice, full, c->moved + m * width);
        full[i] = kept;
    }
    task->utility.values(task->utility.context, c->moved, n, c->values);
    for (size_t m = 0; m < n; m++)
        if (is_taken(c, task, c->moved + m * width))
            c->values[m] = -INFINITY;
}

/* The best single change among the cells from *next on, as many as fit a batch; true when it was made. */
static bool jump(struct climber *c, const struct maximize_task *task, size_t *next, double *full, double *value)
{
    size_t n = 0, best = 0;
    double size;

    do {
        size_t i = c->cells[*next];
        n = list_moves(c, n, i, full);
        *next = (*next + 1) % c->n_cells;
        size = lattice_size(c->lattice, c->cells[*next]);
    } while (*next != 0 && (double)n + fmin(size, MOVES_OF_MANY) <= MOVES_LIMIT);
    judge_moves(c, task, full, n);
    for (size_t m = 1; m < n; m++)
        if (c->values[m] > c->values[best])
            best = m;
    if (n == 0 || !(c->values[best] > *value + GAIN_MIN))
        return false;
    full[c->moves[best].parameter] = c->moves[best].coordinate;
    *value = c->values[best];
    return true;
}

/* Jumps until a whole turn through the cells brought none. */
static bool hop(struct climber *c, const struct maximize_task *task, double *full, double *value)
{
    bool is_moved = false, is_moved_in_turn = false;
    size_t next = 0;

    for (unsigned jumps = 0; c->n_cells > 0 && jumps < JUMPS;) {
        bool made = jump(c, task, &next, full, value);
        jumps += made;
        is_moved_in_turn = is_moved_in_turn || made;
        is_moved = is_moved || made;
        if (next == 0 && !is_moved_in_turn)
            break;
        if (next == 0)
            is_moved_in_turn = false;
    }
    return is_moved;
}

double climb(struct climber *c, const struct maximize_task *task, double *full)
{
    double value;

    lattice_mask(c->lattice, full, c->x);
    if (is_taken(c, task, c->x))
        value = -INFINITY;
    else
        task->utility.values(task->utility.context, c->x, 1, &value);
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool is_slid = slide(c, task, full, &value);
        bool is_hopped = hop(c, task, full, &value);
        if (!is_hopped || (!is_slid && c->n_smooth == 0))
            break;
    }
    return value;
}
