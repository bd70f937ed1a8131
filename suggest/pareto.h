/*
 * Several losses at once: dominance, ranks, crowding, hypervolume. All losses are minimised; rows with a NAN are dominated
 * by every row without one.
 */
#ifndef HONE_SUGGEST_PARETO_H
#define HONE_SUGGEST_PARETO_H

#include <stdbool.h>
#include <stddef.h>

/* Is a nowhere worse than b and somewhere better? (m) */
bool pareto_dominates(const double *a, const double *b, size_t m);

/* rank[i] of every row of losses (n, m), row-major: 0 for the front, 1 for the front without it, ... Returns the number of fronts.
   O(n log n) for m = 2, O(m n^2) otherwise. */
size_t pareto_ranks(const double *losses, size_t n, size_t m, size_t *rank);

/* Crowding distance of the rows that rows (n_rows) names, into distance (n_rows). Deb et al., NSGA-II (2002). */
void pareto_crowding(const double *losses, size_t m, const size_t *rows, size_t n_rows, double *distance);

/* Volume dominated by the rows (n, m) and bounded by reference (m). Exact: sweep for m = 2, WFG recursion above. */
double pareto_hypervolume(const double *losses, size_t n, size_t m, const double *reference);

/* Reference point of these rows: for each loss max(1.1 w, 0.9 w) of its worst w, or 1e-12 where that is 0. Finite rows only. */
void pareto_reference(const double *losses, size_t n, size_t m, double *reference);

/* Indices of k rows that greedily cover the most hypervolume, in the order they were chosen, into chosen (k <= n). */
void pareto_subset(const double *losses, size_t n, size_t m, const double *reference, size_t k, size_t *chosen);

#endif
