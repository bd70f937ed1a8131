/*
 * Values <-> model coordinates.
 *
 * A coordinate is the share of the parameter's distribution that lies below the value. What has a step is a row of cells,
 * each half a step to either side of its value, so the ends weigh as much as the rest; in log space a lower edge that would
 * reach zero stays at half the smallest value.
 */
#include "suggest/space.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/number.h"

enum { DECIMALS_LIMIT = 22 };                         /* 10^22 is the last power of ten that a double holds exactly */
static const double EXACT_LIMIT = 9007199254740992.0; /* 2^53 */

const char *const parameter_type_names[] = { "double", "int", "discrete", "categorical", NULL };
const char *const distribution_names[] = { "uniform", "logUniform", "normal", "logNormal", NULL };

double space_parameter_size(const struct space *space, size_t i)
{
    const struct parameter *p = &space->parameters[i];

    if (parameter_is_choice(p))
        return (double)p->n_choices;
    if (p->max == p->min)
        return 1;
    if (p->step == 0)
        return INFINITY;
    double steps = (p->max - p->min) / p->step;
    return floor(steps * (1 + 4e-16) + 1e-9) + 1;
}

/* Is x a whole number of 10^-decimals, so that x * 10^decimals can be counted with? */
static bool fits_decimals(double x, double power)
{
    double units = nearbyint(x * power);

    return fabs(units) < EXACT_LIMIT && units / power == x;
}

/* min + k * step as a person would compute it: in decimals, so that 0.01 + 8 * 0.005 is 0.05. */
static double stepped_value(const struct parameter *p, double k)
{
    double power = 1;

    for (int decimals = 0; decimals <= DECIMALS_LIMIT; decimals++, power *= 10) {
        if (!fits_decimals(p->min, power) || !fits_decimals(p->step, power))
            continue;
        double units = nearbyint(p->min * power) + k * nearbyint(p->step * power);
        if (fabs(units) < EXACT_LIMIT)
            return units / power + 0.0; /* never -0 */
        break;
    }
    return fmin(p->min + k * p->step, p->max);
}

double space_parameter_value(const struct space *space, size_t i, uint64_t k)
{
    const struct parameter *p = &space->parameters[i];

    assert((double)k < space_parameter_size(space, i));
    if (parameter_is_choice(p))
        return (double)k;
    return k == 0 ? p->min + 0.0 : stepped_value(p, (double)k);
}

/* A parameter's axis: the distribution of its values between two edges. */
struct axis {
    bool is_log, is_normal;
    double low, high;     /* edges, after log */
    double mean, sd;      /* of a normal one */
    double p_low, p_high; /* its distribution function at the edges */
};

static double log_or_same(const struct axis *axis, double value)
{
    return axis->is_log ? log(value) : value;
}

static double lower_edge(const struct parameter *p, bool is_log)
{
    double edge = p->min - p->step / 2;

    return is_log ? fmax(edge, p->min / 2) : edge;
}

static struct axis axis_of(const struct parameter *p, double size)
{
    struct axis axis = {
        .is_log = p->distribution == DISTRIBUTION_LOG_UNIFORM || p->distribution == DISTRIBUTION_LOG_NORMAL,
        .is_normal = p->distribution == DISTRIBUTION_NORMAL || p->distribution == DISTRIBUTION_LOG_NORMAL,
    };

