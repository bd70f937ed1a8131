/*
 * ENAS' macro controller: an LSTM that names, layer by layer, an operation and the earlier layers to read besides.
 *
 * Pham et al., Efficient Neural Architecture Search via Parameter Sharing (2018), with the macro controller of
 * melodyguan/enas and Katib: one layer, no biases, gates in the order i, f, o, g; operation logits h W, skip logits
 * [-q, q] with q = v' tanh(W1 a_k + W2 h), a_k the state at layer k. All logits become c tanh(logits / T). Two things
 * differ: each layer has a bias of its own on its operations (times 4, to learn faster), and without skips a layer takes one step of the LSTM,
 * fed with the operation before it. Double precision; not thread-safe.
 */
#ifndef HONE_NAS_CONTROLLER_H
#define HONE_NAS_CONTROLLER_H

#include "base/rng.h"
#include "nas/genotype.h"

struct controller_options {
    unsigned n_layers; /* 1 to MACRO_LAYERS_LIMIT */
    unsigned n_operations;
    bool has_skips;
    unsigned hidden_size;
    double temperature, tanh_const; /* T and c; NAN: left out */
    double skip_target;             /* wanted probability of a skip */
};

struct controller;

/* What a gradient is of: loss = -advantage * log p - entropy_weight * H + skip_weight * KL, H the sum of the entropies of
   all choices on the way and KL the mean over layers of the divergence of the skips from their target. */
struct controller_loss {
    double advantage, entropy_weight, skip_weight;
};

/* Parameters start uniform in [-0.1, 0.1), the layers' biases at 0. */
struct controller *controller_create(const struct controller_options *options, uint64_t seed);
void controller_destroy(struct controller *controller);

/* Draw an architecture; heat divides the logits, 1 is the policy itself. Returns its log probability at that heat. */
double controller_sample(struct controller *controller, double heat, struct rng *rng, struct macro *macro);
double controller_log_probability(struct controller *controller, const struct macro *macro);
/* The loss at that architecture; its gradient is added to gradient (controller_n_parameters). */
double controller_gradient(struct controller *controller, const struct macro *macro, const struct controller_loss *loss,
                           double *gradient);

size_t controller_n_parameters(const struct controller *controller);
double *controller_parameters(struct controller *controller);
/* One step of Adam (0.9, 0.999, 1e-8) against the gradient. */
void controller_step(struct controller *controller, const double *gradient, double learning_rate);

#endif
