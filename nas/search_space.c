/*
 * Checking a nasConfig. Katib's defects are not kept: an operation without parameters is taken (skip_connection), an int
 * without step counts by one.
 */
#include "nas/search_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "nas/genotype.h"

static const char *const parameter_types[] = { "double", "int", "discrete", "categorical", NULL };
enum { DOUBLE, INT, DISCRETE, CATEGORICAL };

static const char *const distributions[] = { "uniform", "logUniform", "normal", "logNormal", NULL };

enum { SIZES_LIMIT = 64, OPERATIONS_LIMIT = 1024, CHOICES_LIMIT = 1024 };

/* A list under name of 1 to limit members; NULL after a fault. */
static const struct node *required_list(struct fields *fields, const char *name, size_t limit)
{
    const struct node *list = fields_list(fields, name);

    if (fields_node(fields, name) == NULL || (list != NULL && list->length == 0))
        fields_error(fields, name, "expected at least one member, got none");
    else if (list != NULL && list->length > limit)
        fields_error(fields, name, "expected at most %zu members, got %zu", limit, list->length);
    return list != NULL && list->length > 0 && list->length <= limit ? list : NULL;
}

static void open_item(const struct fields *fields, const char *name, const struct node *list, size_t i,
                      struct fields *item)
{
    const char *path = arena_printf(fields->arena, "%s[%zu]", fields_path(fields, name), i);

    fields_open(item, list->items[i], fields->file, path, fields->arena, fields->faults);
}

static void check_sizes(struct fields *graph, const char *name, bool is_required)
{
    const struct node *list;
    int64_t size;

    if (fields_node(graph, name) == NULL && !is_required)
        return;
    list = required_list(graph, name, SIZES_LIMIT);
    for (size_t i = 0; list != NULL && i < list->length; i++)
        if (!node_to_integer(list->items[i], &size) || size < 1 || size > INT32_MAX)
            faults_error(graph->faults, graph->file, list->items[i],
                         arena_printf(graph->arena, "%s[%zu]", fields_path(graph, name), i),
                         "expected an integer of 1 or more, got %s", node_kind_name(list->items[i]));
}

