/*
 * The tree-structured Parzen estimator as a part: two densities over good and bad trials, and a point where their ratio is best.
 *
 * Used by tpe, multivariate-tpe, bohb and auto. It reads the rows of a history that have its resource; what it keeps between
 * asks (sorted columns, normalisers) is a cache.
 */
#ifndef HONE_SUGGEST_TPE_MODEL_H
#define HONE_SUGGEST_TPE_MODEL_H

#include "suggest/method.h"

struct tpe_options {
    bool is_joint;       /* one density over all parameters; false: one each */
    double gamma;        /* share of trials that count as good */
    double prior_weight; /* beside one observation */
    size_t n_candidates; /* 0: by the kind of space */
    double resource;     /* rows with this one; NAN: the full one */
    size_t
        skip; /* a parameter that is not modelled (it takes the resource): its coordinate is left as it is; SIZE_MAX: none */
};

struct tpe;

struct tpe *tpe_create(const struct suggest_problem *problem, const struct tpe_options *options);
void tpe_destroy(struct tpe *tpe); /* accepts NULL */
/* Finished rows that teach the model: with its resource, neither failed nor abandoned. */
size_t tpe_rows(struct tpe *tpe, const struct history *history);
/* Fill x (space->n) and why, for any number of rows. 0, or ERR_NUMERIC. */
int tpe_suggest(struct tpe *tpe, const struct history *history, struct suggest_request *request, double *x, char *why);

#endif
