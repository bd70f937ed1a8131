/*
 * Katib's checks of the resource settings.
 */
#include "suggest/resource_settings.h"

static const char *check_resource(const struct space *space, const char *name)
{
    for (size_t i = 0; i < space->n; i++)
        if (text_equal(space->parameters[i].name, name))
            return parameter_is_choice(&space->parameters[i])
                       ? "value of resource_name setting must be an int or double."
                       : NULL;
    return "value of resource_name setting must be in parameters.";
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
    if (!(values[R_L].number > 0))
        return "r_l must be a positive float number.";
    if (values[ETA].number > 0 && values[ETA].number <= 1)
        return arena_printf(arena, "eta must be greater than 1, got %g.", values[ETA].number);
    return problem->space ? check_resource(problem->space, values[RESOURCE_NAME].text) : NULL;
}
