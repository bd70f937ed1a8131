/*
 * The controller's passes: forward while drawing or following an architecture, backward through time. One pass costs about
 * 8 H^2 multiplications a step of the LSTM forward and twice that backward.
 *
 * Legend, for one step: x input, z = [x, h'] W the gates before their functions, c cell, h state; d before a name is the
 * derivative of the loss by it.
 */
#include "nas/controller.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A layer's own bias learns this much faster than what all layers share: what is good in one layer need not be in another. */
static const double BIAS_GAIN = 4;

struct step {
    double *joined; /* (2 H) x, then the state before */
    double *gates;  /* (4 H) i, f, o, g after their functions */
    double *cell, *state, *tanh_cell;
    double *d_state, *d_cell, *d_input; /* (H) */
};

/* One layer's choices, kept for the way back. */
struct layer {
    struct step *chosen, *anchor; /* the steps whose states give the operation, and the skips */
    double *logits, *p;           /* (n_operations) after tanh; probabilities */
    double *projected;            /* (H) W1 a of its own state */
    double *bent;                 /* (layer, H) tanh(W1 a_k + W2 h) */
    double *q, *skip_logit;       /* (layer) before and after tanh: the logits are [-, +] */
    double *d_projected;          /* (H) */
};

struct controller {
    struct controller_options options;
    size_t n_parameters, n_steps;
    double *parameters, *first, *second; /* (n_parameters) Adam's moments */
    double first_decay, second_decay;    /* powers of Adam's betas */
    double *lstm, *start, *embedding, *softmax, *bias, *attend_past, *attend_now, *attend; /* parts of parameters */
    struct step steps[2 * MACRO_LAYERS_LIMIT];
    struct layer layers[MACRO_LAYERS_LIMIT];
    double *zero, *scratch; /* (H) of zeros; (4 H + n_operations) */
    double block[];
};

/* Hands out parts of one block; the first walk, without a block, only counts. */
struct carver {
    double *block;
    size_t used;
};

static double *carve(struct carver *carver, size_t n)
{
    double *part = carver->block != NULL ? carver->block + carver->used : NULL;

    carver->used += n;
    return part;
}

static void carve_parameters(struct controller *c, struct carver *carver)
{
    const struct controller_options *o = &c->options;
    size_t h = o->hidden_size, before = carver->used;

    c->parameters = carve(carver, 0);
    c->lstm = carve(carver, 2 * h * 4 * h);
    c->start = carve(carver, h);
    c->embedding = carve(carver, o->n_operations * h);
    c->softmax = carve(carver, o->n_operations * h);
    c->attend_past = carve(carver, o->has_skips ? h * h : 0);
    c->attend_now = carve(carver, o->has_skips ? h * h : 0);
    c->attend = carve(carver, o->has_skips ? h : 0);
    c->bias = carve(carver, (size_t)o->n_layers * o->n_operations);
    c->n_parameters = carver->used - before;
    c->first = carve(carver, c->n_parameters);
    c->second = carve(carver, c->n_parameters);
}

static void carve_workspace(struct controller *c, struct carver *carver)
{
    size_t h = c->options.hidden_size;

    c->zero = carve(carver, h);
    c->scratch = carve(carver, 4 * h + c->options.n_operations);
    for (size_t t = 0; t < c->n_steps; t++) {
        struct step *step = &c->steps[t];
        step->joined = carve(carver, 2 * h);
        step->gates = carve(carver, 4 * h);
        step->cell = carve(carver, h);
        step->state = carve(carver, h);
        step->tanh_cell = carve(carver, h);
        step->d_state = carve(carver, h);
        step->d_cell = carve(carver, h);
        step->d_input = carve(carver, h);
    }
    for (size_t i = 0; i < c->options.n_layers; i++) {
        struct layer *layer = &c->layers[i];
        layer->logits = carve(carver, c->options.n_operations);
        layer->p = carve(carver, c->options.n_operations);
        layer->projected = carve(carver, h);
        layer->d_projected = carve(carver, h);
        layer->bent = carve(carver, c->options.has_skips ? i * h : 0);
        layer->q = carve(carver, i);
        layer->skip_logit = carve(carver, i);
    }
}

