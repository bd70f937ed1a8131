/*
 * The readable truth: every stage forward and backward as its definition says, in double, one value at a time.
 *
 * Definitions: quark0/darts (cnn/operations.py), PyTorch's layers. The backward passes are the forward ones' chain rule, loop for
 * loop; tests hold them to finite differences, and the other backends to these.
 */
#include <math.h>
#include <string.h>

#include "nas/host.h"

/* --- access --- */

static size_t place(const struct tensor *tensor, unsigned image, size_t y, size_t x, unsigned channel)
{
    return ((image * (size_t)tensor->height + y) * tensor->width + x) * tensor->channels + channel;
}

static double *value_at(const struct engine *engine, const struct tensor *tensor, unsigned image, size_t y, size_t x,
                        unsigned c)
{
    return (double *)engine->values + tensor->values * engine->batch + place(tensor, image, y, x, c);
}

static double *gradient_at(const struct engine *engine, const struct tensor *tensor, unsigned image, size_t y, size_t x,
                           unsigned c)
{
    return (double *)engine->gradients + tensor->gradients * engine->batch + place(tensor, image, y, x, c);
}

static const double *weights(const struct engine *engine)
{
    return engine->vectors[VECTOR_WEIGHTS];
}

static bool is_inside(const struct tensor *tensor, long y, long x)
{
    return y >= 0 && x >= 0 && y < (long)tensor->height && x < (long)tensor->width;
}

/* What normalisation makes of a value of channel c. */
static double normalized(const struct engine *engine, const struct tensor *tensor, double value, unsigned c)
{
    const double *mean = (const double *)engine->statistics + tensor->statistics, *rstd = mean + tensor->channels;

    if (!tensor->is_normal)
        return value;
    value = (value - mean[c]) * rstd[c];
    if (tensor->affine != NO_OFFSET)
        value = value * weights(engine)[tensor->affine + c] + weights(engine)[tensor->affine + tensor->channels + c];
    return value;
}

/* Where a stage's window meets its input. */
struct spot {
    unsigned image;
    long y, x;
};

/* What a reader of the view gets there. */
static double read_at(const struct engine *engine, const struct view *view, bool has_relu, struct spot at,
                      unsigned channel)
{
    const struct tensor *tensor = view_tensor(engine->network, view);
    const unsigned c = view->start + channel;
    double value;

    if (!is_inside(tensor, at.y, at.x))
        return 0;
    value = normalized(engine, tensor, *value_at(engine, tensor, at.image, (size_t)at.y, (size_t)at.x, c), c);
    return has_relu && value < 0 ? 0 : value;
}

/* And its gradient back. */
static void add_at(struct engine *engine, const struct view *view, bool has_relu, struct spot at, unsigned channel,
                   double gradient)
{
    const struct tensor *tensor = view_tensor(engine->network, view);

    if (view->tensor == NETWORK_INPUT || !is_inside(tensor, at.y, at.x))
        return;
    if (has_relu && read_at(engine, view, false, at, channel) <= 0)
        return;
    *gradient_at(engine, tensor, at.image, (size_t)at.y, (size_t)at.x, view->start + channel) += gradient;
}

/* --- windows --- */

/* Pixel (y, x) of a stage's output; its window covers input places spot_of(..., ky, kx). */
struct pixel {
    unsigned image, y, x;
};

static struct spot spot_of(const struct stage *stage, struct pixel pixel, unsigned ky, unsigned kx)
{
    return (struct spot){ pixel.image, (long)(pixel.y * stage->stride + ky * stage->dilation) - stage->padding,
                          (long)(pixel.x * stage->stride + kx * stage->dilation) - stage->padding };
}

static void each_pixel(struct engine *engine, const struct stage *stage,
                       void (*visit)(struct engine *, const struct stage *, struct pixel))
{
    const struct tensor *out = view_tensor(engine->network, &stage->out);

    for (unsigned image = 0; image < engine->n; image++)
        for (unsigned y = 0; y < out->height; y++)
            for (unsigned x = 0; x < out->width; x++)
                visit(engine, stage, (struct pixel){ image, y, x });
}

static double *out_value(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    return value_at(engine, view_tensor(engine->network, &stage->out), pixel.image, pixel.y, pixel.x, stage->out.start);
}

