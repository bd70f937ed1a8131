/*
 * A sorted array of limited length: rows come in any order, the worst falls off the end.
 */
#include "suggest/merit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/pareto.h"

static double total_violation(const struct history *history, size_t row)
{
    const double *violation = history->violation + row * history->n_constraints;
    double total = 0;

    for (size_t k = 0; k < history->n_constraints; k++)
        total += isnan(violation[k]) ? INFINITY : fmax(violation[k], 0);
    return total;
}

/* What cannot be compared with other losses: NAN and +inf; with several, all that is not finite. */
static bool has_no_loss(const struct history *history, size_t row)
{
    const double *loss = history->loss + row * history->n_objectives;

    for (size_t k = 0; k < history->n_objectives; k++)
        if (isnan(loss[k]) || loss[k] == INFINITY || (history->n_objectives > 1 && isinf(loss[k])))
            return true;
    return false;
}

struct merit merit_of(const struct history *history, size_t row)
{
    double violation = total_violation(history, row);
    enum outcome outcome = history->outcome[row];
    struct merit merit = { .class = MERIT_SUCCEEDED, .row = row };

    merit.key = history->n_objectives > 1 ? (double)row : history->loss[row];
    if (outcome == OUTCOME_ABANDONED)
        merit.class = MERIT_NONE;
    else if (outcome == OUTCOME_FAILED || has_no_loss(history, row))
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

static int compare(const void *left, const void *right)
{
    const struct merit *a = left, *b = right;

    if (a->class != b->class)
        return a->class < b->class ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* The n of one rank that cover the most hypervolume, before the others. */
static void order_front(struct merit *front, size_t n_front, size_t n, const struct history *history)
{
    size_t m = history->n_objectives;
    double *losses = xcalloc(n_front + 1, m * sizeof *losses), *reference = losses + n_front * m;
    size_t *chosen = xcalloc(n, sizeof *chosen);

    for (size_t k = 0; k < n_front; k++)
        memcpy(losses + k * m, history->loss + front[k].row * m, m * sizeof *losses);
    pareto_reference(losses, n_front, m, reference);
    pareto_subset(losses, n_front, m, reference, n, chosen);
    for (size_t k = 0; k < n; k++)
        front[chosen[k]].key -= 0.5; /* before the rest of its rank */
    qsort(front, n_front, sizeof *front, compare);
    free(chosen);
    free(losses);
}

void merit_order(struct merit_list *list, const struct history *history, size_t n)
{
    size_t m = history->n_objectives, n_succeeded = 0, first, end;

    while (n_succeeded < list->n_ranked && list->ranked[n_succeeded].class == MERIT_SUCCEEDED)
        n_succeeded++;
    if (m == 1 || n_succeeded == 0)
        return;
    double *losses = xcalloc(n_succeeded, m * sizeof *losses);
    size_t *rank = xcalloc(n_succeeded, sizeof *rank);
    for (size_t k = 0; k < n_succeeded; k++)
        memcpy(losses + k * m, history->loss + list->ranked[k].row * m, m * sizeof *losses);
    pareto_ranks(losses, n_succeeded, m, rank);
    for (size_t k = 0; k < n_succeeded; k++)
        list->ranked[k].key = (double)rank[k];
    free(rank);
    free(losses);
    qsort(list->ranked, n_succeeded, sizeof *list->ranked, compare);
    if (n == 0 || n >= n_succeeded)
        return;
    for (first = n; first > 0 && list->ranked[first - 1].key == list->ranked[n].key; first--)
        ;
    for (end = n; end < n_succeeded && list->ranked[end].key == list->ranked[n].key; end++)
        ;
    if (first < n)
        order_front(list->ranked + first, end - first, n - first, history);
}

void merit_add(struct merit_list *list, const struct history *history, const struct merit *merit)
{
    struct merit added = *merit;

    if (merit->class == MERIT_NONE)
        return;
    if (merit->class == MERIT_FAILED) {
        list->failed[list->n_failed_ever++ % MERIT_FAILED_LIMIT] = merit->row;
        return;
    }
    list->n_ranked_ever++;
    if (history->n_objectives > 1 && merit->class == MERIT_SUCCEEDED)
        added.key = (double)list->n_ranked_ever; /* last of its class until ranked */
    if (history->n_objectives > 1 && list->n_ranked == MERIT_RANKED_LIMIT) {
        merit_order(list, history, 0);
        list->n_ranked--;
    }
    insert(list, &added);
}
