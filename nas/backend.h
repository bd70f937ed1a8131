/*
 * What runs networks: memory for one network and a batch, passes over it, and arithmetic on its flat vectors.
 *
 * Numbers cross the interface as doubles; how a backend stores them is its own matter. All of it is deterministic: the same calls
 * give the same bits, whatever the threads. Nothing is allocated after open.
 */
#ifndef HONE_NAS_BACKEND_H
#define HONE_NAS_BACKEND_H

#include "nas/data/augment.h"
#include "nas/network.h"

/* Flat arrays of the weights' size that every engine has. */
enum vector {
    VECTOR_WEIGHTS,
    VECTOR_GRADIENT,
    VECTOR_MOMENTUM,
    VECTOR_SAVED,     /* second order: the weights to come back to, */
    VECTOR_DIRECTION, /* and the direction of the difference */
    N_VECTORS,
};

enum { IMAGE_SETS = 2 };

struct backend_options {
    unsigned batch;   /* most images a pass */
    unsigned threads; /* 0: all cores */
    const struct images
        *sets[IMAGE_SETS]; /* of the network's input size, or NULL; the caller's, for as long as the engine */
};

enum pass_kind {
    PASS_EVALUATE,     /* forward, with the running statistics */
    PASS_COEFFICIENTS, /* forward and backward to the coefficients */
    PASS_WEIGHTS,      /* and to the weights as well */
};

struct pass {
    enum pass_kind kind;
    unsigned n;            /* images, 1 to the options' batch */
    unsigned set;          /* of the options */
    const uint32_t *order; /* (n) which of its images */
    const struct augmentation *augmentation;
};

struct pass_result {
    double loss; /* mean cross entropy */
    unsigned n_correct;
};

/* Gradient descent with momentum: g = gradient scaled to a norm of at most clip, + decay * weights; m = momentum * m + g;
   weights -= rate * m, or rate * (g + momentum * m) after Nesterov. */
struct descent {
    double rate, momentum, decay;
    double clip; /* INFINITY: none */
    bool is_nesterov;
};

struct engine;

struct backend {
    const char *name, *summary;
    /* ERR_UNSUPPORTED: not in this build, or no such device; ERR_LIMIT: it does not fit. */
    int (*open)(const struct network *network, const struct backend_options *options, struct engine **engine);
    void (*close)(struct engine *engine); /* accepts NULL */

    void (*write)(struct engine *engine, enum vector vector, const double *values); /* (n_weights) */
    void (*read)(struct engine *engine, enum vector vector, double *values);
    /* y = a * x + b * y; b = 0 copies whatever y held. */
    void (*combine)(struct engine *engine, double a, enum vector x, double b, enum vector y);
    double (*norm)(struct engine *engine, enum vector vector); /* Euclidean */
    void (*descend)(struct engine *engine, const struct descent *descent);

    void (*set_coefficients)(struct engine *engine, const double *coefficients); /* (n_coefficients) */
    /* Of the last pass that was no evaluation: dL / d coefficient. */
    void (*coefficient_gradient)(struct engine *engine, double *gradient);
    int (*run)(struct engine *engine, const struct pass *pass, struct pass_result *result);
};

extern const struct backend backend_cpu, backend_ref;
/* All of them, ended by NULL; the first is the default. To add one: write its folder, add one line in backends.c. */
extern const struct backend *const backends[];

/* ERR_INVALID, naming those that are there: no such backend. name NULL: the default. */
int backend_find(const char *name, const struct backend **backend);

#endif
