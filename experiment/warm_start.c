/*
 * Remapping of past trials, and what is said of those that do not fit.
 */
#include "experiment/warm_start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/number.h"
#include "base/status.h"
#include "experiment/csv.h"
#include "experiment/merit.h"

/* A past trial in the terms of the new experiment. */
struct past {
    const char **texts; /* (space.n) values as written; NULL: it has none */
    double *metrics;    /* (n_metrics) by the new strategies; NAN: not known */
    double resource;
    bool is_early_stopped, has_ended_well;
};

/* --- counting --- */

void warm_count_release(struct warm_count *count)
{
    free(count->reasons);
    arena_release(&count->arena);
    *count = (struct warm_count){ 0 };
}

static void note(struct warm_count *count, const char *reason)
{
    size_t i = 0;

    while (i < count->n_reasons && !text_equal(count->reasons[i].text, reason))
        i++;
    if (i == count->n_reasons) {
        count->reasons = grow(count->reasons, count->n_reasons, &count->capacity, sizeof *count->reasons);
        count->reasons[count->n_reasons++] = (struct warm_reason){ arena_strdup(&count->arena, reason), 0 };
    }
    count->reasons[i].n++;
}

void warm_count_print(const struct warm_count *count, const char *source, struct text *out)
{
    text_printf(out, "warm start: %zu of %zu trial%s of %s used", count->n_used, count->n_seen,
                count->n_seen == 1 ? "" : "s", source);
    if (count->n_reasons > 0)
        text_printf(out, "; %zu ignored:", count->n_seen - count->n_used);
    for (size_t i = 0; i < count->n_reasons; i++)
        text_printf(out, "%s %zu %s", i > 0 ? "," : "", count->reasons[i].n, count->reasons[i].text);
}

/* --- remapping --- */

static const char *why_no_member(const struct parameter *p, const char *text, struct arena *arena)
{
    char min[NUMBER_TEXT_SIZE], max[NUMBER_TEXT_SIZE];
    double number;

    if (parameter_is_choice(p))
        return arena_printf(arena, "%s not one of its values", p->name);
    if (!number_parse_any(text, &number))
        return arena_printf(arena, "%s no number", p->name);
    if (!(number >= p->min && number <= p->max))
        return arena_printf(arena, "%s out of [%s, %s]", p->name, number_format(p->min, min),
                            number_format(p->max, max));
    return arena_printf(arena, "%s off its steps", p->name);
}

/* NULL: values (space.n) are filled. Else why they cannot be. */
static const char *remap_values(const struct space *space, const char *const *texts, struct arena *arena,
                                double *values)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];

        if (!space_is_active(space, values, i))
            values[i] = NAN;
        else if (texts[i] == NULL && space_parameter_size(space, i) == 1)
            values[i] = space_parameter_value(space, i, 0);
        else if (texts[i] == NULL)
            return arena_printf(arena, "without %s", p->name);
        else if (space_parse(space, i, texts[i], &values[i]) < 0)
            return why_no_member(p, texts[i], arena);
    }
    return NULL;
}

static const char *remap_losses(const struct spec *spec, const double *metrics, struct arena *arena, double *losses)
{
    for (size_t i = 0; i < spec_n_objectives(spec); i++) {
        struct aim aim = spec_aim(spec, i);

        if (isnan(metrics[aim.metric]))
            return arena_printf(arena, "without %s", spec->objective.metrics[aim.metric].name);
        losses[i] = aim.type == OBJECTIVE_MAXIMIZE ? -metrics[aim.metric] : metrics[aim.metric];
    }
    return NULL;
}

static size_t width_of(const struct spec *spec)
{
    return spec->space.n + spec_n_objectives(spec) + spec->n_constraints + 2;
}

/* A row more; its numbers. */
static double *append(struct warm_start *warm, const struct spec *spec)
{
    warm->width = width_of(spec);
    warm->numbers = grow(warm->numbers, warm->n, &warm->capacity, warm->width * sizeof *warm->numbers);
    return warm->numbers + warm->n++ * warm->width;
}

