/*
 * Trials as rows, the best ones first where that is asked for.
 */
#include "cli/trial_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SHORT_NUMBER = 9 }; /* characters of a number that is shown as it is */

/* Names that occur as keys below `path` in any of the trials, in order of first appearance. */
static const char **collect_names(const struct node *const *trials, size_t n, const char *path, struct arena *arena,
                                  size_t *n_names)
{
    struct node *seen = node_map(arena);
    const char **names;

    for (size_t i = 0; i < n; i++) {
        const struct node *map = node_get(trials[i], path);

        for (size_t k = 0; map && map->kind == NODE_MAP && k < map->length; k++)
            if (!node_get(seen, map->keys[k]->text))
                node_set(arena, seen, map->keys[k]->text, node_null(arena));
    }
    names = arena_array(arena, seen->length + 1, sizeof *names);
    for (size_t k = 0; k < seen->length; k++)
        names[k] = seen->keys[k]->text;
    *n_names = seen->length;
    return names;
}

static bool is_number(const char *text)
{
    char *end;

    strtod(text, &end);
    return *text && *end == '\0';
}

/* Numbers stand to the right, in a column where nothing else occurs. */
static enum column_kind kind_of_column(const struct node *const *trials, size_t n, const char *map, const char *name,
                                       struct arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        const struct node *value = node_get(node_get(trials[i], map), name);
        const char *text = node_to_text(arena, value && value->kind == NODE_MAP ? node_get(value, "value") : value);

        if (text && !is_number(text))
            return COLUMN_TEXT;
    }
    return COLUMN_NUMBER;
}

/* The names in all trials, which are the columns. */
struct names {
    size_t n_metrics, n_parameters;
    const char **metrics, **parameters;
};

static struct names collect(const struct node *const *trials, size_t n, struct arena *arena)
{
    struct names names;

    names.metrics = collect_names(trials, n, "observation", arena, &names.n_metrics);
    names.parameters = collect_names(trials, n, "assignments", arena, &names.n_parameters);
    return names;
}

static void add_columns(const struct node *const *trials, size_t n, const struct names *names, struct arena *arena,
                        struct table *table)
{
    for (size_t i = 0; i < names->n_metrics; i++)
        table_column(table, names->metrics[i], kind_of_column(trials, n, "observation", names->metrics[i], arena));
    for (size_t i = 0; i < names->n_parameters; i++)
        table_column(table, names->parameters[i],
                     kind_of_column(trials, n, "assignments", names->parameters[i], arena));
}

/* As text; a long number with six digits unless it must be exact. */
static const char *value_text(const struct node *value, bool exact, struct arena *arena)
{
    const char *text = node_to_text(arena, value);

    if (exact || !text || strlen(text) <= SHORT_NUMBER || !is_number(text))
        return text;
    return arena_printf(arena, "%.6g", strtod(text, NULL));
}

static void add_values(const struct node *trial, const struct names *names, bool exact, struct arena *arena,
                       struct table *table)
{
    const struct node *observation = node_get(trial, "observation"), *assignments = node_get(trial, "assignments");

    for (size_t i = 0; i < names->n_metrics; i++)
        table_cell(table, value_text(node_get(node_get(observation, names->metrics[i]), "value"), exact, arena));
    for (size_t i = 0; i < names->n_parameters; i++)
        table_cell(table, value_text(node_get(assignments, names->parameters[i]), exact, arena));
}

/* How long the trial took or takes. */
static const char *elapsed(const struct node *trial, int64_t now_us, struct arena *arena)
{
    const char *started = show(arena, trial, "started", NULL), *completed = show(arena, trial, "completed", NULL);
    int64_t from_us, to_us = now_us;

    if (!started || !clock_parse(started, &from_us) || (completed && !clock_parse(completed, &to_us)))
        return NULL;
    return show_duration(arena, fmax(0.0, (double)(to_us - from_us) / 1e6));
}

static void add_breach(const struct node *constraint, struct arena *arena, struct text *out)
{
    const char *metric = show(arena, constraint, "metric", "-"), *value = show(arena, constraint, "value", NULL);
    const char *min = show(arena, constraint, "min", NULL), *max = show(arena, constraint, "max", NULL);
    double violation, number, bound;
    bool is_known = node_to_real(node_get(constraint, "violation"), &violation);
    bool is_above = is_known && max && node_to_real(node_get(constraint, "value"), &number) &&
                    node_to_real(node_get(constraint, "max"), &bound) && number > bound;

    if (is_known && violation <= 0)
        return;
    text_add(out, out->length > 0 ? ", " : "");
    if (is_known)
        text_printf(out, "%s %s is %s %s", metric, value, is_above ? "above" : "below", is_above ? max : min);
    else
        text_printf(out, "%s is unknown", metric);
}

