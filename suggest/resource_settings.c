/*
 * Katib's checks of the resource settings, and ours.
 */
#include "suggest/resource_settings.h"

#include <assert.h>

static size_t find_parameter(const struct space *space, const char *name)
{
    for (size_t i = 0; i < space->n; i++)
        if (text_equal(space->parameters[i].name, name))
            return i;
    return SIZE_MAX;
}

static double eta_of(const struct setting_value *values)
{
    return values[ETA].number > 0 ? values[ETA].number : 3; /* Katib's */
}

static double min_resource_of(const struct parameter *p, const struct setting_value *values)
{
    double fallback = fmin(1, values[R_L].number);

    if (values[MIN_RESOURCE].given)
        return values[MIN_RESOURCE].number;
    return p->min < p->max ? fmax(fallback, p->min) : fallback;
}

static bool is_conditional(const struct space *space, size_t parameter)
{
    for (size_t i = parameter + 1; i < space->n; i++)
        if (space->parameters[i].activation != NULL && space->parameters[i].activation->parameter == parameter)
            return true;
    return space->parameters[parameter].activation != NULL;
}

static const char *check_range(const struct parameter *p, const struct setting_value *values, struct arena *arena)
{
    double max = values[R_L].number, min = min_resource_of(p, values);

    if (p->min < p->max && !(max >= p->min && max <= p->max))
        return arena_printf(arena, "r_l must be in the feasibleSpace of %s, [%.15g, %.15g], got %.15g.", p->name,
                            p->min, p->max, max);
    if (!(min > 0 && min <= max))
        return arena_printf(arena, "min_resource must be in (0, r_l], got %.15g.", min);
    if (p->min < p->max && min < p->min)
        return arena_printf(arena, "min_resource must be in the feasibleSpace of %s, [%.15g, %.15g], got %.15g.",
                            p->name, p->min, p->max, min);
    if (p->type == PARAMETER_INT && min < 1)
        return arena_printf(arena, "min_resource must be 1 or more, for %s is an int, got %.15g.", p->name, min);
    if (rungs_exponent(max / min, eta_of(values)) >= RUNGS_LIMIT)
        return arena_printf(arena, "eta is too near to 1: from %.15g to %.15g it makes more than %d rungs.", min, max,
                            RUNGS_LIMIT);
    return NULL;
}

static const char *check_resource(const struct space *space, const struct setting_value *values, struct arena *arena)
{
    size_t i = find_parameter(space, values[RESOURCE_NAME].text);

    if (i == SIZE_MAX)
        return "value of resource_name setting must be in parameters.";
    if (parameter_is_choice(&space->parameters[i]))
        return "value of resource_name setting must be an int or double.";
    if (is_conditional(space, i))
        return arena_printf(arena, "%s takes the resource: it can have no condition, nor can one depend on it.",
                            space->parameters[i].name);
    return check_range(&space->parameters[i], values, arena);
}

/* Katib also asks for eta^s_max parallel trials, for it fills whole rungs at once; that falls away. */
const char *check_resource_settings(const struct suggest_problem *problem, const struct setting_value *values,
                                    struct arena *arena)
{
    const char *fault = check_parameters(problem, values, arena);

    if (fault != NULL)
        return fault;
    if (!values[R_L].given || !values[RESOURCE_NAME].given)
        return "r_l and resource_name must be set.";
    if (!(values[R_L].number > 0 && isfinite(values[R_L].number)))
        return "r_l must be a positive float number.";
    if (values[ETA].number > 0 && !(values[ETA].number > 1 && isfinite(values[ETA].number)))
        return arena_printf(arena, "eta must be greater than 1, got %g.", values[ETA].number);
    return problem->space ? check_resource(problem->space, values, arena) : NULL;
}

/* Points that differ in other parameters. */
static double count_points(const struct space *space, size_t parameter)
{
    struct arena arena = { 0 };
    struct parameter *pinned = arena_array(&arena, space->n, sizeof *pinned);

    for (size_t i = 0; i < space->n; i++)
        pinned[i] = space->parameters[i];
    pinned[parameter].max = pinned[parameter].min;
    double n = space_size(&(struct space){ space->n, pinned });
    arena_release(&arena);
    return n;
}

struct resource read_resource_settings(const struct suggest_problem *problem, const struct setting_value *values)
{
    struct resource resource = { .parameter = find_parameter(problem->space, values[RESOURCE_NAME].text) };

    assert(resource.parameter != SIZE_MAX);
    const struct parameter *p = &problem->space->parameters[resource.parameter];
    rungs_init(&resource.rungs, eta_of(values), min_resource_of(p, values), values[R_L].number,
               p->type == PARAMETER_INT);
    resource.n_points = problem->is_noisy ? INFINITY : count_points(problem->space, resource.parameter);
    return resource;
}
