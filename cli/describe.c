/*
 * hone describe: everything that is known about an experiment or a trial, for people.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "cli/result.h"
#include "cli/trial_table.h"

enum { LABEL_WIDTH = 14 };

static void line(const char *label, const char *text)
{
    if (!text)
        return;
    printf("%-*s", LABEL_WIDTH, label);
    print_lines(stdout, *text ? text : "-", 0);
}

static void line_of_time(const char *label, const struct node *node, const char *key, struct arena *arena)
{
    const char *time = show(arena, node, key, NULL);

    if (time)
        line(label, arena_printf(arena, "%s (%s ago)", time, show_age(arena, time, clock_wall_us())));
}

static void print_state(const struct node *node, struct arena *arena)
{
    line("State:", arena_printf(arena, "%s (%s: %s)", show(arena, node, "state", "-"), show(arena, node, "reason", "-"),
                                show(arena, node, "message", "-")));
}

static void print_counts(const struct node *experiment, struct arena *arena)
{
    const struct node *counts = node_get(experiment, "counts");
    const char *max = show(arena, experiment, "maxTrialCount", NULL);
    struct text out = { 0 };

    text_add(&out, show(arena, counts, "trials", "0"));
    if (max && !text_equal(max, "0"))
        text_printf(&out, " of %s", max);
    for (size_t i = 0; counts && i < counts->length; i++) {
        const char *n = node_to_text(arena, counts->items[i]);

        if (n && !text_equal(n, "0") && !text_equal(counts->keys[i]->text, "trials"))
            text_printf(&out, ", %s %s", n, counts->keys[i]->text);
    }
    line("Trials:", text_string(&out));
    text_release(&out);
}

static void print_budget(const struct node *experiment, struct arena *arena)
{
    const char *failed = show(arena, experiment, "maxFailedTrialCount", NULL);

    line("Budget:", arena_printf(arena, "%s at a time%s%s%s", show(arena, experiment, "parallelTrialCount", "-"),
                                 failed ? ", gives up after " : "", failed ? failed : "", failed ? " failures" : ""));
    line("Resume:", show(arena, experiment, "resumePolicy", NULL));
}

/* "0.01 .. 0.05 step 0.01 logUniform", or the list. */
static const char *space_text(const struct node *space, struct arena *arena)
{
    const struct node *list = node_get(space, "list");
    const char *step = show(arena, space, "step", NULL), *distribution = show(arena, space, "distribution", NULL);
    struct text out = { 0 };
    const char *copy;

    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->length; i++) {
        const char *item = node_to_text(arena, list->items[i]);

        text_printf(&out, "%s%s", i > 0 ? ", " : "", item ? item : "?");
    }
    if (node_get(space, "min"))
        text_printf(&out, "%s .. %s", show(arena, space, "min", "?"), show(arena, space, "max", "?"));
    if (step)
        text_printf(&out, " step %s", step);
    if (distribution && node_get(space, "min"))
        text_printf(&out, " %s", distribution);
    copy = arena_strdup(arena, text_string(&out));
    text_release(&out);
    return copy;
}

static void print_parameters(const struct node *experiment, struct arena *arena)
{
    const struct node *spec = node_get(experiment, "spec"), *list;
    struct table table = { 0 };

    list = node_get(node_get(spec, "spec") ? node_get(spec, "spec") : spec, "parameters");
    if (!list || list->kind != NODE_LIST || list->length == 0)
        return;
    table_column(&table, "PARAMETER", COLUMN_TEXT);
    table_column(&table, "TYPE", COLUMN_TEXT);
    table_column(&table, "VALUES", COLUMN_TEXT);
    for (size_t i = 0; i < list->length; i++) {
        table_cell(&table, show(arena, list->items[i], "name", NULL));
        table_cell(&table, show(arena, list->items[i], "parameterType", NULL));
        table_cell(&table, space_text(node_get(list->items[i], "feasibleSpace"), arena));
    }
    putchar('\n');
    table_print(&table);
    table_release(&table);
}

