/*
 * Counting and numbering the points of a finite space.
 *
 * The values of a parameter are cut into segments within which the same other parameters are switched on, so a range of a
 * million ints costs no more than its conditions.
 */
#include "suggest/enumeration.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double COUNTABLE_LIMIT = 9007199254740992.0; /* 2^53: doubles count exactly up to here */

struct segment {
    double first, n_values; /* as numbers of space_parameter_value */
    double each;            /* points below every one of them */
};

struct branch {
    size_t n_segments;
    struct segment *segments;
    double size;                      /* points below this parameter, when it is active */
    size_t first_child, next_sibling; /* 0: none, for no parameter hangs above the first */
    uint64_t rest;                    /* while numbering: what the parameters below have still to share */
};

struct enumeration {
    const struct space *space;
    double size;
    struct arena arena;
    struct branch branches[]; /* (n) */
};

/* Number of the first value of parameter i at or above bound. */
static double first_at_least(const struct space *space, size_t i, double bound)
{
    const struct parameter *p = &space->parameters[i];
    double size = space_parameter_size(space, i), k;

    if (parameter_is_choice(p))
        k = ceil(bound);
    else
        k = p->step > 0 ? nearbyint((bound - p->min) / p->step) : bound > p->min;
    k = k < 0 ? 0 : k > size ? size : k;
    while (k > 0 && space_parameter_value(space, i, (uint64_t)k - 1) >= bound)
        k--;
    while (k < size && space_parameter_value(space, i, (uint64_t)k) < bound)
        k++;
    return k;
}

/* The cuts that one condition makes: where it begins and ends to hold. Returns how many. */
static size_t add_cuts(const struct space *space, const struct activation *a, double *cuts)
{
    size_t n = a->values ? a->n_values : 1;

    for (size_t v = 0; v < n; v++) {
        double low = a->values ? a->values[v] : a->min, high = a->values ? a->values[v] : a->max;
        cuts[2 * v] = first_at_least(space, a->parameter, low);
        cuts[2 * v + 1] = first_at_least(space, a->parameter, nextafter(high, INFINITY));
    }
    return 2 * n;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorted cuts of all conditions on parameter i, 0 and its size among them. */
static double *cuts_of(struct enumeration *e, size_t i, size_t *n)
{
    const struct parameter *parameters = e->space->parameters;
    size_t most = 2;

    for (size_t c = e->branches[i].first_child; c != 0; c = e->branches[c].next_sibling)
        most += 2 * (parameters[c].activation->values ? parameters[c].activation->n_values : 1);
    double *cuts = arena_array(&e->arena, most, sizeof *cuts);
    cuts[1] = space_parameter_size(e->space, i);
    *n = 2;
    for (size_t c = e->branches[i].first_child; c != 0; c = e->branches[c].next_sibling)
        *n += add_cuts(e->space, parameters[c].activation, cuts + *n);
    qsort(cuts, *n, sizeof *cuts, compare);
    return cuts;
}

static double points_below(const struct enumeration *e, size_t i, double k)
{
    double value = space_parameter_value(e->space, i, (uint64_t)k), points = 1;

    for (size_t c = e->branches[i].first_child; c != 0; c = e->branches[c].next_sibling)
        if (activation_holds(e->space->parameters[c].activation, value))
            points *= e->branches[c].size;
    return points;
}

static void measure(struct enumeration *e, size_t i)
{
    struct branch *branch = &e->branches[i];
    size_t n_cuts;
    double *cuts = cuts_of(e, i, &n_cuts);

    branch->segments = arena_array(&e->arena, n_cuts - 1, sizeof *branch->segments);
    for (size_t c = 1; c < n_cuts; c++) {
        if (cuts[c] == cuts[c - 1])
            continue;
        struct segment *segment = &branch->segments[branch->n_segments++];
        *segment = (struct segment){ cuts[c - 1], cuts[c] - cuts[c - 1], points_below(e, i, cuts[c - 1]) };
        branch->size += segment->n_values * segment->each;
    }
}

static bool is_finite(const struct space *space)
{
    for (size_t i = 0; i < space->n; i++)
        if (isinf(space_parameter_size(space, i)))
            return false;
    return true;
}

struct enumeration *enumeration_create(const struct space *space)
{
    struct enumeration *e = xcalloc(1, sizeof *e + space->n * sizeof e->branches[0]);

    e->space = space;
    e->size = INFINITY;
    if (!is_finite(space))
        return e;
    e->size = 1;
    for (size_t i = space->n; i-- > 0;) { /* a parameter comes after the one above it */
        const struct activation *a = space->parameters[i].activation;
        measure(e, i);
        if (a == NULL) {
            e->size *= e->branches[i].size;
        } else {
            e->branches[i].next_sibling = e->branches[a->parameter].first_child;
            e->branches[a->parameter].first_child = i;
        }
    }
    return e;
}

void enumeration_destroy(struct enumeration *enumeration)
{
    if (enumeration == NULL)
        return;
    arena_release(&enumeration->arena);
    free(enumeration);
}

double enumeration_size(const struct enumeration *enumeration)
{
    return enumeration->size;
}

bool enumeration_is_countable(const struct enumeration *enumeration)
{
    return enumeration->size <= COUNTABLE_LIMIT;
}

/* Value of parameter i for the rank-th of its points; what is left of rank is kept for the parameters below. */
static double take_value(struct enumeration *e, size_t i, uint64_t rank)
{
    struct branch *branch = &e->branches[i];
    const struct segment *segment = branch->segments;

    while ((double)rank >= segment->n_values * segment->each) {
        rank -= (uint64_t)(segment->n_values * segment->each);
        segment++;
    }
    uint64_t each = (uint64_t)segment->each;
    branch->rest = rank % each;
    return space_parameter_value(e->space, i, (uint64_t)segment->first + rank / each);
}

void enumeration_point(struct enumeration *enumeration, uint64_t k, double *values)
{
    const struct space *space = enumeration->space;
    uint64_t roots = k;

    assert(enumeration_is_countable(enumeration) && (double)k < enumeration->size);
    for (size_t i = 0; i < space->n; i++) {
        const struct activation *a = space->parameters[i].activation;
        if (!space_is_active(space, values, i)) {
            values[i] = NAN;
            continue;
        }
        uint64_t *rest = a ? &enumeration->branches[a->parameter].rest : &roots;
        uint64_t size = (uint64_t)enumeration->branches[i].size;
        values[i] = take_value(enumeration, i, *rest % size);
        *rest /= size;
    }
}

double space_size(const struct space *space)
{
    struct enumeration *enumeration = enumeration_create(space);
    double size = enumeration->size;

    enumeration_destroy(enumeration);
    return size;
}
