/*
 * Bayesian optimisation as a part: Gaussian processes over what is known, and the point that promises most.
 *
 * Used by bayesianoptimization and auto. It reads the rows of a history that have its resource; what it keeps between asks is a
 * cache. At first it names the centre and scrambled Sobol points. Failed trials teach a model of failure; running
 * trials are believed to end at their predicted loss (the Kriging believer of Ginsbourger et al., 2010), so that a batch spreads.
 */
#ifndef HONE_SUGGEST_BAYES_H
#define HONE_SUGGEST_BAYES_H

#include "suggest/acquisition.h"
#include "suggest/method.h"

struct bayes_options {
    bool is_hedged; /* the acquisition is drawn anew for every trial, by what each one's candidate promises */
    enum acquisition acquisition; /* of a single loss, unless hedged; several have their hypervolume's improvement */
    size_t n_initial;             /* trials before the model is asked; SIZE_MAX: by the number of parameters */
    double resource;              /* rows with this one; NAN: the full one */
    size_t skip;                  /* a parameter that is not searched (it takes the resource); SIZE_MAX: none */
};

struct bayes;

/* problem must outlive it. */
struct bayes *bayes_create(const struct suggest_problem *problem, const struct bayes_options *options, uint64_t seed);
void bayes_destroy(struct bayes *bayes); /* accepts NULL */
/* Finished rows that teach the models: with its resource, and not abandoned. */
size_t bayes_rows(struct bayes *bayes, const struct history *history);
/* Fill x (space->n) and why, for any number of rows. 0, or ERR_NUMERIC. */
int bayes_suggest(struct bayes *bayes, const struct history *history, struct suggest_request *request, double *x,
                  char *why);

#endif
