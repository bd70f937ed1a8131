/*
 * hone import: trials of a CSV file (as hone export writes it, or a table of your own) become finished trials of an experiment.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/session.h"
#include "experiment/csv.h"

enum { FILE_LIMIT = 256 << 20, ROWS_A_CALL = 1000 };

/* A column and what it is: exactly one of the two, or neither. */
struct column {
    bool is_parameter, is_metric;
};

struct import {
    struct session *session;
    struct target target;
    const char *path;
    struct csv csv;
    struct column *columns; /* (csv.n_columns) */
    size_t status_column;   /* csv.n_columns: none */
    uint64_t digest;        /* of the file */
    size_t n_added, n_passed_over;
};

/* 64-bit FNV-1a: tells one file from another, guards nothing. */
static uint64_t digest_of(const struct text *text)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < text->length; i++)
        h = (h ^ (unsigned char)text->data[i]) * 0x100000001b3u;
    return h;
}

static bool names(const struct node *list, const char *key, const char *name)
{
    for (size_t i = 0; list != NULL && list->kind == NODE_LIST && i < list->length; i++) {
        const struct node *item = key != NULL ? node_get(list->items[i], key) : list->items[i];

        if (item != NULL && item->kind == NODE_TEXT && text_equal(item->text, name))
            return true;
    }
    return false;
}

static bool is_status(const char *title)
{
    return text_equal(title, "Status") || text_equal(title, "STATE") || text_equal(title, "state");
}

/* Titles against the experiment's names. */
static int read_columns(struct import *import, const struct node *experiment)
{
    const struct node *parameters = node_path(experiment, "spec.parameters");
    const struct node *more = node_path(experiment, "spec.objective.additionalMetricNames");
    const struct node *bounds = node_path(experiment, "spec.hone.constraints");
    size_t n_metrics = 0;

    import->columns = arena_array(&import->session->arena, import->csv.n_columns, sizeof *import->columns);
    import->status_column = import->csv.n_columns;
    for (size_t i = 0; i < import->csv.n_columns; i++) {
        const char *title = import->csv.cells[i];
        struct column *column = &import->columns[i];

        column->is_parameter = names(parameters, "name", title);
        column->is_metric = names(node_get(experiment, "objectives"), "metric", title) || names(more, NULL, title) ||
                            names(bounds, "metricName", title);
        n_metrics += column->is_metric;
        if (is_status(title))
            import->status_column = i;
        else if (!column->is_parameter && !column->is_metric && !text_equal(title, "trialName"))
            say("%s: column %s is neither a parameter nor a metric of %s: passed over", import->path, title,
                import->target.name);
    }
    if (n_metrics == 0)
        return fail(ERR_INVALID,
                    "%s:1: no column is a metric of %s: its titles are the names of parameters and metrics",
                    import->path, import->target.name);
    return 0;
}

/* Katib's conditions, as trial.add calls them; NULL: not over. */
static const char *state_of(const char *status)
{
    static const char *const rows[][2] = {
        { "", "complete" },     { "Succeeded", "complete" }, { "EarlyStopped", "pruned" },
        { "Failed", "failed" }, { "Killed", "stopped" },     { "MetricsUnavailable", "failed" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_equal(rows[i][0], status))
            return rows[i][1];
    return NULL;
}

/* false: nothing to be had of that row. */
static bool read_row(const struct import *import, size_t row, struct arena *arena, struct node *list)
{
    const char *const *cells = import->csv.cells + row * import->csv.n_columns;
    const char *state = state_of(import->status_column < import->csv.n_columns ? cells[import->status_column] : "");
    struct node *trial = node_map(arena), *values = node_set(arena, trial, "values", node_map(arena));
    struct node *metrics = node_set(arena, trial, "metrics", node_map(arena));

    for (size_t i = 0; i < import->csv.n_columns; i++) {
        if (*cells[i] == '\0')
            continue;
        if (import->columns[i].is_parameter)
            node_set(arena, values, import->csv.cells[i], node_text(arena, cells[i]));
        else if (import->columns[i].is_metric)
            node_set(arena, metrics, import->csv.cells[i], node_text(arena, cells[i]));
    }
    if (state == NULL || values->length == 0 || (text_equal(state, "complete") && metrics->length == 0))
        return false;
    node_set(arena, trial, "state", node_text(arena, state));
    node_add(arena, list, trial);
    return true;
}

static int add_rows(struct import *import, size_t first, size_t end)
{
    struct arena arena = { 0 };
    struct node *body = node_map(&arena), *list;
    const struct node *answer, *numbers;
    int status = 0;

    node_set(&arena, body, "namespace", node_text(&arena, import->target.namespace));
    node_set(&arena, body, "name", node_text(&arena, import->target.name));
    node_set(&arena, body, "token",
             node_text(&arena, arena_printf(&arena, "import-%016llx-%zu", (unsigned long long)import->digest, first)));
    list = node_set(&arena, body, "trials", node_list(&arena));
    for (size_t row = first; row < end; row++)
        import->n_passed_over += !read_row(import, row, &arena, list);
    if (list->length > 0)
        status = session_call(import->session, "trial.add", body, &arena, &answer);
    numbers = status == 0 && list->length > 0 ? node_get(answer, "numbers") : NULL;
    import->n_added += numbers != NULL ? numbers->length : 0;
    arena_release(&arena);
    return status;
}

static int import_rows(struct import *import)
{
    const struct node *answer;

    TRY(session_call(import->session, "experiment.get", target_body(&import->target, &import->session->arena), NULL,
                     &answer));
    TRY(read_columns(import, node_get(answer, "experiment")));
    for (size_t first = 1; first < import->csv.n_rows; first += ROWS_A_CALL)
        TRY(add_rows(import, first,
                     import->csv.n_rows - first < ROWS_A_CALL ? import->csv.n_rows : first + ROWS_A_CALL));
    say("%s has %zu trials of %s%s", import->target.name, import->n_added, import->path,
        import->n_passed_over > 0 ? "; rows without an end, values or metrics were passed over" : "");
    return 0;
}

static int import_file(struct session *session)
{
    const struct command *command = session->command;
    struct import import = { .session = session, .path = command->arguments[1] };
    struct text text = { 0 };
    int status = file_read(import.path, FILE_LIMIT, &text);

    import.digest = digest_of(&text);
    if (status == 0)
        status = csv_read(text_string(&text), text.length, &session->arena, &import.csv);
    if (status < 0 && text.length > 0)
        status = fail(status, "%s: %s", import.path, arena_strdup(&session->arena, fail_message()));
    text_release(&text);
    TRY(status);
    TRY(session_open(command, SESSION_READ, session));
    TRY(session_find(session, command->arguments[0], &import.target));
    return import_rows(&import);
}

int import_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = import_file(&session);

    session_close(&session);
    return status;
}
