/*
 * Grid search: every cell of a finite space once, in a seeded random order.
 *
 * The order is a permutation that is computed, not stored: a Feistel network over the next power of four, walked until it
 * lands inside the grid (Black and Rogaway, Ciphers with arbitrary finite domains, 2002). A grid of more than 2^53 cells
 * cannot be finished; its cells are drawn at random.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/status.h"
#include "suggest/entries.h"
#include "suggest/enumeration.h"

enum { ROUNDS = 8 };

static const struct setting settings[] = {
    RANDOM_STATE,
    { 0 },
};

struct grid {
    const struct space *space;
    struct enumeration *enumeration;
    uint32_t key[2];
    unsigned half_bits; /* 4^half_bits is at least the number of cells */
    double values[];    /* (n) */
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    const struct space *space = problem->space;
    struct grid *grid = xcalloc(1, sizeof *grid + space->n * sizeof grid->values[0]);
    struct rng rng = rng_stream(seed, 0, "grid.order");

    (void)values;
    grid->space = space;
    grid->enumeration = enumeration_create(space);
    grid->key[0] = rng_word(&rng);
    grid->key[1] = rng_word(&rng);
    grid->half_bits = 1;
    while (enumeration_is_countable(grid->enumeration) &&
           ldexp(1, 2 * (int)grid->half_bits) < enumeration_size(grid->enumeration))
        grid->half_bits++;
    return grid;
}

static void destroy(void *state)
{
    struct grid *grid = state;

    if (grid == NULL)
        return;
    enumeration_destroy(grid->enumeration);
    free(grid);
}

static uint64_t feistel(const struct grid *grid, uint64_t cell)
{
    uint32_t mask = (uint32_t)((UINT64_C(1) << grid->half_bits) - 1);
    uint32_t left = (uint32_t)(cell >> grid->half_bits), right = (uint32_t)cell & mask;

    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t block[4], counter[4] = { right, round, 0, 0 };
        rng_philox(grid->key, counter, block);
        uint32_t next = left ^ (block[0] & mask);
        left = right;
        right = next;
    }
    return (uint64_t)left << grid->half_bits | right;
}

static uint64_t permute(const struct grid *grid, uint64_t position, uint64_t size)
{
    do
        position = feistel(grid, position);
    while (position >= size);
    return position;
}

static void draw_cell(const struct grid *grid, struct rng *rng, double *values)
{
    for (size_t i = 0; i < grid->space->n; i++) {
        uint64_t n_values = (uint64_t)space_parameter_size(grid->space, i), k = rng_below(rng, n_values);
        bool is_active = space_is_active(grid->space, values, i);
        values[i] = is_active ? space_parameter_value(grid->space, i, k) : NAN;
    }
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct grid *grid = state;
    double size = enumeration_size(grid->enumeration);

    (void)history;
    if (isinf(size))
        return fail(ERR_NUMERIC, "grid: the space has no end: a double without step");
    if (enumeration_is_countable(grid->enumeration)) {
        uint64_t n = (uint64_t)size, position = ((uint64_t)request->number - 1 + request->draw) % n;
        enumeration_point(grid->enumeration, permute(grid, position, n), grid->values);
        snprintf(out->why, sizeof out->why, "cell %" PRIu64 " of %" PRIu64 " in random order", position + 1, n);
    } else {
        draw_cell(grid, &request->rng, grid->values);
        snprintf(out->why, sizeof out->why, "a random cell of %g", size);
    }
    space_encode(grid->space, grid->values, out->x);
    return 0;
}

/* Katib's texts. */
static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    const char *fault = check_parameters(problem, values, arena);

    if (fault != NULL || problem->space == NULL)
        return fault;
    for (size_t i = 0; i < problem->space->n; i++)
        if (isinf(space_parameter_size(problem->space, i)))
            return arena_printf(arena,
                                "Param %s step is nil; For discrete search space, all parameters must include step",
                                problem->space->parameters[i].name);
    double size = space_size(problem->space);
    if ((double)problem->max_trial_count > size)
        return arena_printf(arena, "Max Trial Count: %" PRId64 " > all possible search combinations: %.0f",
                            problem->max_trial_count, size);
    return NULL;
}

const struct suggest_method suggest_grid = {
    .name = "grid",
    .summary = "every combination once, in random order; a double needs a step",
    .settings = settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
