/*
 * How a mixture's coefficients are made of the architecture's numbers, the alphas, and the chain rule back.
 *
 * Alphas: (N_CELL_TYPES, edges, operations), then, if edges are weighted, (N_CELL_TYPES, edges). Coefficients: cell_space.h. An
 * edge's weight is the softmax over the edges into its node.
 */
#ifndef HONE_NAS_RELAXATION_H
#define HONE_NAS_RELAXATION_H

#include "base/rng.h"
#include "nas/cell_space.h"

struct relaxation {
    const char *name, *summary; /* name: as users write it; never renamed */
    unsigned partial;           /* of cell_space, by default */
    bool weighs_edges;
    double hot, cold; /* temperature at the first and the last epoch; of no use to others than those who read it */
    /* Weights of the n operations of an edge. memory: (n), what back needs besides. */
    void (*weigh)(const double *alphas, unsigned n, double temperature, struct rng *rng, double *weights,
                  double *memory);
    /* From dL / d weights to dL / d alphas. */
    void (*back)(const double *alphas, const double *weights, const double *memory, unsigned n, double temperature,
                 const double *slopes, double *gradient);
};

/* All of them, ended by NULL; the first is the default. To add one: write it, add one line in relaxations.c. */
extern const struct relaxation *const relaxations[];
extern const struct relaxation relaxation_pc_darts, relaxation_darts, relaxation_gdas, relaxation_drnas;

/* NULL: none of that name. */
const struct relaxation *relaxation_find(const char *name);

size_t relaxation_n_alphas(const struct relaxation *relaxation, const struct cell_space *space);

/* One draw of the coefficients, and room for what the way back needs. */
struct mixture {
    const struct relaxation *relaxation;
    const struct cell_space *space;
    double *weights, *memory; /* (types, edges, operations) */
    double *edges;            /* (types, edges): 1 if they are not weighted */
};

struct mixture *mixture_create(const struct relaxation *relaxation, const struct cell_space *space);
void mixture_destroy(struct mixture *mixture); /* accepts NULL */
void mixture_relax(struct mixture *mixture, const double *alphas, double temperature, struct rng *rng,
                   double *coefficients);
/* For the last draw. gradient: (n_alphas), written. */
void mixture_back(const struct mixture *mixture, const double *alphas, double temperature, const double *slopes,
                  double *gradient);
/* Add weight times the gradient of the mean over edges of log sum exp(alpha), a type at a time (Ye et al., beta-DARTS (2022)). */
void mixture_decay(const struct mixture *mixture, const double *alphas, double weight, double *gradient);

/* Which number ranks edges and operations: DARTS' softmax over the operations (times the edge's weight), or alpha itself, as
   Katib does. */
enum ranking { RANK_SOFTMAX, RANK_ALPHA };

/* Each node keeps the two edges whose best operation ranks first, strongest first; none is never chosen. Types that the network has
   not (has_type false) get no nodes. */
void mixture_genotype(const struct mixture *mixture, const double *alphas, enum ranking ranking,
                      const bool has_type[N_CELL_TYPES], struct genotype *genotype);

void softmax(const double *values, unsigned n, double *shares);

#endif
