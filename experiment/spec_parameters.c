/*
 * spec.parameters: the search space, each parameter with its condition; or spec.nasConfig in its place.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "experiment/reader.h"

static bool is_choice(enum parameter_type type)
{
    return type == PARAMETER_DISCRETE || type == PARAMETER_CATEGORICAL;
}

/* A bound of a double or int; NAN after a fault. */
static double read_bound(struct fields *fields, const char *name, enum parameter_type type)
{
    const char *text = fields_required(fields, name, type == PARAMETER_INT ? "a whole number" : "a number");
    double value;
    int64_t whole;

    if (text == NULL)
        return NAN;
    if (type == PARAMETER_INT && node_to_integer(fields_node(fields, name), &whole))
        return (double)whole;
    if (type != PARAMETER_INT && number_parse(text, &value))
        return value;
    fields_error(fields, name, "expected %s, got \"%s\"", type == PARAMETER_INT ? "a whole number" : "a number", text);
    return NAN;
}

static void read_range(struct fields *fields, struct parameter *parameter)
{
    parameter->min = read_bound(fields, "min", parameter->type);
    parameter->max = read_bound(fields, "max", parameter->type);
    if (fields_node(fields, "step") != NULL)
        parameter->step = read_bound(fields, "step", parameter->type);
    else
        parameter->step = parameter->type == PARAMETER_INT ? 1 : 0;
    if (parameter->step == 0 && fields_node(fields, "step") != NULL)
        fields_error(fields, "step", "expected a number above 0, got 0");
    if (parameter->min > parameter->max)
        fields_error(fields, "min", "expected at most max = %g, got %g", parameter->max, parameter->min);
    if (fields_node(fields, "list") != NULL)
        fields_error(fields, "list", "expected no list for parameterType %s", parameter_type_names[parameter->type]);
}

struct choice {
    const char *text;
    double number;
};

static int compare_choices(const void *a, const void *b)
{
    double left = ((const struct choice *)a)->number, right = ((const struct choice *)b)->number;

    return (left > right) - (left < right);
}

static void read_choices(struct reader *reader, struct fields *fields, struct parameter *parameter)
{
    static const char *const forbidden[] = { "min", "max", "step" };
    const struct node *list;
    size_t n;
    const char *const *texts = reader_texts(fields, "list", CHOICE_LIMIT, &n, &list);
    struct choice *choices = arena_array(reader->arena, n, sizeof *choices);
    const char **sorted = arena_array(reader->arena, n, sizeof *sorted);
    double *numbers = arena_array(reader->arena, n, sizeof *numbers);

    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        if (fields_node(fields, forbidden[i]) != NULL)
            fields_error(fields, forbidden[i], "expected no %s for parameterType %s", forbidden[i],
                         parameter_type_names[parameter->type]);
    }
    for (size_t i = 0; i < n; i++) {
        choices[i].text = texts[i];
        if (parameter->type == PARAMETER_DISCRETE && !number_parse(texts[i], &choices[i].number))
            faults_error(reader->faults, reader->file, list->items[i],
                         arena_printf(reader->arena, "%s[%zu]", fields_path(fields, "list"), i),
                         "expected a number, got \"%s\"", texts[i]);
    }
    if (parameter->type == PARAMETER_DISCRETE && n > 1)
        qsort(choices, n, sizeof *choices, compare_choices);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = choices[i].text;
        numbers[i] = choices[i].number;
    }
    parameter->n_choices = n;
    parameter->choices = sorted;
    parameter->numbers = parameter->type == PARAMETER_DISCRETE ? numbers : NULL;
}

