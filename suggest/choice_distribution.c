/*
 * ASNG for categorical distributions: the natural gradient's length in the Fisher metric is the step, and the step grows
 * while gradients agree. The least probability is that of CatCMA with margin (arXiv:2405.09962, section 3).
 */
#include "suggest/choice_distribution.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

static const double ALPHA = 1.5; /* ratio of signal to noise that is kept */
static const double SHARE_WITHOUT_FORCED_PICKS = 0.73;

struct choice_distribution *choice_distribution_create(size_t n, const size_t *sizes, size_t n_discrete)
{
    size_t n_q = 0;

    for (size_t i = 0; i < n; i++)
        n_q += sizes[i];
    struct choice_distribution *choices = xcalloc(1, sizeof *choices + (n + 1) * sizeof(size_t) +
                                                         (4 * n_q + n) * sizeof(double));
    choices->n = n;
    choices->n_q = n_q;
    choices->q = (double *)(choices + 1);
    choices->q_min = choices->q + n_q;
    choices->path = choices->q_min + n;
    choices->gradient = choices->path + n_q;
    choices->whitened = choices->gradient + n_q;
    choices->first = (size_t *)(choices->whitened + n_q);
    choices->trust = 1;
    for (size_t i = 0; i < n; i++) {
        choices->first[i + 1] = choices->first[i] + sizes[i];
        choices->q_min[i] = (1 - pow(SHARE_WITHOUT_FORCED_PICKS, 1 / (double)n_discrete)) / (double)(sizes[i] - 1);
        choices->q_min[i] = fmin(choices->q_min[i], 0.5 / (double)sizes[i]);
        for (size_t k = choices->first[i]; k < choices->first[i + 1]; k++)
            choices->q[k] = 1 / (double)sizes[i];
    }
    return choices;
}

void choice_distribution_destroy(struct choice_distribution *choices)
{
    free(choices);
}

size_t choice_distribution_pick(const struct choice_distribution *choices, const double *q, size_t i, double u)
{
    size_t size = choices->first[i + 1] - choices->first[i];

    q += choices->first[i];
    for (size_t k = 0; k + 1 < size; k++) {
        if (u < q[k])
            return k;
        u -= q[k];
    }
    return size - 1;
}

/* Natural gradient in the coordinates of q: the weighted mean of one-hot picks minus q. */
static void fill_gradient(struct choice_distribution *choices, const size_t *picked, const double *weights,
                          size_t lambda)
{
    for (size_t k = 0; k < choices->n_q; k++)
        choices->gradient[k] = 0;
    for (size_t row = 0; row < lambda; row++)
        for (size_t i = 0; weights[row] > 0 && i < choices->n; i++) {
            if (picked[row * choices->n + i] == SIZE_MAX)
                continue;
            for (size_t k = choices->first[i]; k < choices->first[i + 1]; k++)
                choices->gradient[k] -= weights[row] * choices->q[k];
            choices->gradient[choices->first[i] + picked[row * choices->n + i]] += weights[row];
        }
}

/* The part of the gradient of one choice under the root of the Fisher matrix (Akimoto et al., appendix B): size - 1 numbers. */
static void whiten(const struct choice_distribution *choices, size_t i, double *whitened)
{
    size_t first = choices->first[i], last = choices->first[i + 1] - 1;
    double q_last = choices->q[last], sum = 0;

    for (size_t k = first; k < last; k++)
        sum += choices->gradient[k];
    for (size_t k = first; k < last; k++)
        whitened[k] = choices->gradient[k] / sqrt(choices->q[k]) + sqrt(choices->q[k]) * sum / (q_last + sqrt(q_last));
}

void choice_distribution_repair(const struct choice_distribution *choices, double *q)
{
    for (size_t i = 0; i < choices->n; i++) {
        size_t first = choices->first[i], end = choices->first[i + 1];
        double least = choices->q_min[i], sum = 0;
        for (size_t k = first; k < end; k++) {
            q[k] = fmax(q[k], least);
            sum += q[k];
        }
        double room = sum - least * (double)(end - first), excess = sum - 1;
        for (size_t k = first; k < end; k++)
            q[k] = room > 0 ? q[k] - excess * (q[k] - least) / room : 1 / (double)(end - first);
    }
}

void choice_distribution_update(struct choice_distribution *choices, const size_t *picked, const double *weights,
                                size_t lambda)
{
    double step = 1 / choices->trust, length = 0, agreement = 0, *w = choices->whitened;

    if (choices->n == 0)
        return;
    fill_gradient(choices, picked, weights, lambda);
    for (size_t i = 0; i < choices->n; i++)
        whiten(choices, i, w);
    for (size_t k = 0; k < choices->n_q; k++)
        length += w[k] * w[k];
    length = sqrt(length) + 1e-8;
    double beta = fmin(step / sqrt((double)(choices->n_q - choices->n)), 1), gain = sqrt(beta * (2 - beta));
    for (size_t k = 0; k < choices->n_q; k++) {
        choices->q[k] += step / length * choices->gradient[k];
        choices->path[k] = (1 - beta) * choices->path[k] + gain * w[k] / length;
        agreement += choices->path[k] * choices->path[k];
    }
    choices->gamma = (1 - beta) * (1 - beta) * choices->gamma + beta * (2 - beta);
    choices->trust *= exp(beta * (choices->gamma - agreement / ALPHA));
    choice_distribution_repair(choices, choices->q);
}
