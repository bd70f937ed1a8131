/*
 * Mean over the image, linear layer, softmax and cross entropy. It is small: one thread.
 */
#include <math.h>
#include <string.h>

#include "nas/cpu/cpu.h"

struct buffers {
    float *lines, *means;   /* (2, in), (in) */
    float *logits, *slopes; /* (classes), (in) */
};

static struct buffers take(const struct network *network, const struct stage *stage, struct room *room)
{
    struct buffers b;

    b.lines = room_take(room, 2 * stage->in.channels);
    b.means = room_take(room, stage->in.channels);
    b.logits = room_take(room, network->n_classes);
    b.slopes = room_take(room, stage->in.channels);
    return b;
}

size_t cpu_head_floats(const struct network *network, const struct stage *stage)
{
    struct room room = { 0 };

    take(network, stage, &room);
    return room.used;
}

static void image_logits(const struct engine *engine, const struct stage *stage, const struct buffers *b,
                         unsigned image)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    const unsigned n_in = stage->in.channels, n = engine->network->n_classes;
    const size_t area = (size_t)tensor->height * tensor->width;
    const float *in = cpu_values(engine, &stage->in, image), *weight = cpu_weights(engine, stage->weights);

    memset(b->means, 0, n_in * sizeof *b->means);
    for (size_t i = 0; i < area; i++, in += tensor->channels)
        for (unsigned c = 0; c < n_in; c++)
            b->means[c] += in[c];
    memcpy(b->logits, weight + (size_t)n_in * n, n * sizeof *b->logits);
    for (unsigned c = 0; c < n_in; c++) {
        b->means[c] = b->means[c] / (float)area * b->lines[c] + b->lines[n_in + c];
        for (unsigned k = 0; k < n; k++)
            b->logits[k] += b->means[c] * weight[(size_t)c * n + k];
    }
}

/* The logarithm of the sum of exponentials; logits become probabilities. */
static double probabilities(float *logits, unsigned n)
{
    float top = logits[0];
    double sum = 0;

    for (unsigned k = 1; k < n; k++)
        top = fmaxf(top, logits[k]);
    for (unsigned k = 0; k < n; k++)
        sum += exp((double)(logits[k] - top));
    for (unsigned k = 0; k < n; k++)
        logits[k] = (float)(exp((double)(logits[k] - top)) / sum);
    return (double)top + log(sum);
}

void cpu_head_forward(struct engine *engine, const struct stage *stage)
{
    struct part part = cpu_part(engine, 0);
    const struct buffers b = take(engine->network, stage, &part.room);
    const unsigned n = engine->network->n_classes;

    cpu_normal_lines(engine, &stage->in, b.lines, b.lines + stage->in.channels);
    for (unsigned image = 0; image < engine->n; image++) {
        const unsigned label = *engine->labels[image];
        unsigned best = 0;
        double wanted;

        image_logits(engine, stage, &b, image);
        wanted = (double)b.logits[label];
        for (unsigned k = 1; k < n; k++)
            if (b.logits[k] > b.logits[best])
                best = k;
        engine->result.n_correct += best == label;
        engine->result.loss += (probabilities(b.logits, n) - wanted) / engine->n;
    }
}

static void backward_image(struct engine *engine, const struct stage *stage, const struct buffers *b, unsigned image)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    const unsigned n_in = stage->in.channels, n = engine->network->n_classes;
    const size_t area = (size_t)tensor->height * tensor->width;
    const float *weight = cpu_weights(engine, stage->weights);
    float *gradient = (float *)engine->vectors[VECTOR_GRADIENT] + stage->weights,
          *out = cpu_gradients(engine, &stage->in, image);

    for (unsigned c = 0; c < n_in; c++) {
        float sum = 0;

        for (unsigned k = 0; k < n; k++)
            sum += weight[(size_t)c * n + k] * b->logits[k];
        b->slopes[c] = sum / (float)area;
        for (unsigned k = 0; wants_weights(engine) && k < n; k++)
            gradient[(size_t)c * n + k] += b->means[c] * b->logits[k];
    }
    for (unsigned k = 0; wants_weights(engine) && k < n; k++)
        gradient[(size_t)n_in * n + k] += b->logits[k];
    for (size_t i = 0; i < area; i++, out += tensor->channels)
        for (unsigned c = 0; c < n_in; c++)
            out[c] += b->slopes[c];
}

void cpu_head_backward(struct engine *engine, const struct stage *stage)
{
    struct part part = cpu_part(engine, 0);
    const struct buffers b = take(engine->network, stage, &part.room);
    const unsigned n = engine->network->n_classes;

    cpu_normal_lines(engine, &stage->in, b.lines, b.lines + stage->in.channels);
    for (unsigned image = 0; image < engine->n; image++) {
        image_logits(engine, stage, &b, image);
        probabilities(b.logits, n);
        b.logits[*engine->labels[image]] -= 1;
        for (unsigned k = 0; k < n; k++)
            b.logits[k] /= (float)engine->n;
        backward_image(engine, stage, &b, image);
    }
}