static double *out_gradient(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    return gradient_at(engine, view_tensor(engine->network, &stage->out), pixel.image, pixel.y, pixel.x,
                       stage->out.start);
}

/* The gradient of the weights from offset on; NULL if the pass does not want it. */
static double *weight_gradient(struct engine *engine, size_t offset)
{
    return engine->kind == PASS_WEIGHTS ? (double *)engine->vectors[VECTOR_GRADIENT] + offset : NULL;
}

/* --- dense convolution --- */

static void conv_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->weights;
    double *out = out_value(engine, stage, pixel);

    memset(out, 0, n_out * sizeof *out);
    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++)
            for (unsigned i = 0; i < n_in; i++, weight += n_out) {
                const double value = read_at(engine, &stage->in, stage->has_relu, spot_of(stage, pixel, ky, kx), i);

                for (unsigned o = 0; o < n_out; o++)
                    out[o] += value * weight[o];
            }
}

static void conv_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->weights, *out = out_gradient(engine, stage, pixel);
    double *gradient = weight_gradient(engine, stage->weights);

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++)
            for (unsigned i = 0; i < n_in; i++, weight += n_out) {
                const struct spot at = spot_of(stage, pixel, ky, kx);
                const double value = read_at(engine, &stage->in, stage->has_relu, at, i);
                double sum = 0;

                for (unsigned o = 0; o < n_out; o++)
                    sum += out[o] * weight[o];
                add_at(engine, &stage->in, stage->has_relu, at, i, sum);
                for (unsigned o = 0; gradient != NULL && o < n_out; o++)
                    gradient[(size_t)(weight - (weights(engine) + stage->weights)) + o] += value * out[o];
            }
}

static void conv_forward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, conv_pixel);
}

static void conv_backward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, conv_pixel_back);
}

/* --- depthwise, then pointwise --- */

static double depthwise(const struct engine *engine, const struct stage *stage, struct pixel pixel, unsigned channel)
{
    const double *weight = weights(engine) + stage->weights + channel;
    double sum = 0;

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++, weight += stage->in.channels)
            sum += *weight * read_at(engine, &stage->in, stage->has_relu, spot_of(stage, pixel, ky, kx), channel);
    return sum;
}

static void separable_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->pointwise;
    double *out = out_value(engine, stage, pixel);

    memset(out, 0, n_out * sizeof *out);
    for (unsigned i = 0; i < n_in; i++, weight += n_out) {
        const double z = depthwise(engine, stage, pixel, i);

        for (unsigned o = 0; o < n_out; o++)
            out[o] += z * weight[o];
    }
}

static void depthwise_back(struct engine *engine, const struct stage *stage, struct pixel pixel, unsigned channel,
                           double sum)
{
    const double *weight = weights(engine) + stage->weights + channel;
    double *gradient = weight_gradient(engine, stage->weights + channel);

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++, weight += stage->in.channels) {
            const struct spot at = spot_of(stage, pixel, ky, kx);

            add_at(engine, &stage->in, stage->has_relu, at, channel, sum * *weight);
            if (gradient != NULL)
                gradient[(ky * stage->kernel + kx) * (size_t)stage->in.channels] += sum * read_at(engine, &stage->in,
                                                                                                  stage->has_relu, at,
                                                                                                  channel);
        }
}

static void separable_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->pointwise, *out = out_gradient(engine, stage, pixel);
    double *gradient = weight_gradient(engine, stage->pointwise);

    for (unsigned i = 0; i < n_in; i++, weight += n_out) {
        double sum = 0;

        for (unsigned o = 0; o < n_out; o++)
            sum += out[o] * weight[o];
        depthwise_back(engine, stage, pixel, i, sum);
        if (gradient != NULL) {
            const double z = depthwise(engine, stage, pixel, i);

            for (unsigned o = 0; o < n_out; o++)
                gradient[(size_t)i * n_out + o] += z * out[o];
        }
    }
}

static void separable_forward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, separable_pixel);
}

static void separable_backward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, separable_pixel_back);
}

/* --- pooling --- */

struct pooled {
    double maximum, sum;
    struct spot place; /* of the first maximum */
    unsigned n;        /* places inside */
};

