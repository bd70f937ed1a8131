/*
 * A space of one's own.
 */
#include <string.h>

#include "suggest/space.h"

static void *copy(struct arena *arena, const void *members, size_t n, size_t size)
{
    return members != NULL ? memcpy(arena_array(arena, n + 1, size), members, n * size) : NULL;
}

static const struct activation *copy_activation(const struct activation *activation, struct arena *arena)
{
    struct activation *own = copy(arena, activation, 1, sizeof *own);

    if (own != NULL)
        own->values = copy(arena, own->values, own->n_values, sizeof *own->values);
    return own;
}

struct space space_copy(const struct space *space, struct arena *arena)
{
    struct parameter *parameters = arena_array(arena, space->n + 1, sizeof *parameters);

    for (size_t i = 0; i < space->n; i++) {
        struct parameter *p = &parameters[i];
        const char **choices = arena_array(arena, space->parameters[i].n_choices + 1, sizeof *choices);
        *p = space->parameters[i];
        p->name = arena_strdup(arena, p->name);
        for (size_t k = 0; k < p->n_choices; k++)
            choices[k] = arena_strdup(arena, p->choices[k]);
        p->choices = choices;
        p->numbers = copy(arena, p->numbers, p->n_choices, sizeof *p->numbers);
        p->activation = copy_activation(p->activation, arena);
    }
    return (struct space){ space->n, parameters };
}
