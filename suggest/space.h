/*
 * The search space: typed parameters, and the ways between values, model coordinates and text.
 *
 * A value is a double in the parameter's own units: the number itself for double and int, the index of the choice for
 * discrete (choices sorted by number) and categorical (choices in the order of the file), NAN when inactive.
 * A model coordinate is in [0, 1] for double, int and discrete (after log, or through the normal's distribution function
 * where the prior is normal), the index for categorical, NAN when inactive. Values with a step sit on min + k * step, ints
 * on whole numbers. Such a value owns the cell that reaches half a step to either side, also at the ends: with a uniform
 * distribution all have the same share of [0, 1], with another the share its cell has of the distribution.
 *
 * normal and logNormal: mean in the middle of [min, max], standard deviation (max - min) / 6, truncated to [min, max]
 * (Katib's hyperopt service, made bounded).
 */
#ifndef HONE_SUGGEST_SPACE_H
#define HONE_SUGGEST_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"

enum parameter_type { PARAMETER_DOUBLE, PARAMETER_INT, PARAMETER_DISCRETE, PARAMETER_CATEGORICAL };
extern const char *const parameter_type_names[]; /* Katib's spelling, ended by NULL */

enum distribution { DISTRIBUTION_UNIFORM, DISTRIBUTION_LOG_UNIFORM, DISTRIBUTION_NORMAL, DISTRIBUTION_LOG_NORMAL };
extern const char *const distribution_names[]; /* uniform, logUniform, normal, logNormal */

/* Active only if an earlier parameter is active and has one of these choices, or lies in [min, max]. */
struct activation {
    size_t parameter;     /* index of the earlier one */
    const double *values; /* (n_values) values in its units; NULL: the range counts */
    size_t n_values;
    double min, max;
};

struct parameter {
    const char *name;
    enum parameter_type type;
    enum distribution distribution;
    double min, max, step; /* step 0: continuous (double); ints have step >= 1 */
    size_t n_choices;
    const char *const *choices;          /* (n_choices) texts as in the file */
    const double *numbers;               /* (n_choices) of a discrete one, ascending */
    const struct activation *activation; /* NULL: always active */
};

/* Has it a list of choices? */
static inline bool parameter_is_choice(const struct parameter *p)
{
    return p->type == PARAMETER_DISCRETE || p->type == PARAMETER_CATEGORICAL;
}

/* Parameters are only ever added, so an index stays true. Everything in the arena of whoever built it. */
struct space {
    size_t n;
    const struct parameter *parameters; /* (n) */
};

/* What is wrong with parameter i by itself or with the ones before it, as "field: expected ..., got ..."; NULL: nothing.
   Written for tests and for whoever builds a space by other means than a file. */
const char *space_fault(const struct space *space, size_t i, struct arena *arena);

/* The same space, everything in this arena: for who outlives its owner. */
struct space space_copy(const struct space *space, struct arena *arena);

/* values (n) from coordinates x (n); activity is decided from the earlier values. A continuous value is rounded to a decimal grid of
   1e-8 of the range, on a log scale of the value: 0.0401672, not 0.040167196486033334. */
void space_decode(const struct space *space, const double *x, double *values);
/* Coordinates of values; the middle of the cell for stepped ones, so that decode(encode(v)) is v. */
void space_encode(const struct space *space, const double *values, double *x);
/* Coordinates of a random point: uniform in [0, 1), every choice of a categorical as likely as the others. */
void space_draw(const struct space *space, struct rng *rng, double *x);
/* Does that value of the earlier parameter switch on? Never when it is inactive itself (NAN). */
bool activation_holds(const struct activation *activation, double value);
/* Is parameter i active given the values of the earlier ones? */
bool space_is_active(const struct space *space, const double *values, size_t i);
/* Number of different values of parameter i; INFINITY if continuous. */
double space_parameter_size(const struct space *space, size_t i);
/* Number of different points, conditions counted by walking; INFINITY if any parameter is continuous. */
double space_size(const struct space *space);
/* k-th value of a parameter with finitely many, 0 <= k < size. */
double space_parameter_value(const struct space *space, size_t i, uint64_t k);

/* Text of a value as a user would write it: 0.05, 128 (ints never with an exponent), the choice. Shortest that parses back
   to the same value. NULL for NAN. In the arena. */
const char *space_format(const struct space *space, size_t i, double value, struct arena *arena);
/* Value of a text; ERR_INVALID when it is no member (out of range, off the step by more than rounding, unknown choice). */
int space_parse(const struct space *space, size_t i, const char *text, double *value);

/* All values as one compact packed string (msgpack array: ints as ints, doubles as doubles, choices as index, nil when
   inactive), and back. What the space has gained since is inactive. Unpack fails with ERR_CORRUPT if there are too many, or one
   does not fit the space. */
void space_pack(const struct space *space, const double *values, struct text *out);
int space_unpack(const struct space *space, const void *bytes, size_t length, double *values);

#endif