static const char *remap(const struct spec *spec, const struct past *past, struct arena *arena, double *row)
{
    double *losses = row + spec->space.n, *violations = losses + spec_n_objectives(spec);
    const char *fault = past->has_ended_well ? NULL : "that did not succeed";

    if (fault == NULL)
        fault = remap_values(&spec->space, past->texts, arena, row);
    if (fault == NULL)
        fault = remap_losses(spec, past->metrics, arena, losses);
    for (size_t i = 0; i < spec->n_constraints; i++)
        violations[i] = constraint_violation(&spec->constraints[i], past->metrics[spec->constraints[i].metric]);
    violations[spec->n_constraints] = past->resource;
    violations[spec->n_constraints + 1] = past->is_early_stopped ? OUTCOME_EARLY_STOPPED : OUTCOME_SUCCEEDED;
    return fault;
}

static void add(struct warm_start *warm, const struct spec *spec, const struct past *past, struct warm_count *count)
{
    struct arena arena = { 0 };
    const char *fault = NULL;

    count->n_seen++;
    if (warm->n >= WARM_ROWS_LIMIT || (warm->n + 1) * width_of(spec) > WARM_NUMBERS_LIMIT)
        fault = arena_printf(&arena, "beyond the first %zu", warm->n);
    if (fault == NULL && (fault = remap(spec, past, &arena, append(warm, spec))) != NULL)
        warm->n--;
    if (fault == NULL)
        count->n_used++;
    else
        note(count, fault);
    arena_release(&arena);
}

struct warm_row warm_start_row(const struct warm_start *warm, const struct spec *spec, size_t i)
{
    const double *values = warm->numbers + i * warm->width, *losses = values + spec->space.n;
    const double *violations = losses + spec_n_objectives(spec);

    return (struct warm_row){
        .outcome = (enum outcome)violations[spec->n_constraints + 1],
        .resource = violations[spec->n_constraints],
        .values = values,
        .losses = losses,
        .violations = violations,
    };
}

void warm_start_release(struct warm_start *warm)
{
    free(warm->numbers);
    *warm = (struct warm_start){ 0 };
}

/* --- from an experiment --- */

/* A metric of that trial by the strategy that the new experiment has for it. */
static double metric_value(const struct experiment *old, const struct trial *trial, const struct metric *metric)
{
    const struct objective *objective = &old->spec->objective, one = { .n_metrics = 1, .metrics = metric };
    double number = NAN;

    for (size_t i = 0; i < objective->n_metrics; i++) {
        struct observation observation = { 1, &trial->observation.metrics[i] };

        if (text_equal(objective->metrics[i].name, metric->name))
            observation_value(&observation, &one, 0, &number);
    }
    return number;
}

static const char *value_text(const struct experiment *old, const struct trial *trial, const char *name,
                              struct arena *arena)
{
    const struct space *space = &old->spec->space;

    for (size_t i = 0; i < space->n; i++)
        if (text_equal(space->parameters[i].name, name))
            return space_format(space, i, trial->values[i], arena);
    return NULL;
}

/* Resources mean the same only to methods that know them. */
static bool knows_resources(const struct spec *spec)
{
    return spec->method->settings != NULL && setting_find(spec->method->settings, "resource_name") != NULL;
}

static int by_finish_order(const void *a, const void *b)
{
    const struct trial *const *x = a, *const *y = b;

    return ((*x)->finish_order > (*y)->finish_order) - ((*x)->finish_order < (*y)->finish_order);
}

static const struct trial **finished(const struct experiment *old, size_t *n)
{
    const struct trial **trials = xcalloc(old->n_trials + 1, sizeof(struct trial *));

    *n = 0;
    for (size_t i = 0; i < old->n_trials; i++)
        if (trial_is_finished(old->trials[i]))
            trials[(*n)++] = old->trials[i];
    qsort(trials, *n, sizeof(struct trial *), by_finish_order);
    return trials;
}

void warm_start_add_experiment(struct warm_start *warm, const struct spec *spec, const struct experiment *old,
                               struct warm_count *count)
{
    size_t n;
    const struct trial **trials = finished(old, &n);