struct controller *controller_create(const struct controller_options *options, uint64_t seed)
{
    struct controller shape = { .options = *options };
    struct carver carver = { 0 };
    struct rng rng = rng_stream(seed, 0, "controller.start");

    assert(options->n_layers >= 1 && options->n_layers <= MACRO_LAYERS_LIMIT && options->n_operations >= 1);
    shape.n_steps = (options->has_skips ? 2 : 1) * (size_t)options->n_layers;
    carve_parameters(&shape, &carver);
    carve_workspace(&shape, &carver);
    struct controller *c = xcalloc(1, sizeof *c + carver.used * sizeof c->block[0]);
    c->options = *options;
    c->n_steps = shape.n_steps;
    carver = (struct carver){ .block = c->block };
    carve_parameters(c, &carver);
    carve_workspace(c, &carver);
    for (double *p = c->parameters; p < c->bias; p++)
        *p = 0.2 * rng_uniform(&rng) - 0.1;
    c->first_decay = c->second_decay = 1;
    return c;
}

void controller_destroy(struct controller *controller)
{
    free(controller);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* log(1 + e^x) */
static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

/* Both ways of bounding a logit, and what a derivative by the bounded one is by the raw one. */
static double bound_logit(const struct controller_options *o, double logit)
{
    if (!isnan(o->temperature))
        logit /= o->temperature;
    return isnan(o->tanh_const) ? logit : o->tanh_const * tanh(logit);
}

static double bound_slope(const struct controller_options *o, double bounded)
{
    double slope = isnan(o->temperature) ? 1 : 1 / o->temperature;

    if (!isnan(o->tanh_const))
        slope *= o->tanh_const * (1 - bounded * bounded / (o->tanh_const * o->tanh_const));
    return slope;
}

/* Step t with the input already in its place. */
static const double *run_step(struct controller *c, size_t t)
{
    size_t h = c->options.hidden_size;
    struct step *step = &c->steps[t];
    const double *cell_before = t > 0 ? step[-1].cell : c->zero;

    memcpy(step->joined + h, t > 0 ? step[-1].state : c->zero, h * sizeof(double));
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)(2 * h), (int)(4 * h), 1, c->lstm, (int)(4 * h), step->joined, 1, 0,
                step->gates, 1);
    double *i = step->gates, *f = i + h, *o = f + h, *g = o + h;
    for (size_t k = 0; k < h; k++) {
        i[k] = sigmoid(i[k]);
        f[k] = sigmoid(f[k]);
        o[k] = sigmoid(o[k]);
        g[k] = tanh(g[k]);
        step->cell[k] = i[k] * g[k] + f[k] * cell_before[k];
        step->tanh_cell[k] = tanh(step->cell[k]);
        step->state[k] = o[k] * step->tanh_cell[k];
    }
    return step->state;
}

/* Probabilities of the operations at a state; the index that u in [0, 1) falls on. */
static unsigned run_operations(struct controller *c, size_t i, double heat, double u)
{
    struct layer *layer = &c->layers[i];
    size_t n = c->options.n_operations, h = c->options.hidden_size;
    double largest = -INFINITY, sum = 0;

    for (size_t k = 0; k < n; k++)
        layer->logits[k] = BIAS_GAIN * c->bias[i * n + k];
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)n, (int)h, 1, c->softmax, (int)h, layer->chosen->state, 1, 1,
                layer->logits, 1);
    for (size_t k = 0; k < n; k++) {
        layer->logits[k] = bound_logit(&c->options, layer->logits[k]);
        largest = fmax(largest, layer->logits[k]);
    }
    for (size_t k = 0; k < n; k++)
        sum += layer->p[k] = exp((layer->logits[k] - largest) / heat);
    for (size_t k = 0; k < n; k++)
        layer->p[k] /= sum;
    unsigned drawn = 0;
    for (u -= layer->p[0]; u >= 0 && drawn + 1 < n; u -= layer->p[drawn])
        drawn++;
    return drawn;
}