static void check_graph(struct fields *config, bool is_enas)
{
    struct fields graph;

    if (!fields_child(config, "graphConfig", &graph))
        fields_error(config, "graphConfig", "expected the size of the graph, got nothing");
    else if (fields_node(&graph, "numLayers") == NULL)
        fields_error(&graph, "numLayers", "expected an integer of 1 or more, got nothing");
    fields_integer(&graph, "numLayers", 1, 1, is_enas ? MACRO_LAYERS_LIMIT : INT32_MAX);
    check_sizes(&graph, "inputSizes", is_enas && graph.map != NULL);
    check_sizes(&graph, "outputSizes", is_enas && graph.map != NULL);
    fields_close(&graph, false);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_different_texts(struct fields *space, const char *const *texts, size_t n)
{
    const char **sorted = arena_array(space->arena, n, sizeof *sorted);

    memcpy(sorted, texts, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_texts);
    for (size_t i = 1; i < n; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            fields_error(space, "list", "expected different values, got \"%s\" twice", sorted[i]);
}

static void check_different_numbers(struct fields *space, const char *const *texts, size_t n)
{
    double *numbers = arena_array(space->arena, n, sizeof *numbers);

    for (size_t i = 0; i < n; i++) {
        if (!number_parse(texts[i], &numbers[i])) {
            fields_error(space, "list", "expected numbers, got \"%s\"", texts[i]);
            return;
        }
    }
    qsort(numbers, n, sizeof *numbers, compare_numbers);
    for (size_t i = 1; i < n; i++)
        if (numbers[i - 1] == numbers[i])
            fields_error(space, "list", "expected different values, got %.15g twice", numbers[i]);
}

static void check_list(struct fields *space, int type)
{
    const char *const *texts;
    size_t n;

    for (size_t i = 0; i < 3; i++) {
        static const char *const others[] = { "min", "max", "step" };
        if (fields_node(space, others[i]) != NULL)
            fields_error(space, others[i], "expected only a list for parameterType %s", parameter_types[type]);
    }
    if (required_list(space, "list", CHOICES_LIMIT) == NULL)
        return;
    texts = fields_texts(space, "list", &n);
    if (n > 0 && type == DISCRETE)
        check_different_numbers(space, texts, n);
    else if (n > 0)
        check_different_texts(space, texts, n);
}

static double read_number(struct fields *space, const char *name, int type, double fallback)
{
    double limit = type == INT ? INT32_MAX : INFINITY;

    if (type == INT)
        return (double)fields_integer(space, name, (int64_t)fallback, -INT32_MAX, INT32_MAX);
    return fields_real(space, name, fallback, -limit, limit);
}

static void check_range(struct fields *space, int type)
{
    bool is_whole = true;

    for (size_t i = 0; i < 3; i++) {
        static const char *const bounds[] = { "min", "max", "step" };
        if ((i < 2 || type == DOUBLE) && fields_node(space, bounds[i]) == NULL) {
            fields_error(space, bounds[i], "expected a number for parameterType %s, got nothing",
                         parameter_types[type]);
            is_whole = false;
        }
    }
    if (fields_node(space, "list") != NULL)
        fields_error(space, "list", "expected min and max for parameterType %s", parameter_types[type]);
    double min = read_number(space, "min", type, 0), max = read_number(space, "max", type, min);
    double step = read_number(space, "step", type, 1);
    if (is_whole && min > max)
        fields_error(space, "min", "expected at most max = %.15g, got %.15g", max, min);
    if (is_whole && step <= 0)
        fields_error(space, "step", "expected a number above 0, got %.15g", step);
}

static void check_parameter(struct fields *parameter)
{
    struct fields space;

    fields_required(parameter, "name", "a name");
    int type = -1;
    if (fields_required(parameter, "parameterType", "one of double, int, discrete, categorical") != NULL)
        type = fields_choice(parameter, "parameterType", -1, parameter_types);
    if (!fields_child(parameter, "feasibleSpace", &space))
        fields_error(parameter, "feasibleSpace", "expected the values it may take, got nothing");
    fields_choice(&space, "distribution", 0, distributions);
    if (space.map != NULL && (type == DISCRETE || type == CATEGORICAL))
        check_list(&space, type);
    else if (space.map != NULL && type >= 0)
        check_range(&space, type);
    if (type >= 0) /* else nothing is known about its fields */
        fields_close(&space, false);
    fields_close(parameter, false);
}

static bool is_among(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

/* DARTS names an operation by its first parameter's list: max_pooling_3x3. */
static void check_filter_sizes(struct fields *operation, const struct node *parameters)
{
    const struct node *first = parameters->items[0];

    if (node_path(first, "feasibleSpace.list") == NULL)
        faults_error(operation->faults, operation->file, first,
                     arena_printf(operation->arena, "%s[0]", fields_path(operation, "parameters")),
                     "expected a list of filter sizes, for darts names the operation by them");
}

static void check_operation(struct fields *operation, bool is_darts)
{
    const struct node *parameters = fields_list(operation, "parameters");
    const char *names[CHOICES_LIMIT];
    size_t n = parameters ? parameters->length : 0;

    fields_required(operation, "operationType", "a name");
    if (n > CHOICES_LIMIT) {
        fields_error(operation, "parameters", "expected at most %d of them, got %zu", CHOICES_LIMIT, n);
        n = 0;
    }
    for (size_t i = 0; i < n; i++) {
        struct fields parameter;
        open_item(operation, "parameters", parameters, i, &parameter);
        check_parameter(&parameter);
        names[i] = fields_text(&parameter, "name", NULL);
        if (names[i] != NULL && is_among(names, i, names[i]))
            fields_error(&parameter, "name", "expected a name of its own, got \"%s\" again", names[i]);
    }
    if (is_darts && n > 0)
        check_filter_sizes(operation, parameters);
    fields_close(operation, false);
}

static void check_operations(struct fields *config, bool is_darts)
{
    const struct node *list = required_list(config, "operations", OPERATIONS_LIMIT);
    const char *types[OPERATIONS_LIMIT];

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields operation;
        open_item(config, "operations", list, i, &operation);
        check_operation(&operation, is_darts);
        types[i] = fields_text(&operation, "operationType", NULL);
        if (types[i] != NULL && is_among(types, i, types[i]))
            fields_error(&operation, "operationType", "expected a type of its own, got \"%s\" again", types[i]);
    }
}

void nas_check(const struct node *nas_config, const char *method, const char *file, struct arena *arena,
               struct faults *faults)
{
    struct fields config;

    fields_open(&config, nas_config, file, "spec.nasConfig", arena, faults);
    check_graph(&config, text_equal(method, "enas"));
    check_operations(&config, text_equal(method, "darts"));
    fields_close(&config, false);
}
