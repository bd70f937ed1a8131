/*
 * Rung arithmetic of successive halving: at which resources configurations are compared, and how many go on.
 *
 * Li et al., Hyperband, JMLR 18 (2018); Li et al., A system for massively parallel hyperparameter tuning, MLSys (2020).
 */
#ifndef HONE_BASE_RUNGS_H
#define HONE_BASE_RUNGS_H

#include <stdbool.h>
#include <stddef.h>

enum { RUNGS_LIMIT = 64 };

/* The ladder of one experiment. */
struct rungs {
    double eta;                /* above 1: one in eta goes on, to eta times the resource */
    size_t n;                  /* 1 ... RUNGS_LIMIT */
    double level[RUNGS_LIMIT]; /* (n) resources, ascending */
};

/* Largest k with eta^k <= ratio, exact where ratio is a power of eta; 0 for a ratio below 1 or NAN. s_max is that of max / min. */
size_t rungs_exponent(double ratio, double eta);

/* Levels max eta^-k, k = s_max ... 0 with s_max that of max / min (the highest RUNGS_LIMIT of them). whole: cut to whole
   numbers, each once. 0 < min <= max, eta > 1. */
void rungs_init(struct rungs *rungs, double eta, double min, double max, bool whole);

/* The level that this resource is; SIZE_MAX: none (also for NAN). */
size_t rungs_find(const struct rungs *rungs, double resource);

/* Configurations that begin the bracket whose lowest rung is that level: ceil((s_max + 1) / (s + 1) eta^s), where s levels
   are above it. */
size_t rungs_bracket_size(const struct rungs *rungs, size_t level);

/* Of n in a rung, how many go on: floor(n / eta), but one of any. */
size_t rungs_kept(size_t n, double eta);

/* Is loss among the best floor(n / eta) of the n losses recorded so far in a rung (its own among them), or the best of fewer
   than eta? NAN never is, nor does one count as better. O(n). */
bool rungs_in_top(double loss, const double *losses, size_t n, double eta);

#endif