/* Logits of reading the layers before layer i. */
static void run_attention(struct controller *c, size_t i)
{
    int h = (int)c->options.hidden_size;
    struct layer *layer = &c->layers[i];
    double *now = c->scratch;

    cblas_dgemv(CblasRowMajor, CblasTrans, h, h, 1, c->attend_now, h, layer->anchor->state, 1, 0, now, 1);
    for (size_t k = 0; k < i; k++) {
        double *bent = layer->bent + k * (size_t)h;
        for (int j = 0; j < h; j++)
            bent[j] = tanh(now[j] + c->layers[k].projected[j]);
        layer->q[k] = cblas_ddot(h, bent, 1, c->attend, 1);
        layer->skip_logit[k] = bound_logit(&c->options, layer->q[k]);
    }
    cblas_dgemv(CblasRowMajor, CblasTrans, h, h, 1, c->attend_past, h, layer->anchor->state, 1, 0, layer->projected, 1);
}

/* What the layer after layer i is fed with: the mean-like sum of what layer i reads besides. */
static void gather_skips(const struct controller *c, const struct macro *macro, size_t i, double *input)
{
    int h = (int)c->options.hidden_size;
    uint64_t skips = macro->skips[i];
    double share = 1 / (1.0 + __builtin_popcountll(skips));

    memset(input, 0, (size_t)h * sizeof(double));
    for (size_t k = 0; k < i; k++)
        if (skips >> k & 1)
            cblas_daxpy(h, share, c->layers[k].anchor->state, 1, input, 1);
}

/* log p of skip k of a layer being as it is */
static double log_skip(const struct layer *layer, size_t k, bool is_on, double heat)
{
    double gap = 2 * layer->skip_logit[k] / heat; /* between the two logits [-q, q] */

    return -softplus(is_on ? -gap : gap);
}

static double run_skips(struct controller *c, size_t i, double heat, struct rng *rng, struct macro *macro)
{
    double log_p = 0;

    run_attention(c, i);
    for (size_t k = 0; k < i; k++) {
        if (rng != NULL && rng_uniform(rng) < sigmoid(2 * c->layers[i].skip_logit[k] / heat))
            macro->skips[i] |= UINT64_C(1) << k;
        log_p += log_skip(&c->layers[i], k, macro->skips[i] >> k & 1, heat);
    }
    return log_p;
}

static void feed(struct controller *c, const struct macro *macro, size_t i)
{
    size_t h = c->options.hidden_size;
    double *input = c->layers[i].chosen->joined;

    if (!c->options.has_skips && i > 0)
        memcpy(input, c->embedding + macro->operations[i - 1] * h, h * sizeof(double));
    else if (i <= 1) /* as in ENAS: the first layer reads nothing besides */
        memcpy(input, c->start, h * sizeof(double));
    else
        gather_skips(c, macro, i - 1, input);
}

/* Along the architecture; with rng, which draws it. Returns log p. */
static double run(struct controller *c, double heat, struct rng *rng, struct macro *macro)
{
    size_t h = c->options.hidden_size, t = 0;
    double log_p = 0;

    for (size_t i = 0; i < c->options.n_layers; i++) {
        struct layer *layer = &c->layers[i];
        layer->chosen = layer->anchor = &c->steps[t];
        feed(c, macro, i);
        run_step(c, t++);
        unsigned drawn = run_operations(c, i, heat, rng != NULL ? rng_uniform(rng) : 0);
        if (rng != NULL)
            macro->operations[i] = drawn;
        log_p += log(layer->p[macro->operations[i]]);
        if (!c->options.has_skips)
            continue;
        layer->anchor = &c->steps[t];
        memcpy(layer->anchor->joined, c->embedding + macro->operations[i] * h, h * sizeof(double));
        run_step(c, t++);
        log_p += run_skips(c, i, heat, rng, macro);
    }
    return log_p;
}

double controller_sample(struct controller *controller, double heat, struct rng *rng, struct macro *macro)
{
    memset(macro, 0, sizeof *macro);
    macro->n_layers = controller->options.n_layers;
    return run(controller, heat, rng, macro);
}

double controller_log_probability(struct controller *controller, const struct macro *macro)
{
    struct macro followed = *macro;

    return run(controller, 1, NULL, &followed);
}

/* The same part of a vector like parameters. */
static double *part(const struct controller *c, const double *of_parameters, double *gradient)
{
    return gradient + (of_parameters - c->parameters);
}