const char *trial_infeasible(const struct node *trial, struct arena *arena)
{
    const struct node *constraints = node_get(trial, "constraints");
    bool is_feasible;
    struct text out = { 0 };
    const char *copy;

    if (!constraints || constraints->length == 0 || !node_to_boolean(node_get(trial, "feasible"), &is_feasible))
        return NULL;
    for (size_t i = 0; i < constraints->length; i++)
        add_breach(constraints->items[i], arena, &out);
    copy = arena_strdup(arena, text_string(&out));
    text_release(&out);
    return copy;
}

static bool has_constraints(const struct node *const *trials, size_t n)
{
    const struct node *constraints = n > 0 ? node_get(trials[0], "constraints") : NULL;

    return constraints && constraints->length > 0;
}

static const char *feasible_text(const struct node *trial, struct arena *arena)
{
    const char *why = trial_infeasible(trial, arena);

    return why && *why ? arena_printf(arena, "no: %s", why) : why ? "yes" : NULL;
}

void trial_table_fill(const struct node *const *trials, size_t n, bool exact, struct table *table)
{
    struct arena arena = { 0 };
    struct names names = collect(trials, n, &arena);
    int64_t now_us = clock_wall_us();
    bool constrained = has_constraints(trials, n);

    table_column(table, "TRIAL", COLUMN_TEXT);
    table_column(table, "NUMBER", COLUMN_NUMBER);
    table_column(table, "STATE", COLUMN_STATE);
    add_columns(trials, n, &names, &arena, table);
    table_column(table, "TIME", COLUMN_NUMBER);
    if (constrained)
        table_column(table, "FEASIBLE", COLUMN_TEXT);
    for (size_t i = 0; i < n; i++) {
        table_cell(table, show(&arena, trials[i], "name", NULL));
        table_cell(table, show(&arena, trials[i], "number", NULL));
        table_cell(table, show(&arena, trials[i], "state", NULL));
        add_values(trials[i], &names, exact, &arena, table);
        table_cell(table, elapsed(trials[i], now_us, &arena));
        if (constrained)
            table_cell(table, feasible_text(trials[i], &arena));
    }
    arena_release(&arena);
}

void trial_table_fill_katib(const struct node *const *trials, size_t n, struct table *table)
{
    struct arena arena = { 0 };
    struct names names = collect(trials, n, &arena);

    table_column(table, "Status", COLUMN_STATE);
    table_column(table, "trialName", COLUMN_TEXT);
    add_columns(trials, n, &names, &arena, table);
    for (size_t i = 0; i < n; i++) {
        table_cell(table, show(&arena, trials[i], "state", NULL));
        table_cell(table, show(&arena, trials[i], "name", NULL));
        add_values(trials[i], &names, true, &arena, table);
    }
    arena_release(&arena);
}

/* Number of the objective of a trial; NAN when it has none or a text. */
static double objective_of(const struct node *trial)
{
    struct arena arena = { 0 };
    const char *text = node_to_text(&arena, node_path(trial, "objective.value"));
    double value = text && is_number(text) ? strtod(text, NULL) : NAN;

    arena_release(&arena);
    return value;
}

struct ranked {
    double loss;
    size_t place; /* ties: the earlier trial first */
    const struct node *trial;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *one = a, *two = b;

    if (one->loss != two->loss)
        return one->loss < two->loss ? -1 : 1;
    return one->place < two->place ? -1 : 1;
}

/* Only these can be best, as in Katib. */
static bool counts_for_best(const struct node *trial)
{
    const struct node *state = node_get(trial, "state");
    bool is_feasible = true;

    node_to_boolean(node_get(trial, "feasible"), &is_feasible);
    return is_feasible && state && (text_equal(state->text, "Succeeded") || text_equal(state->text, "EarlyStopped"));
}

const struct node **trial_table_rank(const struct node *trials, bool maximize, size_t *n)
{
    size_t n_trials = trials ? trials->length : 0;
    struct ranked *ranked = xcalloc(n_trials + 1, sizeof *ranked);
    const struct node **out = xcalloc(n_trials + 1, sizeof(struct node *));

    *n = 0;
    for (size_t i = 0; i < n_trials; i++) {
        double value = objective_of(trials->items[i]);

        if (!isnan(value) && counts_for_best(trials->items[i]))
            ranked[(*n)++] = (struct ranked){ maximize ? -value : value, i, trials->items[i] };
    }
    qsort(ranked, *n, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < *n; i++)
        out[i] = ranked[i].trial;
    free(ranked);
    return out;
}
