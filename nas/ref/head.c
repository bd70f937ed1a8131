/*
 * Mean over the image, linear layer, softmax and cross entropy.
 */
#include <math.h>

#include "nas/ref/ref.h"

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

void ref_head_forward(struct engine *engine, const struct stage *stage)
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

void ref_head_backward(struct engine *engine, const struct stage *stage)
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