/* Entropy of the operations at layer i; the derivative of the loss by their logits goes on to the state. */
static double back_operations(struct controller *c, size_t i, unsigned chosen, const struct controller_loss *loss,
                              double *gradient)
{
    struct layer *layer = &c->layers[i];
    int n = (int)c->options.n_operations, h = (int)c->options.hidden_size;
    double *d_logits = c->scratch, entropy = 0;

    for (int k = 0; k < n; k++)
        entropy -= layer->p[k] > 0 ? layer->p[k] * log(layer->p[k]) : 0;
    for (int k = 0; k < n; k++) {
        double p = layer->p[k], log_p = p > 0 ? log(p) : 0;
        double d = loss->advantage * (p - ((unsigned)k == chosen)) + loss->entropy_weight * p * (log_p + entropy);
        d_logits[k] = d * bound_slope(&c->options, layer->logits[k]);
    }
    cblas_daxpy(n, BIAS_GAIN, d_logits, 1, part(c, c->bias + i * (size_t)n, gradient), 1);
    cblas_dger(CblasRowMajor, n, h, 1, d_logits, 1, layer->chosen->state, 1, part(c, c->softmax, gradient), h);
    cblas_dgemv(CblasRowMajor, CblasTrans, n, h, 1, c->softmax, h, d_logits, 1, 1, layer->chosen->d_state, 1);
    return entropy;
}

/* KL of one skip, read with probability sigmoid(gap), to the target; *slope is its derivative by the gap. */
static double skip_distance(double gap, double target, double *slope)
{
    double on = sigmoid(gap), off = sigmoid(-gap), wanted = fmin(fmax(target, 1e-6), 1 - 1e-6);
    double log_on = -softplus(-gap) - log(wanted), log_off = -softplus(gap) - log1p(-wanted);

    *slope = on * off * (log_on - log_off);
    return on * log_on + off * log_off;
}

struct skip_terms {
    double entropy, distance;
};

static struct skip_terms back_skips(struct controller *c, size_t i, uint64_t skips, const struct controller_loss *loss,
                                    double *gradient)
{
    struct layer *layer = &c->layers[i];
    int h = (int)c->options.hidden_size;
    double *d_now = c->scratch, distance_weight = c->options.n_layers > 1 ? 1 / (c->options.n_layers - 1.0) : 0;
    struct skip_terms terms = { 0 };

    memset(d_now, 0, (size_t)h * sizeof(double));
    for (size_t k = 0; k < i; k++) {
        double q = layer->skip_logit[k], p = sigmoid(2 * q), slope, *bent = layer->bent + k * (size_t)h;
        terms.entropy += softplus(2 * q) - 2 * q * p;
        terms.distance += distance_weight * skip_distance(2 * q, c->options.skip_target, &slope);
        double d = 2 * loss->advantage * (p - (double)(skips >> k & 1)) + loss->entropy_weight * 4 * q * p * (1 - p) +
                   2 * loss->skip_weight * distance_weight * slope;
        d *= bound_slope(&c->options, q);
        for (int j = 0; j < h; j++) {
            double d_bent = d * c->attend[j] * (1 - bent[j] * bent[j]);
            d_now[j] += d_bent;
            c->layers[k].d_projected[j] += d_bent;
        }
        cblas_daxpy(h, d, bent, 1, part(c, c->attend, gradient), 1);
    }
    cblas_dger(CblasRowMajor, h, h, 1, layer->anchor->state, 1, d_now, 1, part(c, c->attend_now, gradient), h);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, h, h, 1, c->attend_now, h, d_now, 1, 1, layer->anchor->d_state, 1);
    cblas_dger(CblasRowMajor, h, h, 1, layer->anchor->state, 1, layer->d_projected, 1,
               part(c, c->attend_past, gradient), h);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, h, h, 1, c->attend_past, h, layer->d_projected, 1, 1,
                layer->anchor->d_state, 1);
    return terms;
}

