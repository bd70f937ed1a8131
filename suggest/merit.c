/*
 * A sorted array of limited length: rows come in any order, the worst falls off the end.
 */
#include "suggest/merit.h"

#include <math.h>
#include <string.h>

static double total_violation(const struct history *history, size_t row)
{
    const double *violation = history->violation + row * history->n_constraints;
    double total = 0;

    for (size_t k = 0; k < history->n_constraints; k++)
        total += isnan(violation[k]) ? INFINITY : fmax(violation[k], 0);
    return total;
}

struct merit merit_of(const struct history *history, size_t row)
{
    double loss = history->loss[row * history->n_objectives], violation = total_violation(history, row);
    enum outcome outcome = history->outcome[row];
    struct merit merit = { .class = MERIT_SUCCEEDED, .key = loss, .row = row };

    if (outcome == OUTCOME_ABANDONED)
        merit.class = MERIT_NONE;
    else if (outcome == OUTCOME_FAILED || outcome == OUTCOME_INFEASIBLE || isnan(loss) || loss == INFINITY)
        merit.class = MERIT_FAILED;
    else if (violation > 0)
        merit.class = MERIT_VIOLATED, merit.key = violation;
    else if (outcome == OUTCOME_EARLY_STOPPED)
        merit.class = MERIT_STOPPED;
    return merit;
}

/* Rows arrive in order, so equal ones stay in the order they finished. */
static bool is_better(const struct merit *a, const struct merit *b)
{
    return a->class != b->class ? a->class < b->class : a->key < b->key;
}

static void insert(struct merit_list *list, const struct merit *merit)
{
    size_t low = 0, high = list->n_ranked;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (is_better(merit, &list->ranked[middle]))
            high = middle;
        else
            low = middle + 1;
    }
    if (low == MERIT_RANKED_LIMIT)
        return;
    list->n_ranked += list->n_ranked < MERIT_RANKED_LIMIT;
    memmove(list->ranked + low + 1, list->ranked + low, (list->n_ranked - 1 - low) * sizeof *list->ranked);
    list->ranked[low] = *merit;
}

void merit_add(struct merit_list *list, const struct merit *merit)
{
    if (merit->class == MERIT_NONE)
        return;
    if (merit->class == MERIT_FAILED) {
        list->failed[list->n_failed_ever++ % MERIT_FAILED_LIMIT] = merit->row;
        return;
    }
    list->n_ranked_ever++;
    insert(list, merit);
}
