/*
 * What a parameter must be so that every other function can take it for granted.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suggest/space.h"

enum { PARAMETERS_LIMIT = 4096 };
static const double WHOLE_LIMIT = 9007199254740992.0;   /* 2^53: ints beyond it are not exact */
static const double STEPS_LIMIT = 1125899906842624.0;   /* 2^50: coordinates still tell neighbours apart */
static const double BENT_STEPS_LIMIT = 1099511627776.0; /* 2^40: the same after log or a normal distribution */

static bool is_whole(double x)
{
    return x == floor(x) && fabs(x) <= WHOLE_LIMIT;
}

static const char *name_fault(const struct space *space, size_t i, struct arena *arena)
{
    const char *name = space->parameters[i].name;

    if (i >= PARAMETERS_LIMIT)
        return arena_printf(arena, "parameters: expected at most %d of them, got %zu", PARAMETERS_LIMIT, space->n);
    if (name == NULL || name[0] == '\0')
        return "name: expected a name, got nothing";
    for (size_t j = 0; j < i; j++)
        if (text_equal(space->parameters[j].name, name))
            return arena_printf(arena, "name: expected a name of its own, got \"%s\" again", name);
    return NULL;
}

static const char *discrete_fault(const struct parameter *p, struct arena *arena)
{
    for (size_t k = 0; k < p->n_choices; k++) {
        if (!isfinite(p->numbers[k]))
            return arena_printf(arena, "feasibleSpace.list: expected numbers, got \"%s\"", p->choices[k]);
        if (k > 0 && p->numbers[k] < p->numbers[k - 1])
            return arena_printf(arena, "feasibleSpace.list: expected ascending numbers, got \"%s\" after \"%s\"",
                                p->choices[k], p->choices[k - 1]);
        if (k > 0 && p->numbers[k] == p->numbers[k - 1])
            return arena_printf(arena, "feasibleSpace.list: expected different values, got \"%s\" and \"%s\"",
                                p->choices[k - 1], p->choices[k]);
    }
    return NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *categorical_fault(const struct parameter *p, struct arena *arena)
{
    const char **sorted = arena_array(arena, p->n_choices, sizeof *sorted);

    memcpy(sorted, p->choices, p->n_choices * sizeof *sorted);
    qsort(sorted, p->n_choices, sizeof *sorted, compare_texts);
    for (size_t k = 1; k < p->n_choices; k++)
        if (strcmp(sorted[k - 1], sorted[k]) == 0)
            return arena_printf(arena, "feasibleSpace.list: expected different values, got \"%s\" twice", sorted[k]);
    return NULL;
}

static const char *choices_fault(const struct parameter *p, struct arena *arena)
{
    if (p->n_choices == 0)
        return "feasibleSpace.list: expected at least one value, got none";
    return p->type == PARAMETER_DISCRETE ? discrete_fault(p, arena) : categorical_fault(p, arena);
}

static const char *int_fault(const struct parameter *p, struct arena *arena)
{
    if (!is_whole(p->min))
        return arena_printf(arena, "feasibleSpace.min: expected a whole number up to 2^53, got %.15g", p->min);
    if (!is_whole(p->max))
        return arena_printf(arena, "feasibleSpace.max: expected a whole number up to 2^53, got %.15g", p->max);
    if (!is_whole(p->step) || p->step < 1)
        return arena_printf(arena, "feasibleSpace.step: expected a whole number of 1 or more, got %.15g", p->step);
    return NULL;
}

static const char *step_fault(const struct space *space, size_t i, struct arena *arena)
{
    const struct parameter *p = &space->parameters[i];
    double limit = p->distribution == DISTRIBUTION_UNIFORM ? STEPS_LIMIT : BENT_STEPS_LIMIT;

    if (!isfinite(p->step) || p->step < 0)
        return arena_printf(arena, "feasibleSpace.step: expected a number above 0, got %.15g", p->step);
    if (p->max > p->min && p->step > p->max - p->min)
        return arena_printf(arena, "feasibleSpace.step: expected at most max - min = %.15g, got %.15g", p->max - p->min,
                            p->step);
    if (p->step > 0 && space_parameter_size(space, i) > limit)
        return arena_printf(arena, "feasibleSpace.step: expected at most %.0f steps from min to max, got %.15g", limit,
                            space_parameter_size(space, i));
    return NULL;
}

static const char *range_fault(const struct space *space, size_t i, struct arena *arena)
{
    const struct parameter *p = &space->parameters[i];
    bool is_log = p->distribution == DISTRIBUTION_LOG_UNIFORM || p->distribution == DISTRIBUTION_LOG_NORMAL;
    const char *fault;

    if (!isfinite(p->min))
        return arena_printf(arena, "feasibleSpace.min: expected a finite number, got %g", p->min);
    if (!isfinite(p->max))
        return arena_printf(arena, "feasibleSpace.max: expected a finite number, got %g", p->max);
    if (p->min > p->max)
        return arena_printf(arena, "feasibleSpace.min: expected at most max = %.15g, got %.15g", p->max, p->min);
    if (is_log && p->min <= 0)
        return arena_printf(arena, "feasibleSpace.min: expected a number above 0 for %s, got %.15g",
                            distribution_names[p->distribution], p->min);
    if (p->type == PARAMETER_INT && (fault = int_fault(p, arena)) != NULL)
        return fault;
    return step_fault(space, i, arena);
}

/* Is value one that parameter i can take? */
static bool is_member(const struct space *space, size_t i, double value)
{
    const struct parameter *p = &space->parameters[i];

    if (parameter_is_choice(p))
        return value >= 0 && value < (double)p->n_choices && value == floor(value);
    if (!(value >= p->min && value <= p->max))
        return false;
    if (p->step == 0)
        return true;
    double k = nearbyint((value - p->min) / p->step);
    return k < space_parameter_size(space, i) && space_parameter_value(space, i, (uint64_t)k) == value;
}

static const char *range_condition_fault(const struct parameter *earlier, const struct activation *a,
                                         struct arena *arena)
{
    double low = parameter_is_choice(earlier) ? 0 : earlier->min;
    double high = parameter_is_choice(earlier) ? (double)earlier->n_choices - 1 : earlier->max;

    if (!(a->min <= a->max))
        return arena_printf(arena, "condition.min: expected at most max = %.15g, got %.15g", a->max, a->min);
    if (a->min > high || a->max < low)
        return arena_printf(arena, "condition: expected a range that %s can reach, got [%.15g, %.15g]", earlier->name,
                            a->min, a->max);
    return NULL;
}

static const char *condition_fault(const struct space *space, size_t i, struct arena *arena)
{
    const struct activation *a = space->parameters[i].activation;

    if (a->parameter >= i)
        return a->parameter < space->n
                   ? arena_printf(arena, "condition.parameter: expected an earlier parameter, got \"%s\"",
                                  space->parameters[a->parameter].name)
                   : "condition.parameter: expected an earlier parameter, got an unknown one";
    if (a->values == NULL)
        return range_condition_fault(&space->parameters[a->parameter], a, arena);
    if (a->n_values == 0)
        return "condition.in: expected at least one value, got none";
    for (size_t v = 0; v < a->n_values; v++)
        if (!is_member(space, a->parameter, a->values[v]))
            return arena_printf(arena, "condition.in: expected values of \"%s\", got %.15g",
                                space->parameters[a->parameter].name, a->values[v]);
    return NULL;
}

const char *space_fault(const struct space *space, size_t i, struct arena *arena)
{
    const struct parameter *p = &space->parameters[i];
    const char *fault = name_fault(space, i, arena);

    if (fault == NULL)
        fault = parameter_is_choice(p) ? choices_fault(p, arena) : range_fault(space, i, arena);
    if (fault == NULL && p->activation != NULL)
        fault = condition_fault(space, i, arena);
    return fault;
}
