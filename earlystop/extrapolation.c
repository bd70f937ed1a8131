/*
 * The curve rule: extrapolate this trial's curve to the end that others reached, and stop when it is unlikely to beat the best.
 *
 * A curve is c + a f(t) + noise, f one of the falling shapes below on t = step / last step. Each shape is a linear model with a
 * conjugate prior (normal, inverse gamma), so evidence and the prediction at t = 1 (Student's t) are closed forms; shapes are
 * averaged by their evidence (Bishop, Pattern Recognition and Machine Learning, section 3.5; the family of shapes after
 * Domhan et al., IJCAI 2015).
 */
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "earlystop/entries.h"
#include "earlystop/ranking.h"

enum { START_STEP, PROBABILITY };

static const struct setting settings[] = {
    [START_STEP] = { "start_step", INTEGER(6, 1, INFINITY), "reports of a trial before its curve is extrapolated" },
    [PROBABILITY] = { "probability", NUMBER(0.05, 0, 1), "stops when the chance to beat the best is below it" },
    { 0 },
};

enum shape_kind { FLAT, POWER, EXPONENTIAL, LOGARITHM };

static const struct shape {
    enum shape_kind kind;
    double rate;
} shapes[] = {
    { FLAT, 0 },        { LOGARITHM, 0 },   { POWER, 0.25 },    { POWER, 0.5 },      { POWER, 1 },        { POWER, 2 },
    { EXPONENTIAL, 1 }, { EXPONENTIAL, 3 }, { EXPONENTIAL, 8 }, { EXPONENTIAL, 20 }, { EXPONENTIAL, 50 },
};

enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

/* 0 at t = 1 and rising towards t = 0. */
static double shape_at(const struct shape *shape, double t)
{
    switch (shape->kind) {
    case FLAT:
        return 0;
    case POWER:
        return pow(t, -shape->rate) - 1;
    case EXPONENTIAL:
        return exp(-shape->rate * t) - exp(-shape->rate);
    case LOGARITHM:
        return -log(t);
    }
    return 0;
}

/* What a regression needs of the reports: sums over f and standardised y. */
struct sums {
    double n, f, ff, y, fy, yy;
};

struct prediction {
    double log_evidence;
    double mean, scale, freedom; /* Student's t at t = 1 */
};

/* Prior: c, a ~ N(0, s^2 diag(1, 1 / mean square of f)) * PRIOR_WIDTH^2, s^2 ~ InvGamma(SHAPE, RATE), in units where the reports
   have variance 1: the noise is believed to be about a fifth of the curve's own spread. */
static const double PRIOR_WIDTH = 1000, PRIOR_SHAPE = 1, PRIOR_RATE = 0.04;

static struct prediction regress(const struct sums *s)
{
    double prior_c = 1 / (PRIOR_WIDTH * PRIOR_WIDTH), prior_a = s->ff > 0 ? prior_c * s->ff / s->n : prior_c;
    double cc = s->n + prior_c, ca = s->f, aa = s->ff + prior_a, determinant = cc * aa - ca * ca;
    double c = (aa * s->y - ca * s->fy) / determinant, a = (cc * s->fy - ca * s->y) / determinant;
    double shape = PRIOR_SHAPE + s->n / 2, rate = PRIOR_RATE + 0.5 * fmax(0, s->yy - c * s->y - a * s->fy);

    return (struct prediction){
        .log_evidence = 0.5 * log(prior_c * prior_a / determinant) - shape * log(rate) - (a < 0 ? INFINITY : 0),
        .mean = c,
        .scale = sqrt(rate / shape * (1 + aa / determinant)),
        .freedom = 2 * shape,
    };
}

/* Only the later half of a curve says where it ends. */
static size_t first_of_later_half(const struct curve *curve)
{
    return curve->n / 2;
}

static struct sums sums_of(const struct curve *curve, const struct shape *shape, double horizon, double mean,
                           double deviation)
{
    struct sums s = { 0 };

    for (size_t i = first_of_later_half(curve); i < curve->n; i++) {
        double t = fmax(curve->step[i], 0.5) / horizon;
        if (!isfinite(curve->loss[i]))
            continue;
        double f = shape_at(shape, fmin(t, 1)), y = (curve->loss[i] - mean) / deviation;
        s.n++;
        s.f += f;
        s.ff += f * f;
        s.y += y;
        s.fy += f * y;
        s.yy += y * y;
    }
    return s;
}

static void moments(const struct curve *curve, size_t *n, double *mean, double *deviation)
{
    double sum = 0, squares = 0;

    *n = 0;
    for (size_t i = first_of_later_half(curve); i < curve->n; i++)
        if (isfinite(curve->loss[i])) {
            ++*n;
            sum += curve->loss[i];
        }
    *mean = sum / (double)*n;
    for (size_t i = first_of_later_half(curve); i < curve->n; i++)
        if (isfinite(curve->loss[i]))
            squares += (curve->loss[i] - *mean) * (curve->loss[i] - *mean);
    *deviation = sqrt(squares / (double)*n);
}

/* Chance that the curve ends below `bar` at the horizon. */
static double chance_below(const struct curve *curve, double horizon, double bar)
{
    struct prediction predictions[N_SHAPES];
    double mean, deviation, top = -INFINITY, weight = 0, chance = 0;
    size_t n;

    moments(curve, &n, &mean, &deviation);
    if (n < 2 || !(deviation > 0))
        return n > 0 && mean < bar ? 1 : 0;
    for (size_t k = 0; k < N_SHAPES; k++) {
        struct sums sums = sums_of(curve, &shapes[k], horizon, mean, deviation);
        predictions[k] = regress(&sums);
        top = fmax(top, predictions[k].log_evidence);
    }
    for (size_t k = 0; k < N_SHAPES; k++) {
        double share = exp(predictions[k].log_evidence - top);
        weight += share;
        chance += share * gsl_cdf_tdist_P(((bar - mean) / deviation - predictions[k].mean) / predictions[k].scale,
                                          predictions[k].freedom);
    }
    return chance / weight;
}

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    const struct curve *own = question->own;
    double horizon = 0, bar = INFINITY, chance;

    if (own->n < (size_t)values[START_STEP].number)
        return false;
    for (size_t i = 0; i < question->n_others; i++) {
        const struct curve *other = &question->others[i];
        if (other->is_complete && other->n_numbers > 0) {
            horizon = fmax(horizon, other->step[other->n - 1]);
            bar = fmin(bar, other->best[other->n - 1]);
        }
    }
    if (horizon <= judged_step(question) || worst_if_nan(own->best[own->n - 1]) <= bar)
        return false;
    chance = chance_below(own, horizon, bar);
    if (!(chance < values[PROBABILITY].number))
        return false;
    snprintf(why, EARLYSTOP_WHY_SIZE, "from %g at step %g the chance to beat %g by step %g is %.2g",
             shown(question, own->loss[own->n - 1]), judged_step(question), shown(question, bar), horizon, chance);
    return true;
}

const struct earlystop_rule earlystop_curve = {
    .name = "curve",
    .summary = "stops a trial whose extrapolated curve does not reach the best",
    .settings = settings,
    .judge = judge,
};
