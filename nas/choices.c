/*
 * From operations to choices (Katib: pkg/suggestion/v1beta1/nas/enas/Operation.py; here discrete parameters are not left
 * out, ranges of doubles end at their max, an int without step counts by one).
 */
#include "nas/choices.h"

#include <math.h>

#include "base/status.h"
#include "base/text.h"

static double number_under(const struct node *space, const char *name, double fallback)
{
    double value;

    return node_to_real(node_get(space, name), &value) ? value : fallback;
}

static size_t n_values(const struct node *parameter)
{
    const struct node *space = node_get(parameter, "feasibleSpace"), *list = node_get(space, "list");

    if (list != NULL)
        return list->length;
    double min = number_under(space, "min", 0),
           steps = (number_under(space, "max", min) - min) / number_under(space, "step", 1);
    return steps < NAS_CHOICES_LIMIT ? (size_t)floor(steps * (1 + 1e-12) + 1e-9) + 1 : NAS_CHOICES_LIMIT + 1;
}

static struct node *value_at(const struct node *parameter, size_t k, struct arena *arena)
{
    const struct node *space = node_get(parameter, "feasibleSpace"), *list = node_get(space, "list");
    const char *type = node_to_text(arena, node_get(parameter, "parameterType"));
    double min = number_under(space, "min", 0), value = min + (double)k * number_under(space, "step", 1);

    if (list != NULL)
        return node_text(arena, node_to_text(arena, list->items[k]));
    return text_equal(type, "int") ? node_integer(arena, (int64_t)value) : node_real(arena, value);
}

/* How many choices an operation is; at most one more than the limit. */
static size_t n_combinations(const struct node *parameters)
{
    size_t n = 1;

    for (size_t i = 0; parameters != NULL && i < parameters->length && n <= NAS_CHOICES_LIMIT; i++)
        n *= n_values(parameters->items[i]);
    return n <= NAS_CHOICES_LIMIT ? n : NAS_CHOICES_LIMIT + 1;
}

/* Combination number k: a number whose digits are the parameters' values. */
static struct nas_choice combination(const struct node *operation, size_t k, struct arena *arena)
{
    const struct node *parameters = node_get(operation, "parameters");
    size_t n = parameters != NULL ? parameters->length : 0;
    const char **names = arena_array(arena, n, sizeof *names);
    struct node **values = arena_array(arena, n, sizeof *values);

    for (size_t i = n; i-- > 0;) {
        size_t base = n_values(parameters->items[i]);
        names[i] = node_to_text(arena, node_get(parameters->items[i], "name"));
        values[i] = value_at(parameters->items[i], k % base, arena);
        k /= base;
    }
    return (struct nas_choice){ node_to_text(arena, node_get(operation, "operationType")), n, names, values };
}

int nas_expand(const struct node *nas_config, struct arena *arena, struct nas_choices *choices)
{
    const struct node *operations = node_get(nas_config, "operations");
    size_t n = 0, used = 0;

    for (size_t i = 0; i < operations->length; i++) {
        n += n_combinations(node_get(operations->items[i], "parameters"));
        if (n > NAS_CHOICES_LIMIT)
            return fail(ERR_LIMIT,
                        "expected at most %d combinations of operations and their parameters' values, got more",
                        NAS_CHOICES_LIMIT);
    }
    struct nas_choice *items = arena_array(arena, n, sizeof *items);
    for (size_t i = 0; i < operations->length; i++) {
        size_t n_own = n_combinations(node_get(operations->items[i], "parameters"));
        for (size_t k = 0; k < n_own; k++)
            items[used++] = combination(operations->items[i], k, arena);
    }
    *choices = (struct nas_choices){ n, items };
    return 0;
}