static struct pooled pool(const struct engine *engine, const struct stage *stage, struct pixel pixel, unsigned channel)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    struct pooled pooled = { .maximum = -INFINITY };

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++) {
            const struct spot at = spot_of(stage, pixel, ky, kx);
            const double value = read_at(engine, &stage->in, false, at, channel);

            if (!is_inside(tensor, at.y, at.x))
                continue;
            pooled.n++;
            pooled.sum += value;
            if (value > pooled.maximum) {
                pooled.maximum = value;
                pooled.place = at;
            }
        }
    return pooled;
}

static void pool_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    double *out = out_value(engine, stage, pixel);

    for (unsigned c = 0; c < stage->in.channels; c++) {
        const struct pooled pooled = pool(engine, stage, pixel, c);

        out[c] = stage->is_max ? pooled.maximum : pooled.sum / pooled.n;
    }
}

static void pool_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const double *out = out_gradient(engine, stage, pixel);

    for (unsigned c = 0; c < stage->in.channels; c++) {
        const struct pooled pooled = pool(engine, stage, pixel, c);

        if (stage->is_max) {
            add_at(engine, &stage->in, false, pooled.place, c, out[c]);
            continue;
        }
        for (unsigned ky = 0; ky < stage->kernel; ky++)
            for (unsigned kx = 0; kx < stage->kernel; kx++)
                add_at(engine, &stage->in, false, spot_of(stage, pixel, ky, kx), c, out[c] / pooled.n);
    }
}

static void pool_forward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, pool_pixel);
}

static void pool_backward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, pool_pixel_back);
}

/* --- mixing --- */

static double coefficient(const struct engine *engine, const struct term *term)
{
    return term->coefficient != NO_OFFSET ? engine->coefficients[term->coefficient] : 1;
}

static void mix_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const struct spot at = { pixel.image, pixel.y, pixel.x };
    double *out = out_value(engine, stage, pixel);

    memset(out, 0, stage->out.channels * sizeof *out);
    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = &engine->network->terms[stage->first_term + t];

        for (unsigned c = 0; c < term->in.channels; c++)
            out[term->start + c * stage->step] += coefficient(engine, term) * read_at(engine, &term->in, false, at, c);
    }
}

static void mix_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const struct spot at = { pixel.image, pixel.y, pixel.x };
    const double *out = out_gradient(engine, stage, pixel);

    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = &engine->network->terms[stage->first_term + t];
        double sum = 0;

        for (unsigned c = 0; c < term->in.channels; c++) {
            const double gradient = out[term->start + c * stage->step];

            sum += gradient * read_at(engine, &term->in, false, at, c);
            add_at(engine, &term->in, false, at, c, coefficient(engine, term) * gradient);
        }
        if (term->coefficient != NO_OFFSET)
            engine->coefficient_gradient[term->coefficient] += sum;
    }
}

static void mix_forward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, mix_pixel);
}

static void mix_backward(struct engine *engine, const struct stage *stage)
{
    each_pixel(engine, stage, mix_pixel_back);
}

/* --- head --- */

/* Scratch: the mean of each channel over one image, then the classes' logits, which become probabilities. */
static double *pooled_means(struct engine *engine, const struct stage *stage, unsigned image)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    double *means = engine->scratch;

    for (unsigned c = 0; c < stage->in.channels; c++) {
        means[c] = 0;
        for (long y = 0; y < (long)tensor->height; y++)
            for (long x = 0; x < (long)tensor->width; x++)
                means[c] += read_at(engine, &stage->in, false, (struct spot){ image, y, x }, c);
        means[c] /= (double)tensor->height * tensor->width;
    }
    return means;
}

/* The logarithm of the sum of exponentials; logits become probabilities. */
static double softmax(double *logits, unsigned n)
{
    double top = logits[0], sum = 0;

    for (unsigned k = 1; k < n; k++)
        top = fmax(top, logits[k]);
    for (unsigned k = 0; k < n; k++)
        sum += exp(logits[k] - top);
    for (unsigned k = 0; k < n; k++)
        logits[k] = exp(logits[k] - top) / sum;
    return top + log(sum);
}

