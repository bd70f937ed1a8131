/*
 * Reading who stands where, and ordering those who meet on a rung.
 */
#include "suggest/climbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "suggest/pareto.h"
#include "suggest/point_set.h"

/* Ended in full, with losses to compare? */
static bool is_comparable(const struct history *history, size_t row)
{
    for (size_t k = 0; k < history->n_objectives; k++)
        if (!isfinite(history->loss[row * history->n_objectives + k]))
            return false;
    return history->outcome[row] == OUTCOME_SUCCEEDED;
}

static double violation_of(const struct history *history, size_t row)
{
    double sum = 0;

    for (size_t k = 0; k < history->n_constraints; k++) {
        double violation = history->violation[row * history->n_constraints + k];
        sum += isnan(violation) ? INFINITY : fmax(violation, 0);
    }
    return sum;
}

void climbers_add(struct climbers *climbers, const struct climber *climber)
{
    climbers->items = grow(climbers->items, climbers->n, &climbers->capacity, sizeof *climbers->items);
    climbers->items[climbers->n++] = *climber;
}

struct climber climber_of_row(const struct history *history, size_t row)
{
    return (struct climber){ .number = history->number[row],
                             .row = row,
                             .is_abandoned = history->outcome[row] == OUTCOME_ABANDONED,
                             .is_eligible = is_comparable(history, row),
                             .violation = violation_of(history, row) };
}

static void add_rows(struct climbers *climbers, const struct history *history, const struct rungs *rungs)
{
    for (size_t row = 0; row < history->n_finished; row++) {
        struct climber climber = climber_of_row(history, row);
        climber.level = rungs_find(rungs, history->resource[row]);
        if (climber.level != SIZE_MAX && !(climber.is_abandoned && history->parent[row] != 0))
            climbers_add(climbers, &climber);
    }
    for (size_t row = 0; row < history->n_running; row++) {
        size_t level = rungs_find(rungs, history->running_resource[row]);
        if (level != SIZE_MAX)
            climbers_add(climbers,
                         &(struct climber){
                             .number = history->running_number[row], .row = row, .level = level, .is_running = true });
    }
}

static int compare_numbers(const void *left, const void *right)
{
    const struct climber *a = left, *b = right;

    return (a->number > b->number) - (a->number < b->number);
}

/* Promotions find who they go on from, roots their slot. Parents have smaller numbers, so they are done before. */
static void link_up(struct climbers *climbers, const struct history *history)
{
    for (size_t i = 0; i < climbers->n; i++) {
        struct climber *climber = &climbers->items[i];
        const struct climber key = {
            .number = climber->is_running ? history->running_parent[climber->row] : history->parent[climber->row],
        };
        struct climber *parent = key.number == 0 ? NULL
                                                 : bsearch(&key, climbers->items, i, sizeof key, compare_numbers);
        climbers->n_taken[climber->level] += !climber->is_abandoned;
        if (parent != NULL && parent->level < climber->level) {
            parent->is_promoted = true;
            climber->root_level = parent->root_level;
            climber->slot = parent->slot;
        } else {
            climber->root_level = climber->level;
            climber->slot = climbers->n_roots[climber->level]++;
        }
    }
}

/* In a finite space a point may reach the next level by two ways; it is tried there once. */
static void mark_taken_above(struct climbers *climbers, const struct history *history, const struct resource *resource)
{
    size_t n = history->space->n;
    double *values = xcalloc(n, sizeof *values);
    struct point_set taken = { 0 };

    for (size_t i = 0; i < climbers->n; i++) {
        const struct climber *climber = &climbers->items[i];
        const double *point = climber->is_running ? history->running_values + climber->row * n
                                                  : history_values(history, climber->row);
        if (!climber->is_abandoned)
            point_set_add(&taken, point, n, resource->rungs.level[climber->level]);
    }
    for (size_t i = 0; i < climbers->n; i++) {
        struct climber *climber = &climbers->items[i];
        if (!climber->is_eligible || climber->level + 1 == resource->rungs.n)
            continue;
        memcpy(values, history_values(history, climber->row), n * sizeof *values);
        values[resource->parameter] = resource->rungs.level[climber->level + 1];
        if (point_set_has(&taken, values, n, values[resource->parameter]))
            climber->is_promoted = true;
    }
    point_set_release(&taken);
    free(values);
}

/* Trials of other experiments have negative numbers, and their parents are not known. */
static bool has_imported(const struct climbers *climbers)
{
    return climbers->n > 0 && climbers->items[0].number < 0;
}

void climbers_read(struct climbers *climbers, const struct history *history, const struct resource *resource)
{
    *climbers = (struct climbers){ .items = climbers->items, .capacity = climbers->capacity };
    add_rows(climbers, history, &resource->rungs);
    if (climbers->n > 0)
        qsort(climbers->items, climbers->n, sizeof *climbers->items, compare_numbers);
    link_up(climbers, history);
    if (isfinite(resource->n_points) || has_imported(climbers)) /* a point may be above without being a child */
        mark_taken_above(climbers, history, resource);
}

