/*
 * The table of relaxations, and those that are a few lines.
 */
#include <math.h>
#include <string.h>

#include "nas/relaxation.h"

void softmax(const double *values, unsigned n, double *shares)
{
    double top = values[0], sum = 0;

    for (unsigned k = 1; k < n; k++)
        top = fmax(top, values[k]);
    for (unsigned k = 0; k < n; k++)
        sum += shares[k] = exp(values[k] - top);
    for (unsigned k = 0; k < n; k++)
        shares[k] /= sum;
}

/* --- the softmax itself: Liu et al., DARTS (2019); Xu et al., PC-DARTS (2020) --- */

static void weigh_softmax(const double *alphas, unsigned n, double temperature, struct rng *rng, double *weights,
                          double *memory)
{
    (void)temperature;
    (void)rng;
    (void)memory;
    softmax(alphas, n, weights);
}

static void back_softmax(const double *alphas, const double *weights, const double *memory, unsigned n,
                         double temperature, const double *slopes, double *gradient)
{
    double mean = 0;

    (void)alphas;
    (void)memory;
    (void)temperature;
    for (unsigned k = 0; k < n; k++)
        mean += weights[k] * slopes[k];
    for (unsigned k = 0; k < n; k++)
        gradient[k] = weights[k] * (slopes[k] - mean);
}

const struct relaxation relaxation_pc_darts = {
    .name = "pc-darts",
    .summary = "a quarter of the channels through the operations, edges weighted",
    .partial = 4,
    .weighs_edges = true,
    .weigh = weigh_softmax,
    .back = back_softmax,
};

const struct relaxation relaxation_darts = {
    .name = "darts",
    .summary = "all channels through the operations",
    .partial = 1,
    .weigh = weigh_softmax,
    .back = back_softmax,
};

/* --- one operation an edge, drawn: Dong and Yang, GDAS (2019) --- */

/* The weights are 0 but one: the largest of Gumbel-perturbed alphas. Their slopes are those of the softmax at the temperature, kept in
   memory. */
static void weigh_gumbel(const double *alphas, unsigned n, double temperature, struct rng *rng, double *weights,
                         double *memory)
{
    unsigned best = 0;

    for (unsigned k = 0; k < n; k++) {
        weights[k] = 0;
        memory[k] = (alphas[k] - log(-log(1 - (rng_uniform(rng) + 0x1p-54)))) / temperature;
        if (memory[k] > memory[best])
            best = k;
    }
    softmax(memory, n, memory);
    weights[best] = 1;
}

/* The operations that were not drawn were not weighed either: their slope is taken as 0. */
static void back_gumbel(const double *alphas, const double *weights, const double *memory, unsigned n,
                        double temperature, const double *slopes, double *gradient)
{
    double mean = 0;

    (void)alphas;
    for (unsigned k = 0; k < n; k++)
        mean += weights[k] * memory[k] * slopes[k];
    for (unsigned k = 0; k < n; k++)
        gradient[k] = memory[k] * (weights[k] * slopes[k] - mean) / temperature;
}

const struct relaxation relaxation_gdas = {
    .name = "gdas",
    .summary = "one operation an edge at a time, drawn",
    .partial = 1,
    .hot = 10,
    .cold = 0.1,
    .weigh = weigh_gumbel,
    .back = back_gumbel,
};

const struct relaxation *const relaxations[] = { &relaxation_pc_darts, &relaxation_darts, &relaxation_gdas,
                                                 &relaxation_drnas, NULL };

const struct relaxation *relaxation_find(const char *name)
{
    for (size_t i = 0; relaxations[i] != NULL; i++)
        if (strcmp(relaxations[i]->name, name) == 0)
            return relaxations[i];
    return NULL;
}