static double *head_logits(struct engine *engine, const struct stage *stage, const double *means)
{
    const unsigned n_in = stage->in.channels, n = engine->network->n_classes;
    const double *weight = weights(engine) + stage->weights, *bias = weight + (size_t)n_in * n;
    double *logits = (double *)engine->scratch + n_in;

    for (unsigned k = 0; k < n; k++) {
        logits[k] = bias[k];
        for (unsigned i = 0; i < n_in; i++)
            logits[k] += means[i] * weight[(size_t)i * n + k];
    }
    return logits;
}

static void head_forward(struct engine *engine, const struct stage *stage)
{
    const unsigned n = engine->network->n_classes;

    for (unsigned image = 0; image < engine->n; image++) {
        double *logits = head_logits(engine, stage, pooled_means(engine, stage, image));
        const unsigned label = *engine->labels[image];
        const double wanted = logits[label];
        unsigned best = 0;

        for (unsigned k = 1; k < n; k++)
            if (logits[k] > logits[best])
                best = k;
        engine->result.n_correct += best == label;
        engine->result.loss += (softmax(logits, n) - wanted) / engine->n;
    }
}

static void head_backward(struct engine *engine, const struct stage *stage)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    const unsigned n_in = stage->in.channels, n = engine->network->n_classes;
    const double *weight = weights(engine) + stage->weights, area = (double)tensor->height * tensor->width;
    double *gradient = weight_gradient(engine, stage->weights);

    for (unsigned image = 0; image < engine->n; image++) {
        const double *means = pooled_means(engine, stage, image);
        double *slope = head_logits(engine, stage, means);

        softmax(slope, n);
        slope[*engine->labels[image]] -= 1;
        for (unsigned i = 0; i < n_in; i++) {
            double sum = 0;

            for (unsigned k = 0; k < n; k++)
                sum += weight[(size_t)i * n + k] * slope[k] / engine->n;
            for (long y = 0; y < (long)tensor->height; y++)
                for (long x = 0; x < (long)tensor->width; x++)
                    add_at(engine, &stage->in, false, (struct spot){ image, y, x }, i, sum / area);
            for (unsigned k = 0; gradient != NULL && k < n; k++)
                gradient[(size_t)i * n + k] += means[i] * slope[k] / engine->n;
        }
        for (unsigned k = 0; gradient != NULL && k < n; k++)
            gradient[(size_t)n_in * n + k] += slope[k] / engine->n;
    }
}

/* --- normalisation --- */

struct moments {
    double mean, variance; /* the variance over n, not n - 1 */
    size_t n;
};

static struct moments channel_moments(const struct engine *engine, const struct tensor *tensor, unsigned c)
{
    const double *values = value_at(engine, tensor, 0, 0, 0, c);
    struct moments moments = { .n = (size_t)tensor->height * tensor->width * engine->n };

    for (size_t i = 0; i < moments.n; i++)
        moments.mean += values[i * tensor->channels] / (double)moments.n;
    for (size_t i = 0; i < moments.n; i++)
        moments.variance += pow(values[i * tensor->channels] - moments.mean, 2) / (double)moments.n;
    return moments;
}

static void measure(struct engine *engine, const struct tensor *tensor)
{
    double *mean = (double *)engine->statistics + tensor->statistics, *rstd = mean + tensor->channels;
    double *running_mean = rstd + tensor->channels, *running_variance = running_mean + tensor->channels;

    for (unsigned c = 0; c < tensor->channels; c++) {
        struct moments moments = { running_mean[c], 1 + running_variance[c], 1 };

        if (engine->kind != PASS_EVALUATE) {
            moments = channel_moments(engine, tensor, c);
            running_mean[c] += NORMAL_MOMENTUM * (moments.mean - running_mean[c]);
            running_variance[c] += NORMAL_MOMENTUM *
                                   (moments.variance * (double)moments.n / (moments.n > 1 ? (double)moments.n - 1 : 1) -
                                    1 - running_variance[c]);
        }
        mean[c] = moments.mean;
        rstd[c] = 1 / sqrt(moments.variance + NORMAL_EPSILON);
    }
}

