/*
 * One model, many points.
 */
#include "suggest/response.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "suggest/forest.h"
#include "suggest/gp.h"
#include "suggest/sample.h"

struct response {
    const struct space *space;
    struct gp *gp; /* NULL: the forest */
    struct forest *forest;
    double mean, deviation; /* of the losses that the model sees standardised */
    double base[];          /* (n) coordinates of the best trial, none NAN */
};

static size_t best_of(const struct sample *sample)
{
    size_t best = 0;

    for (size_t k = 1; k < sample->n; k++)
        if (sample->y[k] < sample->y[best])
            best = k;
    return best;
}

static void set_base(struct response *response, const struct sample *sample)
{
    const struct space *space = response->space;

    for (size_t i = 0; i < space->n; i++) {
        double x = sample->x[best_of(sample) * space->n + i];
        response->base[i] = !isnan(x) ? x : space->parameters[i].type == PARAMETER_CATEGORICAL ? 0 : 0.5;
    }
}

static void fit(struct response *response, const struct sample *sample, bool is_noisy, uint64_t seed)
{
    if (sample->n <= RESPONSE_GP_ROWS) {
        response->gp = gp_create(response->space, SIZE_MAX, is_noisy);
        if (gp_fit(response->gp, sample->x, sample->y, sample->n, GP_STARTS_LIMIT) == 0)
            return;
        gp_destroy(response->gp);
        response->gp = NULL;
    }
    response->forest = forest_create(response->space, sample->x, sample->y, sample->n, seed);
}

int response_create(const struct history *history, size_t objective, bool is_noisy, uint64_t seed,
                    struct response **response)
{
    size_t *rows = xcalloc(history->n_finished + 1, sizeof *rows);
    size_t n = sample_rows(history, objective, RESPONSE_ROWS_LEAST, rows);
    struct sample sample = { 0 };
    int status = 0;

    *response = NULL;
    if (n < RESPONSE_ROWS_LEAST) {
        status = fail(ERR_NOT_FOUND, "expected %d trials or more that succeeded, got %zu", RESPONSE_ROWS_LEAST, n);
        goto out;
    }
    n = sample_thin(history, objective, rows, n, RESPONSE_FOREST_ROWS / 2, RESPONSE_FOREST_ROWS);
    sample_init(&sample, history, objective, rows, n);
    struct response *own = xcalloc(1, sizeof *own + history->space->n * sizeof own->base[0]);
    own->space = history->space;
    own->mean = sample.mean;
    own->deviation = sample.deviation;
    set_base(own, &sample);
    fit(own, &sample, is_noisy, seed);
    *response = own;
out:
    sample_release(&sample);
    free(rows);
    return status;
}

void response_destroy(struct response *response)
{
    if (response == NULL)
        return;
    gp_destroy(response->gp);
    forest_destroy(response->forest);
    free(response);
}

size_t response_grid(const struct response *response, size_t i, size_t n, double *values)
{
    const struct space *space = response->space;
    double size = space_parameter_size(space, i);
    struct parameter unconditional = space->parameters[i];
    const struct space alone = { 1, &unconditional };
    size_t n_values = size < (double)n ? (size_t)size : n, n_kept = 0;

    unconditional.activation = NULL;
    for (size_t k = 0; k < n_values; k++) {
        double x = n_values > 1 ? (double)k / (double)(n_values - 1) : 0.5, value;
        if (size <= (double)n)
            value = space_parameter_value(space, i, k);
        else if (unconditional.type == PARAMETER_CATEGORICAL)
            value = (double)k;
        else
            space_decode(&alone, &x, &value);
        if (n_kept == 0 || value != values[n_kept - 1])
            values[n_kept++] = value;
    }
    return n_kept;
}

/* Coordinates of the best trial's point, with parameters i and j (SIZE_MAX: none) at these values. values: room (n). */
static void place(const struct response *response, size_t i, double value_i, size_t j, double value_j, double *values,
                  double *x)
{
    const struct space *space = response->space;

    space_decode(space, response->base, values);
    for (size_t k = 0; k < space->n; k++) {
        struct parameter unconditional = space->parameters[k];
        const struct space alone = { 1, &unconditional };
        unconditional.activation = NULL;
        if (!space_is_active(space, values, k))
            values[k] = NAN;
        else if (k == i || k == j)
            values[k] = k == i ? value_i : value_j;
        else
            space_decode(&alone, &response->base[k], &values[k]);
    }
    space_encode(space, values, x);
}

static void predict(const struct response *response, const double *x, double *mean, double *deviation)
{
    double variance;

    if (response->gp != NULL)
        gp_predict(response->gp, x, 1, mean, &variance);
    else
        forest_predict(response->forest, x, 1, mean, &variance);
    *mean = response->mean + response->deviation * *mean;
    *deviation = response->deviation * sqrt(fmax(variance, 0));
}

void response_slice(const struct response *response, size_t i, const double *values, size_t n, double *mean,
                    double *deviation)
{
    response_contour(response, i, values, n, SIZE_MAX, &(double){ NAN }, 1, mean, deviation);
}

void response_contour(const struct response *response, size_t i, const double *values_i, size_t n_i, size_t j,
                      const double *values_j, size_t n_j, double *mean, double *deviation)
{
    double *x = xcalloc(2 * response->space->n + 1, sizeof *x), *room = x + response->space->n;

    assert(i != j);
    for (size_t a = 0; a < n_i; a++) {
        for (size_t b = 0; b < n_j; b++) {
            place(response, i, values_i[a], j, values_j[b], room, x);
            predict(response, x, &mean[a * n_j + b], &deviation[a * n_j + b]);
        }
    }
    free(x);
}