static void read_feasible_space(struct reader *reader, struct fields *item, struct parameter *parameter)
{
    struct fields fields;

    if (!reader_child(item, "feasibleSpace", "the values it may take", &fields))
        return;
    parameter->distribution = (enum distribution)fields_choice(&fields, "distribution", DISTRIBUTION_UNIFORM,
                                                               distribution_names);
    fields_node(&fields, "min");
    fields_node(&fields, "max");
    fields_node(&fields, "step");
    fields_node(&fields, "list");
    if (is_choice(parameter->type)) {
        read_choices(reader, &fields, parameter);
        if (parameter->distribution != DISTRIBUTION_UNIFORM)
            fields_warning(&fields, "distribution", "has no meaning for parameterType %s",
                           parameter_type_names[parameter->type]);
        parameter->distribution = DISTRIBUTION_UNIFORM;
    } else {
        read_range(&fields, parameter);
    }
    reader_close(reader, &fields);
}

/* Index of a parameter among the first n; n when there is none. */
static size_t find_parameter(const struct space *space, size_t n, const char *name)
{
    size_t i = 0;

    while (i < n && !text_equal(space->parameters[i].name, name))
        i++;
    return i;
}

static void say_unknown_parent(struct reader *reader, struct fields *fields, size_t n, const char *name)
{
    const struct space *space = &reader->spec->space;
    const char **names = arena_array(reader->arena, n + 1, sizeof *names);
    const char *near;
    size_t n_names = 0;

    for (size_t i = 0; i < n; i++) {
        if (space->parameters[i].name != NULL)
            names[n_names++] = space->parameters[i].name;
    }
    near = text_nearest(name, names);
    fields_error(fields, "parameter", "expected the name of an earlier parameter, got \"%s\"%s%s%s", name,
                 near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* condition.in, as values of the earlier parameter. */
static void read_condition_values(struct reader *reader, struct fields *fields, struct activation *activation)
{
    const struct node *list;
    size_t n;
    const char *const *texts = reader_texts(fields, "in", CHOICE_LIMIT, &n, &list);
    double *values = arena_array(reader->arena, n, sizeof *values);

    for (size_t i = 0; i < n; i++) {
        if (space_parse(&reader->spec->space, activation->parameter, texts[i], &values[i]) < 0)
            faults_error(reader->faults, reader->file, list->items[i],
                         arena_printf(reader->arena, "%s[%zu]", fields_path(fields, "in"), i), "%s", fail_message());
    }
    if (list != NULL && list->length == 0)
        fields_error(fields, "in", "expected at least one value, got none");
    activation->values = values;
    activation->n_values = n;
}

/* condition.min and max; of a discrete parameter, as the choices within. */
static void read_condition_range(struct reader *reader, struct fields *fields, struct activation *activation)
{
    const struct parameter *parent = &reader->spec->space.parameters[activation->parameter];
    double min = fields_real(fields, "min", -INFINITY, -INFINITY, INFINITY);
    double max = fields_real(fields, "max", INFINITY, -INFINITY, INFINITY);
    double *values;

    activation->min = min;
    activation->max = max;
    if (parent->type == PARAMETER_CATEGORICAL)
        fields_error(fields, "parameter",
                     "expected a parameter with numbers for min and max, got the categorical \"%s\"", parent->name);
    if (parent->type != PARAMETER_DISCRETE || parent->numbers == NULL)
        return;
    values = arena_array(reader->arena, parent->n_choices, sizeof *values);
    for (size_t i = 0; i < parent->n_choices; i++) {
        if (parent->numbers[i] >= min && parent->numbers[i] <= max)
            values[activation->n_values++] = (double)i;
    }
    activation->values = values;
    if (activation->n_values == 0)
        fields_error(fields, NULL, "expected a range with some value of \"%s\", got none", parent->name);
}

static void read_condition(struct reader *reader, struct fields *item, struct parameter *parameter, size_t i,
                           const bool *is_faulty)
{
    struct activation *activation = arena_alloc(reader->arena, sizeof *activation);
    struct fields fields;
    const char *name;
    bool has_in, has_range;

    if (fields_node(item, "condition") == NULL || !reader_child(item, "condition", "a condition", &fields))
        return;
    name = fields_required(&fields, "parameter", "the name of an earlier parameter");
    has_in = fields_node(&fields, "in") != NULL;
    has_range = fields_node(&fields, "min") != NULL;
    has_range = fields_node(&fields, "max") != NULL || has_range;
    activation->parameter = name != NULL ? find_parameter(&reader->spec->space, i, name) : i;
    if (has_in == has_range)
        fields_error(&fields, NULL, "expected either in, or min and max, got %s", has_in ? "both" : "neither");
    if (name != NULL && activation->parameter == i) {
        say_unknown_parent(reader, &fields, i, name);
    } else if (name != NULL && !is_faulty[activation->parameter] && has_in != has_range) {
        if (has_in)
            read_condition_values(reader, &fields, activation);
        else
            read_condition_range(reader, &fields, activation);
        parameter->activation = activation;
    }
    reader_close(reader, &fields);
}

/* What space_fault says, at its field. */
static void check_parameter(struct reader *reader, struct fields *item, size_t i)
{
    const char *fault = space_fault(&reader->spec->space, i, reader->arena);
    const char *colon = fault != NULL ? strstr(fault, ": ") : NULL;
    const char *field;
    const struct node *at;

    if (fault == NULL)
        return;
    if (colon == NULL) {
        fields_error(item, NULL, "%s", fault);
        return;
    }
    field = arena_strndup(reader->arena, fault, (size_t)(colon - fault));
    at = node_path(item->map, field);
    faults_error(reader->faults, reader->file, at != NULL ? at : item->map, fields_path(item, field), "%s", colon + 2);
}

/* The parameter's own faults; space_fault is asked only when there are none, for it takes the rest for granted. */
static void read_parameter(struct reader *reader, struct fields *item, struct parameter *parameter, size_t i,
                           bool *is_faulty)
{
    size_t n_errors = reader->faults->n_errors;
    int type;

    parameter->name = fields_required(item, "name", "a name");
    if (parameter->name != NULL && find_parameter(&reader->spec->space, i, parameter->name) < i)
        fields_error(item, "name", "expected different names, got \"%s\" again", parameter->name);
    type = reader_choice(item, "parameterType", parameter_type_names);
    parameter->type = type >= 0 ? (enum parameter_type)type : PARAMETER_DOUBLE;
    if (type >= 0)
        read_feasible_space(reader, item, parameter);
    else
        fields_node(item, "feasibleSpace");
    read_condition(reader, item, parameter, i, is_faulty);
    if (reader->faults->n_errors == n_errors)
        check_parameter(reader, item, i);
    is_faulty[i] = reader->faults->n_errors > n_errors;
}

static void read_space(struct reader *reader, struct fields *spec, const struct node *list)
{
    struct space *space = &reader->spec->space;
    struct parameter *parameters = arena_array(reader->arena, list->length, sizeof *parameters);
    bool *is_faulty = arena_array(reader->arena, list->length, sizeof *is_faulty);

    space->parameters = parameters;
    space->n = list->length;
    for (size_t i = 0; i < list->length; i++) {
        struct fields item;

        is_faulty[i] = true;
        if (!reader_open_item(reader, spec, "parameters", list, i, &item))
            continue;
        read_parameter(reader, &item, &parameters[i], i, is_faulty);
        reader_close(reader, &item);
    }
}

void read_parameters(struct reader *reader, struct fields *spec)
{
    const struct node *list = reader_list(spec, "parameters", LIST_LIMIT), *nas = fields_node(spec, "nasConfig");
    size_t n_errors = reader->faults->n_errors;

    if (nas != NULL && list != NULL && list->length > 0)
        fields_error(spec, "nasConfig", "expected only one of parameters and nasConfig, got both");
    else if (nas == NULL && fields_node(spec, "parameters") == NULL && !reader->spec->by_clients)
        fields_error(spec, "parameters", "expected parameters or nasConfig, got neither");
    else if (nas == NULL && list != NULL && list->length == 0 && !reader->spec->by_clients)
        fields_error(spec, "parameters", "expected at least one parameter, got none");
    if (list != NULL)
        read_space(reader, spec, list);
    if (nas != NULL && (list == NULL || list->length == 0))
        read_architectures(reader, spec, nas);
    reader->is_space_sound = reader->faults->n_errors == n_errors;
}
