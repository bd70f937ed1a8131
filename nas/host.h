/*
 * Backends that run in this process: their memory, and the order of their stages. What a stage computes is the backend's
 * table of kernels.
 */
#ifndef HONE_NAS_HOST_H
#define HONE_NAS_HOST_H

#include "nas/backend.h"

struct host_kernels;

struct engine {
    const struct network *network;
    const struct host_kernels *kernels;
    const struct images *sets[IMAGE_SETS];
    unsigned batch, threads;
    size_t bytes; /* of the block that holds all of the following; the scratch begins it */
    /* Arrays of the kernels' kind of number. */
    void *values, *gradients;          /* (batch) times (n_values), (n_gradients); a tensor's images lie side by side */
    void *statistics;                  /* (n_statistics) */
    void *vectors[N_VECTORS];          /* (n_weights) each */
    void *scratch;                     /* kernels' own, */
    size_t scratch_part, scratch_sums; /* and how it is dealt out */
    double *coefficients, *coefficient_gradient; /* (n_coefficients) */
    /* Of the pass that runs. */
    unsigned n;
    enum pass_kind kind;
    const struct images *images; /* the pass' set */
    const uint8_t **labels;      /* (batch) */
    struct pass_result result;
};

struct host_kernels {
    size_t size;            /* of a number */
    bool writes_mixed_once; /* backward[STAGE_MIX] writes the gradients of such tensors, rather than adding to them */
    /* Bytes of scratch for this network. */
    size_t (*scratch)(const struct network *network, unsigned batch, unsigned threads);
    void (*load)(struct engine *engine, const struct pass *pass); /* the images into tensor NETWORK_INPUT */
    /* forward[kind] writes the stage's out; backward[kind] adds to the gradients of what it reads, and to the weights' if the
       pass wants them. */
    void (*forward[N_STAGE_KINDS])(struct engine *engine, const struct stage *stage);
    void (*backward[N_STAGE_KINDS])(struct engine *engine, const struct stage *stage);
    /* A normalised tensor is complete: its mean and rstd, and the running ones. */
    void (*measure)(struct engine *engine, const struct tensor *tensor);
    /* Its gradient is complete: from that of what was read to that of what was written, and those of gamma and beta. */
    void (*denormalize)(struct engine *engine, const struct tensor *tensor);
    void (*write)(void *vector, const double *values, size_t n);
    void (*read)(const void *vector, double *values, size_t n);
    void (*combine)(double a, const void *x, double b, void *y, size_t n);
    double (*norm)(const void *vector, size_t n);
    void (*descend)(const struct descent *descent, double scale, const void *gradient, void *momentum, void *weights,
                    size_t n);
};

/* Of batch normalisation, as PyTorch's. */
#define NORMAL_EPSILON  1e-5
#define NORMAL_MOMENTUM 0.1

int host_open(const struct host_kernels *kernels, const struct network *network, const struct backend_options *options,
              struct engine **engine);
void host_close(struct engine *engine);
void host_write(struct engine *engine, enum vector vector, const double *values);
void host_read(struct engine *engine, enum vector vector, double *values);
void host_combine(struct engine *engine, double a, enum vector x, double b, enum vector y);
double host_norm(struct engine *engine, enum vector vector);
void host_descend(struct engine *engine, const struct descent *descent);
void host_set_coefficients(struct engine *engine, const double *coefficients);
void host_coefficient_gradient(struct engine *engine, double *gradient);
int host_run(struct engine *engine, const struct pass *pass, struct pass_result *result);

/* All of struct backend but name, summary and open. */
#define HOST_FUNCTIONS                                                                                       \
    .close = host_close, .write = host_write, .read = host_read, .combine = host_combine, .norm = host_norm, \
    .descend = host_descend, .set_coefficients = host_set_coefficients,                                      \
    .coefficient_gradient = host_coefficient_gradient, .run = host_run

#endif