static void denormalize_channel(struct engine *engine, const struct tensor *tensor, unsigned c)
{
    const size_t n = (size_t)tensor->height * tensor->width * engine->n, step = tensor->channels;
    const double *values = value_at(engine, tensor, 0, 0, 0, c);
    const double mean = ((double *)engine->statistics)[tensor->statistics + c];
    const double rstd = ((double *)engine->statistics)[tensor->statistics + tensor->channels + c];
    double *gradients = gradient_at(engine, tensor, 0, 0, 0, c), gamma = 1, sum = 0, product = 0;

    for (size_t i = 0; i < n; i++) {
        sum += gradients[i * step];
        product += gradients[i * step] * (values[i * step] - mean) * rstd;
    }
    if (tensor->affine != NO_OFFSET) {
        double *gradient = weight_gradient(engine, tensor->affine + c);

        gamma = weights(engine)[tensor->affine + c];
        if (gradient != NULL) {
            gradient[0] += product;
            gradient[tensor->channels] += sum;
        }
    }
    for (size_t i = 0; i < n; i++)
        gradients[i * step] = gamma * rstd *
                              (gradients[i * step] - sum / (double)n -
                               (values[i * step] - mean) * rstd * product / (double)n);
}

static void denormalize(struct engine *engine, const struct tensor *tensor)
{
    for (unsigned c = 0; c < tensor->channels; c++)
        denormalize_channel(engine, tensor, c);
}

/* --- the rest --- */

static size_t scratch(const struct network *network, unsigned batch, unsigned threads)
{
    const struct stage *head = &network->stages[network->n_stages - 1];

    (void)batch;
    (void)threads;
    return (head->in.channels + network->n_classes) * sizeof(double);
}

static void load(struct engine *engine, const struct pass *pass)
{
    const struct tensor *input = &engine->network->tensors[NETWORK_INPUT];
    const size_t bytes = image_bytes(engine->images);

    for (unsigned image = 0; image < pass->n; image++) {
        const struct augment_move move = augment_draw(pass->augmentation, pass->order[image]);
        const uint8_t *pixels = engine->images->pixels + pass->order[image] * bytes;

        for (unsigned y = 0; y < input->height; y++)
            for (unsigned x = 0; x < input->width; x++)
                for (unsigned c = 0; c < input->channels; c++)
                    *value_at(engine, input, image, y, x, c) = augment_value(pass->augmentation, &move, pixels, (int)y,
                                                                             (int)x, (int)c);
    }
}

static void write(void *vector, const double *values, size_t n)
{
    memcpy(vector, values, n * sizeof *values);
}

static void read(const void *vector, double *values, size_t n)
{
    memcpy(values, vector, n * sizeof *values);
}

static void combine(double a, const void *x, double b, void *y, size_t n)
{
    const double *from = x;
    double *to = y;

    for (size_t i = 0; i < n; i++)
        to[i] = a * from[i] + (b != 0 ? b * to[i] : 0);
}

static double norm(const void *vector, size_t n)
{
    const double *values = vector;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i] * values[i];
    return sqrt(sum);
}

static void descend(const struct descent *descent, double scale, const void *gradient, void *momentum, void *weights_,
                    size_t n)
{
    const double *slopes = gradient;
    double *speeds = momentum, *places = weights_;

    for (size_t i = 0; i < n; i++) {
        const double slope = scale * slopes[i] + descent->decay * places[i];

        speeds[i] = descent->momentum * speeds[i] + slope;
        places[i] -= descent->rate * (descent->is_nesterov ? slope + descent->momentum * speeds[i] : speeds[i]);
    }
}

static const struct host_kernels kernels = {
    .size = sizeof(double),
    .scratch = scratch,
    .load = load,
    .forward = { conv_forward, separable_forward, pool_forward, mix_forward, head_forward },
    .backward = { conv_backward, separable_backward, pool_backward, mix_backward, head_backward },
    .measure = measure,
    .denormalize = denormalize,
    .write = write,
    .read = read,
    .combine = combine,
    .norm = norm,
    .descend = descend,
};

static int ref_open(const struct network *network, const struct backend_options *options, struct engine **engine)
{
    return host_open(&kernels, network, options, engine);
}

const struct backend backend_ref = {
    .name = "ref",
    .summary = "plain loops in double precision, one thread: slow, for checking the others",
    .open = ref_open,
    HOST_FUNCTIONS,
};
