/*
 * A multilayer perceptron on Fashion-MNIST: one hidden layer, softmax, stochastic gradient descent with momentum.
 *
 *     mlp --data DIRECTORY --learning-rate 0.05 --momentum 0.9 --width 64 --batch-size 64 --activation relu --epochs 3
 *
 * A fifth of the training images is held back; each epoch prints the mean training loss and the accuracy on these, as
 * `epoch=1 loss=0.61 accuracy=0.83`, and the last line the accuracy on the test images. The same seed gives the same numbers.
 */
#include <assert.h>
#include <cblas.h>
#include <float.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PIXELS = 28 * 28, CLASSES = 10, WIDTH_LIMIT = 4096, BATCH_LIMIT = 4096, IMAGES_LIMIT = 1 << 20 };

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "mlp: %s: %s\n", what, detail);
    exit(1);
}

static void *allocate(size_t n, size_t size)
{
    void *block;

    assert(n > 0 && size > 0);
    block = calloc(n, size);
    if (!block)
        die("out of memory", "");
    return block;
}

/* Images as floats in [0, 1], (n, PIXELS), row-major. */
struct data {
    size_t n;
    float *images;
    uint8_t *labels;
};

/* The items of an IDX file (http://yann.lecun.com/exdb/mnist): magic number, sizes, bytes. */
static uint8_t *read_idx(const char *directory, const char *name, size_t item, size_t *n)
{
    char path[4096];
    uint8_t head[16];
    int head_size = item > 1 ? 16 : 8;
    uint8_t *bytes;
    gzFile file;

    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
        die(name, "the path is too long");
    file = gzopen(path, "rb");
    if (!file)
        die(path, "cannot be opened; it comes with Debian's dataset-fashion-mnist");
    if (gzread(file, head, (unsigned)head_size) != head_size || head[2] != 8 || head[3] != (item > 1 ? 3 : 1))
        die(path, "is no IDX file of bytes");
    *n = (size_t)head[4] << 24 | (size_t)head[5] << 16 | (size_t)head[6] << 8 | head[7];
    if (*n == 0 || *n > IMAGES_LIMIT)
        die(path, "holds no sensible number of items");
    bytes = allocate(*n, item);
    for (size_t i = 0; i < *n; i++)
        if (gzread(file, bytes + i * item, (unsigned)item) != (int)item)
            die(path, "ends too early");
    gzclose(file);
    return bytes;
}

static struct data read_data(const char *directory, const char *images_name, const char *labels_name)
{
    struct data data = { 0 };
    size_t n_labels;
    uint8_t *bytes = read_idx(directory, images_name, PIXELS, &data.n);

    data.labels = read_idx(directory, labels_name, 1, &n_labels);
    if (n_labels != data.n)
        die(labels_name, "has another number of items than the images");
    for (size_t i = 0; i < n_labels; i++)
        if (data.labels[i] >= CLASSES)
            die(labels_name, "holds a label above 9");
    data.images = allocate(data.n * PIXELS, sizeof *data.images);
    for (size_t i = 0; i < data.n * PIXELS; i++)
        data.images[i] = (float)bytes[i] / 255;
    free(bytes);
    return data;
}

static void release_data(struct data *data)
{
    free(data->images);
    free(data->labels);
}

static uint64_t random_word(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15; /* SplitMix64 (Steele, Lea, Flood 2014) */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static float random_normal(uint64_t *state)
{
    double u = ((double)(random_word(state) >> 11) + 0.5) * 0x1p-53, v = (double)(random_word(state) >> 11) * 0x1p-53;

    return (float)(sqrt(-2 * log(u)) * cos(2 * M_PI * v));
}

static void shuffle(size_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = random_word(state) % i, kept = order[i - 1];

        order[i - 1] = order[k];
        order[k] = kept;
    }
}

/* Activations by value: f(x), and f'(x) as a function of f(x). */
struct activation {
    const char *name;
    float (*value)(float x);
    float (*slope)(float y);
};

static float relu(float x)
{
    return x > 0 ? x : 0;
}

static float relu_slope(float y)
{
    return y > 0;
}

static float leaky(float x)
{
    return x > 0 ? x : 0.1f * x;
}

static float leaky_slope(float y)
{
    return y > 0 ? 1 : 0.1f;
}

static float tanh_slope(float y)
{
    return 1 - y * y;
}

static float sigmoid(float x)
{
    return 1 / (1 + expf(-x));
}

static float sigmoid_slope(float y)
{
    return y * (1 - y);
}

static const struct activation activations[] = {
    { "relu", relu, relu_slope },
    { "leaky-relu", leaky, leaky_slope },
    { "tanh", tanhf, tanh_slope },
    { "sigmoid", sigmoid, sigmoid_slope },
};

static const struct activation *find_activation(const char *name)
{
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        if (strcmp(activations[i].name, name) == 0)
            return &activations[i];
    die("--activation is one of relu, leaky-relu, tanh, sigmoid, got", name);
    return NULL;
}