    for (size_t k = 0; k < n; k++) {
        struct arena arena = { 0 };
        struct past past = {
            .texts = arena_array(&arena, spec->space.n, sizeof *past.texts),
            .metrics = arena_array(&arena, spec->objective.n_metrics, sizeof *past.metrics),
            .resource = knows_resources(spec) ? trials[k]->resource : NAN,
            .is_early_stopped = trials[k]->state == TRIAL_EARLY_STOPPED,
            .has_ended_well = trials[k]->state == TRIAL_SUCCEEDED || trials[k]->state == TRIAL_EARLY_STOPPED,
        };

        for (size_t i = 0; i < spec->space.n; i++)
            past.texts[i] = value_text(old, trials[k], spec->space.parameters[i].name, &arena);
        for (size_t i = 0; i < spec->objective.n_metrics; i++)
            past.metrics[i] = metric_value(old, trials[k], &spec->objective.metrics[i]);
        add(warm, spec, &past, count);
        arena_release(&arena);
    }
    free(trials);
}

/* --- from a CSV text --- */

/* The cell of a row in the column of that name; NULL: none, or nothing in it. */
static const char *cell(const struct csv *csv, size_t row, const char *name)
{
    const char *text = NULL;

    for (size_t i = 0; i < csv->n_columns; i++)
        if (text_equal(csv->cells[i], name))
            text = csv->cells[row * csv->n_columns + i];
    return text != NULL && *text != '\0' ? text : NULL;
}

static void add_csv_row(struct warm_start *warm, const struct spec *spec, const struct csv *csv, size_t row,
                        struct warm_count *count)
{
    const char *state = cell(csv, row, "Status") != NULL ? cell(csv, row, "Status") : cell(csv, row, "STATE");
    struct arena arena = { 0 };
    struct past past = {
        .texts = arena_array(&arena, spec->space.n, sizeof *past.texts),
        .metrics = arena_array(&arena, spec->objective.n_metrics, sizeof *past.metrics),
        .resource = NAN,
        .is_early_stopped = text_equal(state, "EarlyStopped"),
        .has_ended_well = state == NULL || text_equal(state, "Succeeded") || text_equal(state, "EarlyStopped"),
    };

    for (size_t i = 0; i < spec->space.n; i++)
        past.texts[i] = cell(csv, row, spec->space.parameters[i].name);
    for (size_t i = 0; i < spec->objective.n_metrics; i++) {
        const char *text = cell(csv, row, spec->objective.metrics[i].name);

        if (text == NULL || !number_parse_any(text, &past.metrics[i]))
            past.metrics[i] = NAN;
    }
    add(warm, spec, &past, count);
    arena_release(&arena);
}

int warm_start_add_csv(struct warm_start *warm, const struct spec *spec, const char *text, size_t length,
                       struct warm_count *count)
{
    struct arena arena = { 0 };
    struct csv csv;
    int status = csv_read(text, length, &arena, &csv);

    for (size_t row = 1; status == 0 && row < csv.n_rows; row++)
        add_csv_row(warm, spec, &csv, row, count);
    arena_release(&arena);
    return status;
}

/* --- stored form: {width, numbers} --- */

void warm_start_pack(const struct warm_start *warm, struct text *out)
{
    struct arena arena = { 0 };
    struct node *map = node_map(&arena), *list = node_list(&arena);

    for (size_t i = 0; i < warm->n * warm->width; i++)
        node_add(&arena, list, node_real(&arena, warm->numbers[i]));
    node_set(&arena, map, "width", node_integer(&arena, (int64_t)warm->width));
    node_set(&arena, map, "numbers", list);
    message_encode(map, out);
    arena_release(&arena);
}

int warm_start_unpack(struct warm_start *warm, const struct spec *spec, const void *bytes, size_t length)
{
    struct arena arena = { 0 };
    struct node *map = NULL;
    const struct node *list;
    int64_t width = 0;
    int status = message_decode(bytes, length, &arena, &map);

    list = status == 0 ? node_get(map, "numbers") : NULL;
    if (list == NULL || list->kind != NODE_LIST || !node_to_integer(node_get(map, "width"), &width) ||
        (list->length > 0 && (size_t)width != width_of(spec)) || list->length % width_of(spec) != 0)
        status = fail(ERR_CORRUPT, "the stored trials of a warm start cannot be read");
    for (size_t i = 0; status == 0 && list != NULL && i < list->length; i++) {
        double *row = i % width_of(spec) == 0 ? append(warm, spec) : warm->numbers + (warm->n - 1) * warm->width;

        row[i % warm->width] = list->items[i]->kind == NODE_REAL ? list->items[i]->real : NAN;
    }
    arena_release(&arena);
    return status;
}
