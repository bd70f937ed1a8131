/*
 * hone trials, hone best and hone export: the results of one experiment.
 */
#include <stdio.h>

#include "base/status.h"
#include "cli/result.h"
#include "cli/trial_table.h"

static int get_experiment(struct session *session, const struct target *target, const char *form,
                          const struct node **experiment)
{
    struct node *body = target_body(target, &session->arena);
    const struct node *answer;

    node_set(&session->arena, body, "likely", node_boolean(&session->arena, true));
    node_set(&session->arena, body, "form", node_text(&session->arena, form));
    TRY(session_call(session, "experiment.get", body, NULL, &answer));
    *experiment = node_get(answer, "experiment");
    return 0;
}

/* With the session open: find the experiment of the command line, then do. */
static int with_experiment(const struct command *command, int (*act)(struct session *, const struct target *))
{
    struct session session = { 0 };
    struct target target;
    int status = session_open(command, SESSION_READ, &session);

    if (status == 0)
        status = session_find(&session, command->arguments[0], &target);
    if (status == 0)
        status = act(&session, &target);
    session_close(&session);
    return status;
}

static void print_csv(const struct node *trials, bool katib)
{
    const struct node *const *items = (const struct node *const *)trials->items;
    struct table table = { 0 };
    struct text csv = { 0 };

    if (katib)
        trial_table_fill_katib(items, trials->length, &table);
    else
        trial_table_fill(items, trials->length, true, &table);
    table_write_csv(&table, &csv);
    fputs(text_string(&csv), stdout);
    text_release(&csv);
    table_release(&table);
}

static void print_table(const struct node *trials)
{
    struct table table = { 0 };

    if (trials->length == 0) {
        say("no trials yet");
        return;
    }
    trial_table_fill((const struct node *const *)trials->items, trials->length, false, &table);
    table_print(&table);
    table_release(&table);
}

static int show_trials(struct session *session, const struct target *target)
{
    const char *format = command_format(session->command);
    bool is_yaml = text_equal(format, "yaml");
    const struct node *trials;

    TRY(session_trials(session, target, is_yaml ? "katib" : "hone", &trials));
    if (text_equal(format, "json"))
        print_json(trials);
    else if (text_equal(format, "csv"))
        print_csv(trials, false);
    else if (text_equal(format, "table"))
        print_table(trials);
    for (size_t i = 0; i < trials->length; i++) {
        if (is_yaml && i > 0)
            puts("---");
        if (is_yaml)
            print_yaml(trials->items[i]);
        else if (text_equal(format, "name"))
            puts(show(&session->arena, trials->items[i], "name", ""));
    }
    return 0;
}

int trials_run(const struct command *command)
{
    return with_experiment(command, show_trials);
}

static int show_best(struct session *session, const struct target *target)
{
    const struct node *experiment;
    struct node *best;

    TRY(get_experiment(session, target, "hone", &experiment));
    best = result_best(experiment, &session->arena);
    if (!best)
        return fail(ERR_NOT_FOUND, "%s", result_absent(experiment, &session->arena));
    if (session->command->n_given[OPTION_JSON] > 0)
        print_json(best);
    else
        result_print_best(experiment);
    return 0;
}

int best_run(const struct command *command)
{
    return with_experiment(command, show_best);
}

static int show_export(struct session *session, const struct target *target)
{
    const char *format = command_format(session->command);
    const struct node *experiment, *trials;
    struct node *out = node_map(&session->arena);

    if (text_equal(format, "yaml")) {
        TRY(get_experiment(session, target, "katib", &experiment));
        print_yaml(experiment);
        return 0;
    }
    TRY(session_trials(session, target, "hone", &trials));
    if (text_equal(format, "csv")) {
        print_csv(trials, true);
        return 0;
    }
    TRY(get_experiment(session, target, "hone", &experiment));
    node_set(&session->arena, out, "experiment", node_copy(&session->arena, experiment));
    node_set(&session->arena, out, "trials", node_copy(&session->arena, trials));
    print_json(out);
    return 0;
}

int export_run(const struct command *command)
{
    return with_experiment(command, show_export);
}
