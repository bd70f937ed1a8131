/*
 * f = max_k u_k + AUGMENTATION sum_k u_k, u_k = w_k (loss_k - least_k) / span_k.
 */
#include "suggest/chebyshev.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/normal.h"
#include "suggest/quasi.h"

enum { SAMPLES = 128 };
static const double AUGMENTATION = 0.05; /* ParEGO's rho */
static const double SMOOTHING = 0.01;    /* of max(improvement, 0), in spans */

struct chebyshev {
    size_t m;
    double best;
    double *least, *factor; /* (m) u_k = factor_k (loss_k - least_k) */
    double *normals;        /* (SAMPLES, m) */
};

static double scalar(const struct chebyshev *c, const double *losses, size_t *largest)
{
    double top = -INFINITY, sum = 0;

    for (size_t k = 0; k < c->m; k++) {
        double u = c->factor[k] * (losses[k] - c->least[k]);
        sum += u;
        if (u > top) {
            top = u;
            *largest = k;
        }
    }
    return top + AUGMENTATION * sum;
}

/* Exponential numbers over their sum are uniform on the simplex. */
static void draw_weights(struct chebyshev *c, struct rng *rng)
{
    double sum = 0;

    for (size_t k = 0; k < c->m; k++)
        sum += c->factor[k] = -log1p(-rng_uniform(rng)) + 1e-9;
    for (size_t k = 0; k < c->m; k++)
        c->factor[k] /= sum;
}

static void scale_to(struct chebyshev *c, const double *losses, size_t n)
{
    for (size_t k = 0; k < c->m; k++) {
        double least = losses[k], most = losses[k];
        for (size_t i = 1; i < n; i++) {
            least = fmin(least, losses[i * c->m + k]);
            most = fmax(most, losses[i * c->m + k]);
        }
        c->least[k] = least;
        if (most > least)
            c->factor[k] /= most - least;
    }
}

struct chebyshev *chebyshev_create(const double *losses, size_t n, size_t m, struct rng *rng)
{
    struct chebyshev *c = xcalloc(1, sizeof *c + (2 + SAMPLES) * m * sizeof *c->least);
    struct quasi *quasi = quasi_create(m);
    size_t largest;

    assert(n > 0);
    c->m = m;
    c->least = (double *)(c + 1);
    c->factor = c->least + m;
    c->normals = c->factor + m;
    draw_weights(c, rng);
    scale_to(c, losses, n);
    c->best = INFINITY;
    for (size_t i = 0; i < n; i++)
        c->best = fmin(c->best, scalar(c, losses + i * m, &largest));
    quasi_seed(quasi, (uint64_t)rng_word(rng), "chebyshev");
    for (size_t s = 0; s < SAMPLES; s++)
        for (size_t k = 0; k < m; k++)
            c->normals[s * m + k] = normal_quantile_between(-INFINITY, INFINITY,
                                                            quasi_coordinate(quasi, k, (uint32_t)s, 0));
    quasi_destroy(quasi);
    return c;
}

void chebyshev_destroy(struct chebyshev *chebyshev)
{
    free(chebyshev);
}

/* log of the smoothed max(gain, 0), and its derivative. log log(1 + e^t) is t where e^t underflows. */
static double log_relu(double gain, double *slope)
{
    double t = gain / SMOOTHING, soft = t > 30 ? t : log1p(exp(t));

    if (t < -30) {
        *slope = 1 / SMOOTHING;
        return log(SMOOTHING) + t;
    }
    *slope = 1 / (1 + exp(-t)) / (soft * SMOOTHING);
    return log(SMOOTHING * soft);
}

double chebyshev_log_expected(const struct chebyshev *c, const double *mean, const double *variance,
                              struct slopes *slopes)
{
    double terms[SAMPLES], by_gain[SAMPLES], top = -INFINITY, sum = 0;
    size_t largest[SAMPLES];

    for (size_t s = 0; s < SAMPLES; s++) {
        const double *normals = c->normals + s * c->m;
        double most = -INFINITY, total = 0;
        for (size_t k = 0; k < c->m; k++) {
            double u = c->factor[k] * (mean[k] + sqrt(variance[k]) * normals[k] - c->least[k]);
            total += u;
            if (u > most) {
                most = u;
                largest[s] = k;
            }
        }
        terms[s] = log_relu(c->best - most - AUGMENTATION * total, &by_gain[s]);
        top = fmax(top, terms[s]);
    }
    for (size_t s = 0; s < SAMPLES; s++)
        sum += terms[s] = exp(terms[s] - top);
    if (slopes != NULL)
        memset(slopes, 0, c->m * sizeof *slopes);
    for (size_t s = 0; s < SAMPLES && slopes != NULL; s++)
        for (size_t k = 0; k < c->m; k++) {
            double by_mean = -terms[s] / sum * by_gain[s] * c->factor[k] * ((k == largest[s]) + AUGMENTATION);
            slopes[k].by_mean += by_mean;
            slopes[k].by_variance += by_mean * c->normals[s * c->m + k] / (2 * sqrt(variance[k]));
        }
    return top + log(sum / SAMPLES);
}
