/*
 * The columns of a study. Finished rows are only appended; a running row is taken out when its trial ends.
 */
#include "suggest/history.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void history_init(struct history *history, const struct space *space, size_t n_objectives, size_t n_constraints)
{
    assert(n_objectives > 0);
    *history = (struct history){ .space = space, .n_objectives = n_objectives, .n_constraints = n_constraints };
}

void history_release(struct history *history)
{
    free(history->number);
    free(history->x);
    free(history->values);
    free(history->loss);
    free(history->violation);
    free(history->resource);
    free(history->parent);
    free(history->outcome);
    free(history->running_number);
    free(history->running_values);
    free(history->running_x);
    free(history->running_resource);
    free(history->running_parent);
    *history = (struct history){ 0 };
}

/* Widen a column from capacity to so many rows of width members. */
static void *widen(void *column, size_t rows, size_t width, size_t size)
{
    return xreallocarray(column, rows, (width > 0 ? width : 1) * size);
}

static void make_room_finished(struct history *h)
{
    size_t n = h->space->n;

    if (h->n_finished < h->capacity)
        return;
    h->capacity = h->capacity ? 2 * h->capacity : 16;
    h->number = widen(h->number, h->capacity, 1, sizeof *h->number);
    h->x = widen(h->x, h->capacity, n, sizeof *h->x);
    h->values = widen(h->values, h->capacity, n, sizeof *h->values);
    h->loss = widen(h->loss, h->capacity, h->n_objectives, sizeof *h->loss);
    h->violation = widen(h->violation, h->capacity, h->n_constraints, sizeof *h->violation);
    h->resource = widen(h->resource, h->capacity, 1, sizeof *h->resource);
    h->parent = widen(h->parent, h->capacity, 1, sizeof *h->parent);
    h->outcome = widen(h->outcome, h->capacity, 1, sizeof *h->outcome);
}

static void make_room_running(struct history *h)
{
    size_t n = h->space->n;

    if (h->n_running < h->running_capacity)
        return;
    h->running_capacity = h->running_capacity ? 2 * h->running_capacity : 16;
    h->running_number = widen(h->running_number, h->running_capacity, 1, sizeof *h->running_number);
    h->running_values = widen(h->running_values, h->running_capacity, n, sizeof *h->running_values);
    h->running_x = widen(h->running_x, h->running_capacity, n, sizeof *h->running_x);
    h->running_resource = widen(h->running_resource, h->running_capacity, 1, sizeof *h->running_resource);
    h->running_parent = widen(h->running_parent, h->running_capacity, 1, sizeof *h->running_parent);
}

size_t history_find_running(const struct history *history, int64_t number)
{
    for (size_t row = 0; row < history->n_running; row++)
        if (history->running_number[row] == number)
            return row;
    return SIZE_MAX;
}

void history_start(struct history *history, int64_t number, const double *values, double resource, int64_t parent)
{
    size_t n = history->space->n, row = history->n_running;

    if (history_find_running(history, number) != SIZE_MAX)
        return;
    make_room_running(history);
    history->running_number[row] = number;
    history->running_resource[row] = resource;
    history->running_parent[row] = parent;
    memcpy(history->running_values + row * n, values, n * sizeof *values);
    space_encode(history->space, values, history->running_x + row * n);
    history->n_running++;
}

/* Close the gap that a running row leaves, so that the others keep their order. */
static void remove_running(struct history *h, size_t row)
{
    size_t n = h->space->n, n_after = h->n_running - row - 1;

    memmove(h->running_number + row, h->running_number + row + 1, n_after * sizeof *h->running_number);
    memmove(h->running_resource + row, h->running_resource + row + 1, n_after * sizeof *h->running_resource);
    memmove(h->running_parent + row, h->running_parent + row + 1, n_after * sizeof *h->running_parent);
    memmove(h->running_values + row * n, h->running_values + (row + 1) * n, n_after * n * sizeof *h->running_values);
    memmove(h->running_x + row * n, h->running_x + (row + 1) * n, n_after * n * sizeof *h->running_x);
    h->n_running--;
}

void history_finish(struct history *history, int64_t number, const double *values, enum outcome outcome,
                    const double *loss, const double *violation)
{
    size_t n = history->space->n, row = history->n_finished, running = history_find_running(history, number);

    assert(running != SIZE_MAX || values != NULL);
    make_room_finished(history);
    if (running != SIZE_MAX)
        values = history->running_values + running * n;
    history->number[row] = number;
    history->outcome[row] = outcome;
    history->resource[row] = running != SIZE_MAX ? history->running_resource[running] : NAN;
    history->parent[row] = running != SIZE_MAX ? history->running_parent[running] : 0;
    memcpy(history->values + row * n, values, n * sizeof *values);
    space_encode(history->space, values, history->x + row * n);
    for (size_t k = 0; k < history->n_objectives; k++)
        history->loss[row * history->n_objectives + k] = loss ? loss[k] : NAN;
    for (size_t k = 0; k < history->n_constraints; k++)
        history->violation[row * history->n_constraints + k] = violation ? violation[k] : NAN;
    history->n_finished++;
    if (running != SIZE_MAX)
        remove_running(history, running);
}
