/*
 * Asynchronous successive halving, the form that promotes: a free worker takes up the best configuration of the highest rung
 * that is among the best 1/eta of all recorded there and has not gone on, else a new one begins at the lowest rung.
 *
 * Li et al., A system for massively parallel hyperparameter tuning, MLSys (2020).
 */
#include <stdio.h>

#include "suggest/climbers.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    RANDOM_STATE,
    { 0 },
};

struct asha {
    const struct space *space;
    struct resource resource;
    struct climbers climbers; /* read anew at every ask */
    size_t *rung, capacity;
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct asha *asha = xcalloc(1, sizeof *asha);

    (void)seed; /* the stream of every request comes from it */
    asha->space = problem->space;
    asha->resource = read_resource_settings(problem, values);
    return asha;
}

static void destroy(void *state)
{
    struct asha *asha = state;

    if (asha != NULL) {
        climbers_release(&asha->climbers);
        free(asha->rung);
    }
    free(asha);
}

/* Whoever has ended at that level; failures are among those a configuration must beat. */
static size_t gather_rung(struct asha *asha, size_t level)
{
    const struct climbers *climbers = &asha->climbers;
    size_t n = 0;

    for (size_t i = 0; i < climbers->n; i++) {
        const struct climber *climber = &climbers->items[i];
        if (climber->level == level && !climber->is_running && !climber->is_abandoned)
            asha->rung[n++] = i;
    }
    return n;
}

static bool find_promotion(struct asha *asha, const struct history *history, struct step *step)
{
    const struct rungs *rungs = &asha->resource.rungs;

    if (asha->climbers.n > asha->capacity) {
        asha->capacity = asha->climbers.capacity;
        asha->rung = xreallocarray(asha->rung, asha->capacity, sizeof *asha->rung);
    }
    for (size_t level = rungs->n - 1; level-- > 0;) {
        size_t n = gather_rung(asha, level), n_kept = (double)n < rungs->eta ? 0 : rungs_kept(n, rungs->eta);
        if (n_kept == 0)
            continue;
        size_t n_eligible = climbers_sort(&asha->climbers, history, asha->rung, n);
        if (climbers_find_open(&asha->climbers, asha->rung, n_eligible, 0, n_kept, step)) {
            step->n = n;
            return true;
        }
    }
    return false;
}

/* The lowest level, until a finite space has no other point for it. */
static size_t root_level(const struct asha *asha)
{
    size_t level = 0;

    while (level < asha->resource.rungs.n && !climbers_have_room(&asha->climbers, &asha->resource, level))
        level++;
    return level;
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct asha *asha = state;
    struct step step;

    climbers_read(&asha->climbers, history, &asha->resource);
    if (find_promotion(asha, history, &step)) {
        step_promote(&step, history, &asha->resource, out);
        return 0;
    }
    step.level = step.root_level = root_level(asha);
    if (step.level == asha->resource.rungs.n)
        return SUGGEST_EXHAUSTED;
    space_draw(asha->space, &request->rng, out->x);
    step_begin(&step, &asha->resource, "a random point", out);
    return 0;
}

const struct suggest_method suggest_asha = {
    .name = "asha",
    .summary = "asynchronous successive halving: promotes what is good without waiting for a rung to fill",
    .settings = settings,
    .check = check_resource_settings,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