void climbers_release(struct climbers *climbers)
{
    free(climbers->items);
    *climbers = (struct climbers){ 0 };
}

bool climbers_have_room(const struct climbers *climbers, const struct resource *resource, size_t level)
{
    return (double)climbers->n_taken[level] < resource->n_points;
}

static int compare_quality(const void *left, const void *right, void *context)
{
    const struct climbers *climbers = context;
    const struct climber *a = &climbers->items[*(const size_t *)left], *b = &climbers->items[*(const size_t *)right];

    if (a->is_eligible != b->is_eligible)
        return a->is_eligible ? -1 : 1;
    if (a->is_eligible && a->violation != b->violation)
        return a->violation < b->violation ? -1 : 1;
    if (a->is_eligible && a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->is_eligible && a->crowding != b->crowding)
        return a->crowding < b->crowding ? -1 : 1;
    return compare_numbers(a, b);
}

static void gather_losses(const struct climbers *climbers, const struct history *history, const size_t *rung, size_t n,
                          double *losses)
{
    size_t m = history->n_objectives;

    for (size_t i = 0; i < n; i++)
        memcpy(losses + i * m, history->loss + climbers->items[rung[i]].row * m, m * sizeof *losses);
}

/* Fronts one after the other, in each the ones with most room around them first; all n are feasible. */
static void sort_fronts(struct climbers *climbers, const struct history *history, size_t *rung, size_t n)
{
    size_t m = history->n_objectives, *rank = xcalloc(n, sizeof *rank);
    double *losses = xcalloc(n * (m + 1), sizeof *losses), *distance = losses + n * m;

    gather_losses(climbers, history, rung, n, losses);
    pareto_ranks(losses, n, m, rank);
    for (size_t i = 0; i < n; i++)
        climbers->items[rung[i]].rank = (double)rank[i];
    qsort_r(rung, n, sizeof *rung, compare_quality, climbers);
    gather_losses(climbers, history, rung, n, losses);
    for (size_t i = 0; i < n; i++)
        rank[i] = i;
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && climbers->items[rung[end]].rank == climbers->items[rung[begin]].rank;)
            end++;
        pareto_crowding(losses, m, rank + begin, end - begin, distance + begin);
    }
    for (size_t i = 0; i < n; i++)
        climbers->items[rung[i]].crowding = -distance[i];
    qsort_r(rung, n, sizeof *rung, compare_quality, climbers);
    free(rank);
    free(losses);
}

/* Several losses are ranked among the feasible ones; the others are told apart by what they violate. */
size_t climbers_sort(struct climbers *climbers, const struct history *history, size_t *rung, size_t n)
{
    size_t n_eligible = 0, n_feasible = 0;

    for (size_t i = 0; i < n; i++) {
        struct climber *climber = &climbers->items[rung[i]];
        bool is_single = history->n_objectives == 1 && climber->is_eligible;
        climber->rank = is_single ? history->loss[climber->row] : 0;
        climber->crowding = 0;
        n_eligible += climber->is_eligible;
        n_feasible += climber->is_eligible && climber->violation == 0;
    }
    if (n > 0)
        qsort_r(rung, n, sizeof *rung, compare_quality, climbers);
    if (history->n_objectives > 1 && n_feasible > 0)
        sort_fronts(climbers, history, rung, n_feasible);
    return n_eligible;
}

bool climbers_find_open(const struct climbers *climbers, const size_t *rung, size_t n_eligible, size_t n_unknown,
                        size_t n_kept, struct step *step)
{
    for (size_t place = 0; place < n_eligible && place + n_unknown < n_kept; place++) {
        const struct climber *climber = &climbers->items[rung[place]];
        if (!climber->is_promoted) {
            *step = (struct step){
                .level = climber->level + 1, .root_level = climber->root_level, .from = climber, .place = place + 1
            };
            return true;
        }
    }
    return false;
}

void step_promote(const struct step *step, const struct history *history, const struct resource *resource,
                  struct suggestion *out)
{
    const struct rungs *rungs = &resource->rungs;

    memcpy(out->x, history_point(history, step->from->row), history->space->n * sizeof *out->x);
    out->resource = rungs->level[step->level];
    out->parent = step->from->number;
    snprintf(out->why, sizeof out->why, "goes on from trial %" PRId64 ": number %zu of %zu with %s = %g, now %g",
             out->parent, step->place, step->n, history->space->parameters[resource->parameter].name,
             rungs->level[step->level - 1], out->resource);
}

void step_begin(const struct step *step, const struct resource *resource, const char *origin, struct suggestion *out)
{
    const struct rungs *rungs = &resource->rungs;

    out->resource = rungs->level[step->level];
    snprintf(out->why, sizeof out->why, "%s, begins on rung %zu of %zu", origin, step->level + 1, rungs->n);
}
