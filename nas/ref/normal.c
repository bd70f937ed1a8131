/*
 * Batch normalisation: moments, and the way back through them.
 */
#include <math.h>

#include "nas/ref/ref.h"

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

void ref_measure(struct engine *engine, const struct tensor *tensor)
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

void ref_denormalize(struct engine *engine, const struct tensor *tensor)
{
    for (unsigned c = 0; c < tensor->channels; c++)
        denormalize_channel(engine, tensor, c);
}