/* A layer y = x W + b with the velocities of its momentum. W is (n_in, n_out), row-major; b follows it in the same block. */
struct layer {
    int n_in, n_out;
    size_t n; /* weights and biases */
    float *weights, *gradient, *velocity;
};

static struct layer make_layer(int n_in, int n_out, uint64_t *state)
{
    struct layer layer = { .n_in = n_in, .n_out = n_out, .n = ((size_t)n_in + 1) * (size_t)n_out };

    layer.weights = allocate(3 * layer.n, sizeof(float));
    layer.gradient = layer.weights + layer.n;
    layer.velocity = layer.gradient + layer.n;
    for (size_t i = 0; i < (size_t)n_in * (size_t)n_out; i++)
        layer.weights[i] = random_normal(state) * sqrtf(2.0f / (float)n_in); /* He et al. 2015 */
    return layer;
}

static void forward(const struct layer *layer, const float *x, int n, float *y)
{
    const float *bias = layer->weights + (size_t)layer->n_in * (size_t)layer->n_out;

    for (int i = 0; i < n; i++)
        memcpy(y + (size_t)i * (size_t)layer->n_out, bias, sizeof(float) * (size_t)layer->n_out);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, layer->n_out, layer->n_in, 1, x, layer->n_in,
                layer->weights, layer->n_out, 1, y, layer->n_out);
}

/* From dy to the gradient of the weights, and to dx unless that is NULL. */
static void backward(struct layer *layer, const float *x, const float *dy, int n, float *dx)
{
    float *bias = layer->gradient + (size_t)layer->n_in * (size_t)layer->n_out;

    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, layer->n_in, layer->n_out, n, 1, x, layer->n_in, dy,
                layer->n_out, 0, layer->gradient, layer->n_out);
    memset(bias, 0, sizeof(float) * (size_t)layer->n_out);
    for (int i = 0; i < n; i++)
        cblas_saxpy(layer->n_out, 1, dy + (size_t)i * (size_t)layer->n_out, 1, bias, 1);
    if (dx)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, layer->n_in, layer->n_out, 1, dy, layer->n_out,
                    layer->weights, layer->n_out, 0, dx, layer->n_in);
}

static void step(struct layer *layer, float learning_rate, float momentum)
{
    for (size_t i = 0; i < layer->n; i++) {
        float velocity = momentum * layer->velocity[i] - learning_rate * layer->gradient[i];

        layer->velocity[i] = fabsf(velocity) < FLT_MIN ? 0 : velocity; /* subnormal numbers would be very slow */
        layer->weights[i] += layer->velocity[i];
    }
}

struct options {
    const char *data;
    double learning_rate, momentum;
    int width, batch_size, epochs;
    uint64_t seed;
    const struct activation *activation;
};

struct model {
    const struct options *options;
    struct layer hidden, output;
    float *x;                /* (batch_size, PIXELS) */
    float *h, *dh;           /* (batch_size, width) */
    float *scores, *dscores; /* (batch_size, CLASSES) */
};

static struct model make_model(const struct options *options, uint64_t *state)
{
    size_t batch = (size_t)options->batch_size, width = (size_t)options->width;
    struct model model = { .options = options };

    model.hidden = make_layer(PIXELS, options->width, state);
    model.output = make_layer(options->width, CLASSES, state);
    model.x = allocate(batch * (PIXELS + 2 * width + 2 * CLASSES), sizeof(float));
    model.h = model.x + batch * PIXELS;
    model.dh = model.h + batch * width;
    model.scores = model.dh + batch * width;
    model.dscores = model.scores + batch * CLASSES;
    return model;
}

static void release_model(struct model *model)
{
    free(model->hidden.weights);
    free(model->output.weights);
    free(model->x);
}

/* Scores of the images order[0..n). */
static void predict(struct model *model, const struct data *data, const size_t *order, int n)
{
    size_t n_hidden = (size_t)n * (size_t)model->options->width;

    for (int i = 0; i < n; i++)
        memcpy(model->x + (size_t)i * PIXELS, data->images + order[i] * PIXELS, PIXELS * sizeof(float));
    forward(&model->hidden, model->x, n, model->h);
    for (size_t i = 0; i < n_hidden; i++)
        model->h[i] = model->options->activation->value(model->h[i]);
    forward(&model->output, model->h, n, model->scores);
}

/* Cross-entropy of one image's scores, and its gradient divided by n. */
static double loss_of(const float *scores, int label, int n, float *gradient)
{
    float highest = scores[0];
    double sum = 0;

    for (int k = 1; k < CLASSES; k++)
        highest = fmaxf(highest, scores[k]);
    for (int k = 0; k < CLASSES; k++)
        sum += exp((double)(scores[k] - highest));
    for (int k = 0; k < CLASSES; k++)
        gradient[k] = ((float)(exp((double)(scores[k] - highest)) / sum) - (k == label)) / (float)n;
    return log(sum) + highest - scores[label];
}

