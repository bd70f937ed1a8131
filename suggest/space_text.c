/*
 * Values as the text a user would write, and back.
 */
#include <math.h>

#include "base/number.h"
#include "base/status.h"
#include "suggest/space.h"

const char *space_format(const struct space *space, size_t i, double value, struct arena *arena)
{
    const struct parameter *p = &space->parameters[i];
    char buffer[NUMBER_TEXT_SIZE];

    if (isnan(value))
        return NULL;
    switch (p->type) {
    case PARAMETER_INT:
        return arena_printf(arena, "%.0f", value);
    case PARAMETER_DOUBLE:
        return arena_strdup(arena, number_format(value, buffer));
    default:
        return arena_strdup(arena, p->choices[(size_t)value]);
    }
}

static int parse_choice(const struct parameter *p, const char *text, double *value)
{
    double number;

    for (size_t k = 0; k < p->n_choices; k++) {
        if (text_equal(text, p->choices[k])) {
            *value = (double)k;
            return 0;
        }
    }
    if (p->type == PARAMETER_DISCRETE && number_parse(text, &number)) {
        for (size_t k = 0; k < p->n_choices; k++) {
            if (p->numbers[k] == number) {
                *value = (double)k;
                return 0;
            }
        }
    }
    return fail(ERR_INVALID, "%s: expected one of its %zu values, got \"%s\"", p->name, p->n_choices, text);
}

int space_parse(const struct space *space, size_t i, const char *text, double *value)
{
    const struct parameter *p = &space->parameters[i];
    double number;

    if (p->type == PARAMETER_DISCRETE || p->type == PARAMETER_CATEGORICAL)
        return parse_choice(p, text, value);
    if (!number_parse(text, &number))
        return fail(ERR_INVALID, "%s: expected a number, got \"%s\"", p->name, text);
    if (number < p->min || number > p->max)
        return fail(ERR_INVALID, "%s: expected a number in [%.15g, %.15g], got %s", p->name, p->min, p->max, text);
    if (p->step > 0) {
        double k = fmin(nearbyint((number - p->min) / p->step), space_parameter_size(space, i) - 1);
        double nearest = space_parameter_value(space, i, (uint64_t)k);
        if (fabs(nearest - number) > 1e-9 * p->step)
            return fail(ERR_INVALID, "%s: expected %.15g plus a multiple of %.15g, got %s", p->name, p->min, p->step,
                        text);
        number = nearest;
    }
    *value = number + 0.0;
    return 0;
}
