/*
 * The next step of Hyperband's schedule, from who stands where.
 */
#include "suggest/brackets.h"

#include <string.h>

void brackets_release(struct brackets *brackets)
{
    climbers_release(&brackets->climbers);
    free(brackets->order);
    brackets->order = NULL;
    brackets->capacity = 0;
}

struct sorting {
    const struct climbers *climbers;
    const struct rungs *rungs;
};

static size_t turn_of(const struct sorting *sorting, const struct climber *climber)
{
    return climber->slot / rungs_bracket_size(sorting->rungs, climber->root_level);
}

static int order_of(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_brackets(const struct sorting *sorting, const struct climber *a, const struct climber *b)
{
    int order = order_of(turn_of(sorting, a), turn_of(sorting, b));

    return order != 0 ? order : order_of(a->root_level, b->root_level);
}

static int compare_places(const void *left, const void *right, void *context)
{
    const struct sorting *sorting = context;
    size_t i = *(const size_t *)left, j = *(const size_t *)right;
    const struct climber *a = &sorting->climbers->items[i], *b = &sorting->climbers->items[j];
    int order = compare_brackets(sorting, a, b);

    if (order == 0)
        order = order_of(a->level, b->level);
    return order != 0 ? order : order_of(i, j); /* items are ascending by number */
}

/* End of the climbers that stand on the level of the first one. */
static size_t rung_end(const struct climbers *climbers, const size_t *order, size_t begin, size_t end)
{
    size_t level = climbers->items[order[begin]].level, i = begin;

    while (i < end && climbers->items[order[i]].level == level)
        i++;
    return i;
}

static size_t count_running(const struct climbers *climbers, const size_t *rung, size_t n)
{
    size_t n_running = 0;

    for (size_t i = 0; i < n; i++)
        n_running += climbers->items[rung[i]].is_running;
    return n_running;
}

/* How many of the best n_kept have not gone on. */
static size_t count_open(const struct climbers *climbers, const size_t *rung, size_t n_eligible, size_t n_kept)
{
    size_t n_open = 0;

    for (size_t i = 0; i < n_eligible && i < n_kept; i++)
        n_open += !climbers->items[rung[i]].is_promoted;
    return n_open;
}

/* The highest promotion of one bracket, n climbers of order, rungs one after the other; n_to_come: roots not yet begun. */
static bool find_promotion(struct climbers *climbers, const struct history *history, const struct rungs *rungs,
                           size_t *order, size_t n, size_t n_to_come, struct step *step)
{
    bool is_found = false;

    for (size_t begin = 0, end; begin < n; begin = end) {
        end = rung_end(climbers, order, begin, n);
        size_t *rung = order + begin, n_rung = end - begin,
               n_above = end < n ? rung_end(climbers, order, end, n) - end : 0;
        if (climbers->items[rung[0]].level + 1 == rungs->n)
            break;
        size_t n_kept = rungs_kept(n_rung + n_to_come, rungs->eta);
        size_t n_unknown = count_running(climbers, rung, n_rung) + n_to_come;
        size_t n_eligible = climbers_sort(climbers, history, rung, n_rung);
        bool can_tell = n_unknown == 0 || history->n_objectives == 1; /* fronts change with every new point */
        if (can_tell && climbers_find_open(climbers, rung, n_eligible, n_unknown, n_kept, step)) {
            step->n = n_rung + n_to_come;
            is_found = true;
        }
        n_to_come = n_unknown == 0     ? count_open(climbers, rung, n_eligible, n_kept)
                    : n_kept > n_above ? n_kept - n_above
                                       : 0;
    }
    return is_found;
}

/* The level whose bracket was begun least often, the lowest of these. */
static int next_root(const struct climbers *climbers, const struct resource *resource, struct step *step)
{
    size_t best = SIZE_MAX, least = SIZE_MAX;

    for (size_t level = 0; level < resource->rungs.n; level++) {
        size_t turn = climbers->n_roots[level] / rungs_bracket_size(&resource->rungs, level);
        if (climbers_have_room(climbers, resource, level) && turn < least) {
            best = level;
            least = turn;
        }
    }
    *step = (struct step){ .level = best, .root_level = best };
    return best == SIZE_MAX ? SUGGEST_EXHAUSTED : 0;
}

/* Roots that a bracket still gets, given those it has: none where there is no room for them. */
static size_t count_to_come(const struct climbers *climbers, const struct resource *resource,
                            const struct climber *first, size_t n_roots)
{
    size_t size = rungs_bracket_size(&resource->rungs, first->root_level);

    return climbers_have_room(climbers, resource, first->root_level) && size > n_roots ? size - n_roots : 0;
}

int brackets_next(struct brackets *brackets, const struct history *history, const struct resource *resource,
                  struct step *step)
{
    struct climbers *climbers = &brackets->climbers;
    struct sorting sorting = { climbers, &resource->rungs };

    climbers_read(climbers, history, resource);
    if (climbers->n > brackets->capacity) {
        brackets->capacity = climbers->capacity;
        brackets->order = xreallocarray(brackets->order, brackets->capacity, sizeof *brackets->order);
    }
    size_t *order = brackets->order;
    for (size_t i = 0; i < climbers->n; i++)
        order[i] = i;
    if (climbers->n > 0)
        qsort_r(order, climbers->n, sizeof *order, compare_places, &sorting);
    for (size_t begin = 0, end; begin < climbers->n; begin = end) {
        const struct climber *first = &climbers->items[order[begin]];
        for (end = begin; end < climbers->n && compare_brackets(&sorting, first, &climbers->items[order[end]]) == 0;)
            end++;
        if (brackets->n_turns > 0 && turn_of(&sorting, first) >= brackets->n_turns)
            break;
        size_t n_roots = rung_end(climbers, order, begin, end) - begin;
        size_t n_to_come = count_to_come(climbers, resource, first, n_roots);
        if (find_promotion(climbers, history, &resource->rungs, order + begin, end - begin, n_to_come, step))
            return 0;
    }
    return next_root(climbers, resource, step);
}