    axis.low = log_or_same(&axis, p->step > 0 ? lower_edge(p, axis.is_log) : p->min);
    axis.high = log_or_same(&axis, p->step > 0 ? p->min + (size - 0.5) * p->step : p->max);
    if (axis.is_normal) {
        double min = log_or_same(&axis, p->min), max = log_or_same(&axis, p->max);
        axis.mean = min / 2 + max / 2;
        axis.sd = max / 6 - min / 6;
        axis.p_low = gsl_cdf_ugaussian_P((axis.low - axis.mean) / axis.sd);
        axis.p_high = gsl_cdf_ugaussian_P((axis.high - axis.mean) / axis.sd);
    }
    return axis;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double axis_coordinate(const struct axis *axis, double value)
{
    double t = clamp(log_or_same(axis, value), axis->low, axis->high), u;

    if (axis->is_normal)
        u = (gsl_cdf_ugaussian_P((t - axis->mean) / axis->sd) - axis->p_low) / (axis->p_high - axis->p_low);
    else
        u = (t / 2 - axis->low / 2) / (axis->high / 2 - axis->low / 2); /* halves: the range may be up to 2 DBL_MAX */
    return clamp(u, 0, 1);
}

static double axis_value(const struct axis *axis, double u)
{
    double t;

    if (axis->is_normal)
        t = axis->mean + axis->sd * gsl_cdf_ugaussian_Pinv(axis->p_low * (1 - u) + axis->p_high * u);
    else
        t = axis->low * (1 - u) + axis->high * u;
    t = clamp(t, axis->low, axis->high);
    return axis->is_log ? exp(t) : t;
}

static double decode_choice(const struct parameter *p, double x)
{
    double k = p->type == PARAMETER_CATEGORICAL ? floor(x) : floor(x * (double)p->n_choices);

    return clamp(k, 0, (double)(p->n_choices - 1));
}

/* The nearest decimal number on a grid of 1e-8 of the range (of the value itself on a log scale): what a person would write. */
static double readable(const struct parameter *p, double value)
{
    bool is_log = p->distribution == DISTRIBUTION_LOG_UNIFORM || p->distribution == DISTRIBUTION_LOG_NORMAL;
    double scale = is_log ? fabs(value) : p->max - p->min;
    char text[NUMBER_TEXT_SIZE];
    int digits;

    if (value == 0 || scale == 0 || !isfinite(scale))
        return value;
    digits = (int)(floor(log10(fabs(value))) - floor(log10(scale))) + 8;
    if (digits > 15)
        return value;
    snprintf(text, sizeof text, "%.*e", digits > 0 ? digits : 0, value);
    return clamp(strtod(text, NULL), p->min, p->max);
}

static double decode_number(const struct space *space, size_t i, double u)
{
    const struct parameter *p = &space->parameters[i];
    double size = space_parameter_size(space, i), k;

    if (size == 1)
        return p->min + 0.0;
    if (p->step > 0 && p->distribution == DISTRIBUTION_UNIFORM) {
        k = floor(u * size);
    } else {
        struct axis axis = axis_of(p, size);
        double value = axis_value(&axis, u);
        if (p->step == 0)
            return readable(p, clamp(value, p->min, p->max)) + 0.0;
        k = floor((value - p->min) / p->step + 0.5);
    }
    return space_parameter_value(space, i, (uint64_t)clamp(k, 0, size - 1));
}

static double encode_number(const struct space *space, size_t i, double value)
{
    const struct parameter *p = &space->parameters[i];
    double size = space_parameter_size(space, i);

    if (size == 1)
        return 0.5;
    double k = p->step > 0 ? nearbyint((value - p->min) / p->step) : 0;
    if (p->step > 0 && p->distribution == DISTRIBUTION_UNIFORM)
        return (clamp(k, 0, size - 1) + 0.5) / size;
    struct axis axis = axis_of(p, size);
    if (p->step == 0)
        return axis_coordinate(&axis, value);
    double below = k < 1 ? lower_edge(p, axis.is_log) : p->min + (k - 0.5) * p->step;
    double above = p->min + (k + 0.5) * p->step;
    return (axis_coordinate(&axis, below) + axis_coordinate(&axis, above)) / 2;
}

bool activation_holds(const struct activation *activation, double value)
{
    if (activation->values == NULL)
        return value >= activation->min && value <= activation->max; /* false for NAN */
    for (size_t v = 0; v < activation->n_values; v++)
        if (activation->values[v] == value)
            return true;
    return false;
}

bool space_is_active(const struct space *space, const double *values, size_t i)
{
    const struct activation *activation = space->parameters[i].activation;

    return activation == NULL || activation_holds(activation, values[activation->parameter]);
}

void space_decode(const struct space *space, const double *x, double *values)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if (!space_is_active(space, values, i)) {
            values[i] = NAN;
            continue;
        }
        assert(!isnan(x[i]));
        values[i] = parameter_is_choice(p) ? decode_choice(p, x[i]) : decode_number(space, i, clamp(x[i], 0, 1));
    }
}

void space_encode(const struct space *space, const double *values, double *x)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if (isnan(values[i]))
            x[i] = NAN;
        else if (p->type == PARAMETER_CATEGORICAL)
            x[i] = values[i];
        else if (p->type == PARAMETER_DISCRETE)
            x[i] = (values[i] + 0.5) / (double)p->n_choices;
        else
            x[i] = encode_number(space, i, values[i]);
    }
}

void space_draw(const struct space *space, struct rng *rng, double *x)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        x[i] = p->type == PARAMETER_CATEGORICAL ? (double)rng_below(rng, p->n_choices) : rng_uniform(rng);
    }
}