static void print_conditions(const struct node *experiment, struct arena *arena)
{
    static const char *const keys[] = { "type", "status", "reason", "changed", "message" };
    static const char *const titles[] = { "CONDITION", "STATUS", "REASON", "TIME", "MESSAGE" };
    const struct node *list = node_get(experiment, "conditions");
    struct table table = { 0 };

    if (!list || list->kind != NODE_LIST || list->length == 0)
        return;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        table_column(&table, titles[k], k == 0 ? COLUMN_STATE : COLUMN_TEXT);
    for (size_t i = 0; i < list->length; i++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            table_cell(&table, show(arena, list->items[i], keys[k], NULL));
    putchar('\n');
    table_print(&table);
    table_release(&table);
}

static void print_aim(const struct node *aim, struct arena *arena)
{
    const char *goal = show(arena, aim, "goal", NULL);

    line("Objective:", arena_printf(arena, "%s %s%s%s", show(arena, aim, "type", "-"), show(arena, aim, "metric", "-"),
                                    goal ? ", goal " : "", goal ? goal : ""));
}

static void print_experiment(const struct node *experiment, struct arena *arena)
{
    const struct node *objectives = node_get(experiment, "objectives");
    const struct node *best = node_get(experiment, "best");

    line("Experiment:", arena_printf(arena, "%s/%s", show(arena, experiment, "namespace", "default"),
                                     show(arena, experiment, "name", "-")));
    line("UID:", show(arena, experiment, "uid", NULL));
    print_state(experiment, arena);
    line_of_time("Created:", experiment, "created", arena);
    line_of_time("Started:", experiment, "started", arena);
    line_of_time("Completed:", experiment, "completed", arena);
    for (size_t i = 0; objectives && i < objectives->length; i++)
        print_aim(objectives->items[i], arena);
    line("Algorithm:", show(arena, experiment, "algorithm", NULL));
    line("Stopping:", show(arena, experiment, "earlyStopping", NULL));
    print_counts(experiment, arena);
    print_budget(experiment, arena);
    line("Limits:", show(arena, experiment, "limits", NULL));
    print_parameters(experiment, arena);
    print_conditions(experiment, arena);
    putchar('\n');
    if (best && best->kind == NODE_MAP)
        result_print_best(experiment);
    else
        puts("best trial: none yet");
}

static const char *bytes_text(const struct node *node, const char *key, struct arena *arena)
{
    double bytes;

    if (!node_to_real(node_get(node, key), &bytes) || bytes <= 0)
        return NULL;
    return arena_printf(arena, "%.1f MiB", bytes / (1 << 20));
}

static void print_attempt(const struct node *attempt, struct arena *arena)
{
    const char *tail = show(arena, attempt, "tail", NULL), *memory = bytes_text(attempt, "peakMemoryBytes", arena);
    const char *gpus = show(arena, attempt, "gpus", NULL), *message = show(arena, attempt, "message", NULL);
    double wall_s = 0, cpu_s = 0;
    struct text out = { 0 };

    node_to_real(node_get(attempt, "wallSeconds"), &wall_s);
    node_to_real(node_get(attempt, "cpuSeconds"), &cpu_s);
    text_printf(&out, "%s%s%s", show(arena, attempt, "end", "-"), message ? ": " : "", message ? message : "");
    text_printf(&out, "; %s", show_duration(arena, wall_s));
    text_printf(&out, ", %s of CPU", show_duration(arena, cpu_s));
    if (memory)
        text_printf(&out, ", %s at most", memory);
    if (gpus)
        text_printf(&out, ", GPU %s", gpus);
    line(arena_printf(arena, "Attempt %s:", show(arena, attempt, "attempt", "-")), text_string(&out));
    if (tail && *tail) {
        printf("%-*slast lines of output:\n", LABEL_WIDTH, "");
        print_lines(stdout, tail, LABEL_WIDTH + 2);
    }
    text_release(&out);
}

static void print_values(const struct node *trial, struct arena *arena)
{
    const struct node *assignments = node_get(trial, "assignments"), *observation = node_get(trial, "observation");
    struct table parameters = { 0 }, metrics = { 0 };
    static const char *const titles[] = { "METRIC", "VALUE", "MIN", "MAX", "LATEST" };

    table_column(&parameters, "PARAMETER", COLUMN_TEXT);
    table_column(&parameters, "VALUE", COLUMN_TEXT);
    for (size_t i = 0; assignments && i < assignments->length; i++) {
        table_cell(&parameters, assignments->keys[i]->text);
        table_cell(&parameters, node_to_text(arena, assignments->items[i]));
    }
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(&metrics, titles[i], i == 0 ? COLUMN_TEXT : COLUMN_NUMBER);
    for (size_t i = 0; observation && i < observation->length; i++) {
        table_cell(&metrics, observation->keys[i]->text);
        table_cell(&metrics, show(arena, observation->items[i], "value", NULL));
        table_cell(&metrics, show(arena, observation->items[i], "min", NULL));
        table_cell(&metrics, show(arena, observation->items[i], "max", NULL));
        table_cell(&metrics, show(arena, observation->items[i], "latest", NULL));
    }
    putchar('\n');
    table_print(&parameters);
    if (metrics.n_cells > 0) {
        putchar('\n');
        table_print(&metrics);
    }
    table_release(&parameters);
    table_release(&metrics);
}

static const char *labels_text(const struct node *labels, struct arena *arena)
{
    struct text out = { 0 };
    const char *copy;

    for (size_t i = 0; labels && i < labels->length; i++)
        text_printf(&out, "%s%s=%s", i > 0 ? ", " : "", labels->keys[i]->text, node_to_text(arena, labels->items[i]));
    copy = out.length > 0 ? arena_strdup(arena, text_string(&out)) : NULL;
    text_release(&out);
    return copy;
}

static void print_merit(const struct node *trial, struct arena *arena)
{
    const char *infeasible = trial_infeasible(trial, arena);

    line("Objective:", result_objectives(trial, arena));
    if (infeasible)
        line("Feasible:", *infeasible ? arena_printf(arena, "no: %s", infeasible) : "yes");
}

static void print_trial(const struct node *trial, struct arena *arena)
{
    const struct node *attempts = node_get(trial, "attempts");

    line("Trial:",
         arena_printf(arena, "%s (number %s)", show(arena, trial, "name", "-"), show(arena, trial, "number", "-")));
    print_state(trial, arena);
    line_of_time("Created:", trial, "created", arena);
    line_of_time("Started:", trial, "started", arena);
    line_of_time("Completed:", trial, "completed", arena);
    line("Parent:", show(arena, trial, "parent", NULL));
    line("Resource:", show(arena, trial, "resource", NULL));
    line("Labels:", labels_text(node_get(trial, "labels"), arena));
    line("Why:", show(arena, trial, "why", NULL));
    print_merit(trial, arena);
    line("Limits:", show(arena, trial, "limits", NULL));
    for (size_t i = 0; attempts && i < attempts->length; i++)
        print_attempt(attempts->items[i], arena);
    print_values(trial, arena);
}

static int describe(struct session *session)
{
    const struct command *command = session->command;
    const struct node *answer, *subject;
    struct target target;

    TRY(session_open(command, SESSION_READ, session));
    TRY(session_find_target(session, &target));
    TRY(session_call(session, target.trial ? "trial.get" : "experiment.get", target_body(&target, &session->arena),
                     NULL, &answer));
    subject = node_get(answer, target.trial ? "trial" : "experiment");
    if (command->n_given[OPTION_JSON] > 0)
        print_json(subject);
    else if (target.trial)
        print_trial(subject, &session->arena);
    else
        print_experiment(subject, &session->arena);
    return 0;
}

int describe_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = describe(&session);

    session_close(&session);
    return status;
}