/* From d_state and d_cell of a step to its input and to the step before. */
static void back_step(struct controller *c, struct step *step, double *gradient)
{
    int h = (int)c->options.hidden_size;
    bool is_first = step == c->steps;
    const double *i = step->gates, *f = i + h, *o = f + h, *g = o + h, *before = is_first ? c->zero : step[-1].cell;
    double *dz = c->scratch;

    for (int k = 0; k < h; k++) {
        double d_cell = step->d_cell[k] + step->d_state[k] * o[k] * (1 - step->tanh_cell[k] * step->tanh_cell[k]);
        dz[k] = d_cell * g[k] * i[k] * (1 - i[k]);
        dz[h + k] = d_cell * before[k] * f[k] * (1 - f[k]);
        dz[2 * h + k] = step->d_state[k] * step->tanh_cell[k] * o[k] * (1 - o[k]);
        dz[3 * h + k] = d_cell * i[k] * (1 - g[k] * g[k]);
        if (!is_first)
            step[-1].d_cell[k] = d_cell * f[k];
    }
    cblas_dger(CblasRowMajor, 2 * h, 4 * h, 1, step->joined, 1, dz, 1, part(c, c->lstm, gradient), 4 * h);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, h, 4 * h, 1, c->lstm, 4 * h, dz, 1, 0, step->d_input, 1);
    if (!is_first)
        cblas_dgemv(CblasRowMajor, CblasNoTrans, h, 4 * h, 1, c->lstm + (size_t)h * 4 * (size_t)h, 4 * h, dz, 1, 1,
                    step[-1].d_state, 1);
}

/* The other way of feed. */
static void back_feed(struct controller *c, const struct macro *macro, size_t i, double *gradient)
{
    int h = (int)c->options.hidden_size;
    const double *d_input = c->layers[i].chosen->d_input;

    if (!c->options.has_skips && i > 0) {
        double *row = part(c, c->embedding + macro->operations[i - 1] * (size_t)h, gradient);
        cblas_daxpy(h, 1, d_input, 1, row, 1);
    } else if (i <= 1) {
        cblas_daxpy(h, 1, d_input, 1, part(c, c->start, gradient), 1);
    } else {
        uint64_t skips = macro->skips[i - 1];
        double share = 1 / (1.0 + __builtin_popcountll(skips));
        for (size_t k = 0; k + 1 < i; k++)
            if (skips >> k & 1)
                cblas_daxpy(h, share, d_input, 1, c->layers[k].anchor->d_state, 1);
    }
}

static void clear_derivatives(struct controller *c)
{
    size_t size = c->options.hidden_size * sizeof(double);

    for (size_t t = 0; t < c->n_steps; t++) {
        memset(c->steps[t].d_state, 0, size);
        memset(c->steps[t].d_cell, 0, size);
    }
    for (size_t i = 0; i < c->options.n_layers; i++)
        memset(c->layers[i].d_projected, 0, size);
}

double controller_gradient(struct controller *controller, const struct macro *macro, const struct controller_loss *loss,
                           double *gradient)
{
    struct controller *c = controller;
    double value = -loss->advantage * controller_log_probability(c, macro);

    clear_derivatives(c);
    for (size_t i = c->options.n_layers; i-- > 0;) {
        if (c->options.has_skips) {
            int h = (int)c->options.hidden_size;
            struct skip_terms terms = back_skips(c, i, macro->skips[i], loss, gradient);
            value += loss->skip_weight * terms.distance - loss->entropy_weight * terms.entropy;
            back_step(c, c->layers[i].anchor, gradient);
            double *row = part(c, c->embedding + macro->operations[i] * (size_t)h, gradient);
            cblas_daxpy(h, 1, c->layers[i].anchor->d_input, 1, row, 1);
        }
        value -= loss->entropy_weight * back_operations(c, i, macro->operations[i], loss, gradient);
        back_step(c, c->layers[i].chosen, gradient);
        back_feed(c, macro, i, gradient);
    }
    return value;
}

size_t controller_n_parameters(const struct controller *controller)
{
    return controller->n_parameters;
}

double *controller_parameters(struct controller *controller)
{
    return controller->parameters;
}

void controller_step(struct controller *controller, const double *gradient, double learning_rate)
{
    struct controller *c = controller;

    c->first_decay *= 0.9;
    c->second_decay *= 0.999;
    for (size_t k = 0; k < c->n_parameters; k++) {
        c->first[k] = 0.9 * c->first[k] + 0.1 * gradient[k];
        c->second[k] = 0.999 * c->second[k] + 0.001 * gradient[k] * gradient[k];
        double mean = c->first[k] / (1 - c->first_decay), square = c->second[k] / (1 - c->second_decay);
        c->parameters[k] -= learning_rate * mean / (sqrt(square) + 1e-8);
    }
}
