/*
 * Edges from middles: a value's coordinate is the middle of its cell (space.h), so each edge follows from the one before.
 */
#include "suggest/cells.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static size_t count_cells(const struct space *space, size_t i)
{
    const struct parameter *p = &space->parameters[i];
    double size = space_parameter_size(space, i);
    bool is_log = p->distribution == DISTRIBUTION_LOG_UNIFORM || p->distribution == DISTRIBUTION_LOG_NORMAL;

    if (p->type == PARAMETER_CATEGORICAL || isinf(size))
        return 0;
    if (size <= CELLS_LIMIT)
        return (size_t)size;
    return is_log ? CELLS_LIMIT : 0;
}

void cells_init(struct cells *cells, const struct space *space, size_t parameter)
{
    struct parameter p = space->parameters[parameter];
    const struct space alone = { 1, &p };
    double value, middle;

    *cells = (struct cells){ .n = count_cells(space, parameter) };
    if (cells->n == 0)
        return;
    p.activation = NULL;
    cells->edges = xcalloc(cells->n + 1, sizeof *cells->edges);
    for (size_t k = 0; k < cells->n; k++) {
        value = space_parameter_value(&alone, 0, k);
        space_encode(&alone, &value, &middle);
        cells->edges[k + 1] = fmin(fmax(2 * middle - cells->edges[k], cells->edges[k]), 1);
    }
}

void cells_release(struct cells *cells)
{
    free(cells->edges);
    *cells = (struct cells){ 0 };
}

size_t cells_find(const struct cells *cells, double x)
{
    size_t low = 0, high = cells->n;

    if (cells->n == 0 || x > cells->edges[cells->n])
        return cells->n;
    while (low + 1 < high) {
        size_t middle = (low + high) / 2;
        if (x >= cells->edges[middle])
            low = middle;
        else
            high = middle;
    }
    return low;
}
