/*
 * Search spaces that several tests use.
 */
#ifndef HONE_TESTS_SUGGEST_SPACES_H
#define HONE_TESTS_SUGGEST_SPACES_H

#include "base/rng.h"
#include "base/status.h"
#include "suggest/space.h"
#include "tests/test.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SPACE(array) ((struct space){ COUNT(array), array })

static const char *const three_texts[] = { "sgd", "adam", "ftrl" };
static const char *const discrete_texts[] = { "0.10", "0.5", "2", "1e1" };
static const double discrete_numbers[] = { 0.1, 0.5, 2, 10 };
static const double adam_only[] = { 1 };
static const struct activation if_adam = { .parameter = 0, .values = adam_only, .n_values = 1 };
static const struct activation if_deep = { .parameter = 2, .min = 2, .max = 3 };

/* Architectures of three layers, skips searched. */
#define DECISION(text, n)                                                                   \
    {                                                                                       \
        .name = text, .type = PARAMETER_CATEGORICAL, .n_choices = n, .choices = three_texts \
    }
static const struct parameter architecture_parameters[] = {
    DECISION("operation_1", 3), DECISION("operation_2", 3), DECISION("operation_3", 3),
    DECISION("skip_2_1", 2),    DECISION("skip_3_1", 2),    DECISION("skip_3_2", 2),
};
enum { ARCHITECTURE_LAYERS = 3, ARCHITECTURE_SIZE = 3 * 3 * 3 * 2 * 2 * 2 };

/* Every type, distribution and kind of condition, continuous. */
static const struct parameter mixed_parameters[] = {
    { .name = "optimizer", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
    { .name = "beta", .type = PARAMETER_DOUBLE, .min = 0.8, .max = 0.999, .activation = &if_adam },
    { .name = "layers", .type = PARAMETER_INT, .min = 1, .max = 4, .step = 1 },
    { .name = "width", .type = PARAMETER_INT, .min = 8, .max = 512, .step = 8, .activation = &if_deep },
    { .name = "lr", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1e-5, .max = 1 },
    { .name = "decay", .type = PARAMETER_DOUBLE, .min = 0, .max = 1, .step = 0.05 },
    { .name = "bias", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_NORMAL, .min = -3, .max = 3 },
    { .name = "noise", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_NORMAL, .min = 0.01, .max = 100 },
    { .name = "batch",
      .type = PARAMETER_INT,
      .distribution = DISTRIBUTION_LOG_UNIFORM,
      .min = 1,
      .max = 1024,
      .step = 1 },
    { .name = "units", .type = PARAMETER_INT, .distribution = DISTRIBUTION_NORMAL, .min = 10, .max = 100, .step = 10 },
    { .name = "scale",
      .type = PARAMETER_DOUBLE,
      .distribution = DISTRIBUTION_LOG_NORMAL,
      .min = 0.5,
      .max = 8,
      .step = 0.25 },
    { .name = "dropout",
      .type = PARAMETER_DISCRETE,
      .n_choices = 4,
      .choices = discrete_texts,
      .numbers = discrete_numbers },
    { .name = "epochs", .type = PARAMETER_INT, .min = 1, .max = 1, .step = 1 },
};

/* A finite space with conditions below conditions: 2 + 3 * (1 + 2 * 3) = 23 points of the first tree, times 4. */
static const struct activation if_second = { .parameter = 0, .min = 3, .max = 5 };
static const double wide_values[] = { 0.2, 0.3 };
static const struct activation if_wide = { .parameter = 1, .values = wide_values, .n_values = 2 };
static const struct parameter finite_parameters[] = {
    { .name = "depth", .type = PARAMETER_INT, .min = 1, .max = 5, .step = 1 },
    { .name = "width", .type = PARAMETER_DOUBLE, .min = 0.1, .max = 0.3, .step = 0.1, .activation = &if_second },
    { .name = "kind", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts, .activation = &if_wide },
    { .name = "rate",
      .type = PARAMETER_DISCRETE,
      .n_choices = 4,
      .choices = discrete_texts,
      .numbers = discrete_numbers },
};
enum { FINITE_SIZE = 92 };

static inline bool is_same_value(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

static inline bool is_same_point(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_same_value(a[i], b[i]))
            return false;
    return true;
}

/* values are members of the space, NAN exactly where inactive. */
static inline void assert_in_space(const struct space *space, const double *values)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if (!space_is_active(space, values, i)) {
            assert_true(isnan(values[i]));
            continue;
        }
        double low = parameter_is_choice(p) ? 0 : p->min,
               high = parameter_is_choice(p) ? (double)p->n_choices - 1 : p->max;
        assert_true(values[i] >= low && values[i] <= high);
        if (p->type != PARAMETER_DOUBLE)
            assert_true(values[i] == floor(values[i]));
        if (p->step > 0)
            assert_true(fabs(remainder(values[i] - p->min, p->step)) < 1e-9 * p->step);
    }
}

/* Upper bound of a chi-square with so many degrees of freedom, passed by chance once in a million (Wilson-Hilferty). */
static inline double chi_square_limit(double degrees)
{
    double a = 2 / (9 * degrees), z = 4.753;

    return degrees * pow(1 - a + z * sqrt(a), 3);
}

#endif