static double train_batch(struct model *model, const struct data *data, const size_t *order, int n)
{
    const struct options *options = model->options;
    size_t n_hidden = (size_t)n * (size_t)options->width;
    double loss = 0;

    predict(model, data, order, n);
    for (int i = 0; i < n; i++)
        loss += loss_of(model->scores + i * CLASSES, data->labels[order[i]], n, model->dscores + i * CLASSES);
    backward(&model->output, model->h, model->dscores, n, model->dh);
    for (size_t i = 0; i < n_hidden; i++)
        model->dh[i] *= options->activation->slope(model->h[i]);
    backward(&model->hidden, model->x, model->dh, n, NULL);
    step(&model->output, (float)options->learning_rate, (float)options->momentum);
    step(&model->hidden, (float)options->learning_rate, (float)options->momentum);
    return loss;
}

static int batch_at(const struct model *model, size_t i, size_t n)
{
    return n - i < (size_t)model->options->batch_size ? (int)(n - i) : model->options->batch_size;
}

static double accuracy(struct model *model, const struct data *data, const size_t *order, size_t n)
{
    size_t right = 0;

    for (size_t i = 0; i < n; i += (size_t)model->options->batch_size) {
        int batch = batch_at(model, i, n);

        predict(model, data, order + i, batch);
        for (int k = 0; k < batch; k++) {
            const float *scores = model->scores + k * CLASSES;
            int best = 0;

            for (int c = 1; c < CLASSES; c++)
                best = scores[c] > scores[best] ? c : best;
            right += best == data->labels[order[i + (size_t)k]];
        }
    }
    return (double)right / (double)n;
}

static size_t *make_order(size_t n)
{
    size_t *order = allocate(n, sizeof *order);

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    return order;
}

static void train(const struct options *options, const struct data *data, const struct data *test)
{
    uint64_t state = options->seed;
    size_t *order = make_order(data->n), *test_order = make_order(test->n);
    size_t n_held = data->n / 5, n = data->n - n_held; /* order[n..] is held back */
    struct model model = make_model(options, &state);

    shuffle(order, data->n, &state);
    for (int epoch = 1; epoch <= options->epochs; epoch++) {
        double loss = 0;

        shuffle(order, n, &state);
        for (size_t i = 0; i < n; i += (size_t)options->batch_size)
            loss += train_batch(&model, data, order + i, batch_at(&model, i, n));
        printf("epoch=%d loss=%.4f accuracy=%.4f\n", epoch, loss / (double)n,
               accuracy(&model, data, order + n, n_held));
        fflush(stdout);
    }
    printf("test-accuracy=%.4f\n", accuracy(&model, test, test_order, test->n));
    release_model(&model);
    free(test_order);
    free(order);
}

static double read_number(const char *name, const char *text, double min, double max)
{
    char *end;
    double value = strtod(text, &end);
    char detail[256];

    if (*text && *end == '\0' && value >= min && value <= max)
        return value;
    snprintf(detail, sizeof detail, "expected a number from %g to %g, got \"%s\"", min, max, text);
    die(name, detail);
    return 0;
}

static void read_option(const char *name, const char *value, struct options *options)
{
    if (strcmp(name, "data") == 0)
        options->data = value;
    else if (strcmp(name, "learning-rate") == 0)
        options->learning_rate = read_number("--learning-rate", value, 0, 1e6);
    else if (strcmp(name, "momentum") == 0)
        options->momentum = read_number("--momentum", value, 0, 1);
    else if (strcmp(name, "width") == 0)
        options->width = (int)read_number("--width", value, 1, WIDTH_LIMIT);
    else if (strcmp(name, "batch-size") == 0)
        options->batch_size = (int)read_number("--batch-size", value, 1, BATCH_LIMIT);
    else if (strcmp(name, "epochs") == 0)
        options->epochs = (int)read_number("--epochs", value, 1, 1000);
    else if (strcmp(name, "seed") == 0)
        options->seed = (uint64_t)read_number("--seed", value, 0, 0x1p53);
    else
        options->activation = find_activation(value);
}

int main(int argc, char **argv)
{
    static const struct option rows[] = {
        { "data", 1, NULL, 0 },   { "learning-rate", 1, NULL, 0 }, { "momentum", 1, NULL, 0 },
        { "width", 1, NULL, 0 },  { "batch-size", 1, NULL, 0 },    { "activation", 1, NULL, 0 },
        { "epochs", 1, NULL, 0 }, { "seed", 1, NULL, 0 },          { 0 },
    };
    struct options options = { "/usr/share/datasets/fashion-mnist", 0.05, 0.9, 64, 64, 3, 1, &activations[0] };
    struct data data, test;
    int c, row;

    while ((c = getopt_long(argc, argv, "", rows, &row)) == 0)
        read_option(rows[row].name, optarg, &options);
    if (c != -1 || optind < argc)
        die("usage",
            "mlp --data DIRECTORY --learning-rate X --momentum X --width N --batch-size N --activation NAME --epochs N "
            "--seed N");
    data = read_data(options.data, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
    test = read_data(options.data, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz");
    train(&options, &data, &test);
    release_data(&data);
    release_data(&test);
    return 0;
}
