/*
 * Coordinates of what has few values are tabulated; the rest asks the space, one parameter at a time.
 */
#include "suggest/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_LIMIT = 4096 };

struct axis {
    struct parameter alone; /* the parameter without its condition */
    double size;
    double *table;  /* (size), ascending; NULL: continuous, or too many */
    bool is_parent; /* others' conditions look at it */
};

struct lattice {
    const struct space *space;
    struct arena arena;
    double *values;     /* (n) of parents, while masking */
    struct axis axes[]; /* (n) */
};

static struct space alone(const struct axis *axis)
{
    return (struct space){ 1, &axis->alone };
}

static double coordinate_of(const struct axis *axis, uint64_t k)
{
    const struct space one = alone(axis);
    double value = space_parameter_value(&one, 0, k), x;

    space_encode(&one, &value, &x);
    return x;
}

struct lattice *lattice_create(const struct space *space)
{
    struct lattice *lattice = xcalloc(1, sizeof *lattice + space->n * sizeof lattice->axes[0]);

    lattice->space = space;
    lattice->values = arena_array(&lattice->arena, space->n + 1, sizeof *lattice->values);
    for (size_t i = 0; i < space->n; i++) {
        struct axis *axis = &lattice->axes[i];
        axis->alone = space->parameters[i];
        axis->alone.activation = NULL;
        axis->size = space_parameter_size(space, i);
        if (space->parameters[i].activation != NULL)
            lattice->axes[space->parameters[i].activation->parameter].is_parent = true;
        if (axis->size > TABLE_LIMIT)
            continue;
        axis->table = arena_array(&lattice->arena, (size_t)axis->size, sizeof *axis->table);
        for (uint64_t k = 0; (double)k < axis->size; k++)
            axis->table[k] = coordinate_of(axis, k);
    }
    return lattice;
}

void lattice_destroy(struct lattice *lattice)
{
    if (lattice == NULL)
        return;
    arena_release(&lattice->arena);
    free(lattice);
}

double lattice_size(const struct lattice *lattice, size_t i)
{
    return lattice->axes[i].size;
}

double lattice_coordinate(const struct lattice *lattice, size_t i, uint64_t k)
{
    const struct axis *axis = &lattice->axes[i];

    return axis->table != NULL ? axis->table[k] : coordinate_of(axis, k);
}

/* Binary search: coordinates ascend with their number. */
uint64_t lattice_index(const struct lattice *lattice, size_t i, double u)
{
    uint64_t low = 0, high = (uint64_t)lattice->axes[i].size - 1;

    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (lattice_coordinate(lattice, i, middle) <= u)
            low = middle;
        else
            high = middle;
    }
    return u - lattice_coordinate(lattice, i, low) <= lattice_coordinate(lattice, i, high) - u ? low : high;
}

double lattice_draw(const struct lattice *lattice, size_t i, double u)
{
    const struct axis *axis = &lattice->axes[i];

    if (axis->alone.type == PARAMETER_CATEGORICAL)
        return floor(u * axis->size);
    if (isinf(axis->size))
        return u;
    return lattice_coordinate(lattice, i, lattice_index(lattice, i, u));
}

void lattice_mask(const struct lattice *lattice, const double *full, double *x)
{
    for (size_t i = 0; i < lattice->space->n; i++) {
        const struct axis *axis = &lattice->axes[i];
        bool is_active = space_is_active(lattice->space, lattice->values, i);
        const struct space one = alone(axis);
        x[i] = is_active ? full[i] : NAN;
        if (axis->is_parent && is_active)
            space_decode(&one, &full[i], &lattice->values[i]);
        else
            lattice->values[i] = NAN;
    }
}
