/*
 * hone get: the experiments of a database.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/status.h"
#include "cli/session.h"

static void add_row(const struct node *experiment, int64_t now_us, struct arena *arena, struct table *table)
{
    struct arena *a = arena;
    const char *max = show(a, experiment, "maxTrialCount", NULL), *trials = show(a, experiment, "counts.trials", "0");
    bool is_infeasible = !text_equal(show(a, experiment, "counts.infeasible", "0"), "0");

    table_cell(table, show(a, experiment, "namespace", NULL));
    table_cell(table, show(a, experiment, "name", NULL));
    table_cell(table, show(a, experiment, "state", NULL));
    table_cell(table, max && !text_equal(max, "0") ? arena_printf(a, "%s/%s", trials, max) : trials);
    table_cell(table, show(a, experiment, "counts.running", "0"));
    table_cell(table, show(a, experiment, "counts.failed", "0"));
    table_cell(table, show(a, experiment, "objective.metric", NULL));
    table_cell(table, show(a, experiment, "best.objective.value", is_infeasible ? "infeasible" : NULL));
    table_cell(table, show(a, experiment, "algorithm", NULL));
    table_cell(table, show_age(a, show(a, experiment, "created", NULL), now_us));
}

static void fill(const struct node *list, struct arena *arena, struct table *table)
{
    static const struct {
        const char *title;
        enum column_kind kind;
    } columns[] = {
        { "NAMESPACE", COLUMN_TEXT }, { "NAME", COLUMN_TEXT },      { "STATE", COLUMN_STATE },
        { "TRIALS", COLUMN_NUMBER },  { "RUNNING", COLUMN_NUMBER }, { "FAILED", COLUMN_NUMBER },
        { "OBJECTIVE", COLUMN_TEXT }, { "BEST", COLUMN_NUMBER },    { "ALGORITHM", COLUMN_TEXT },
        { "AGE", COLUMN_NUMBER },
    };

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(table, columns[i].title, columns[i].kind);
    for (size_t i = 0; i < list->length; i++)
        add_row(list->items[i], clock_wall_us(), arena, table);
}

/* Katib's own form of each. */
static int print_katib(struct session *session, const struct node *list)
{
    struct arena *arena = &session->arena;

    for (size_t i = 0; i < list->length; i++) {
        struct target target = { show(arena, list->items[i], "namespace", "default"),
                                 show(arena, list->items[i], "name", ""), NULL };
        struct node *body = target_body(&target, arena);
        const struct node *answer;

        node_set(arena, body, "form", node_text(arena, "katib"));
        TRY(session_call(session, "experiment.get", body, NULL, &answer));
        if (i > 0)
            puts("---");
        print_yaml(node_get(answer, "experiment"));
    }
    return 0;
}

static int print_list(struct session *session, const struct node *list, bool is_one)
{
    const char *format = command_format(session->command);
    struct table table = { 0 };
    struct text csv = { 0 };
    int status = 0;

    if (text_equal(format, "json"))
        print_json(is_one ? list->items[0] : list);
    else if (text_equal(format, "yaml"))
        status = print_katib(session, list);
    else if (text_equal(format, "name"))
        for (size_t i = 0; i < list->length; i++)
            printf("%s/%s\n", show(&session->arena, list->items[i], "namespace", "default"),
                   show(&session->arena, list->items[i], "name", ""));
    else if (list->length == 0 && text_equal(format, "table"))
        say("no experiments yet");
    else {
        fill(list, &session->arena, &table);
        if (text_equal(format, "csv")) {
            table_write_csv(&table, &csv);
            fputs(text_string(&csv), stdout);
        } else {
            table_print(&table);
        }
    }
    text_release(&csv);
    table_release(&table);
    return status;
}

static int get(struct session *session)
{
    const struct command *command = session->command;
    struct node *one = node_list(&session->arena), *body;
    const struct node *list, *answer;
    struct target target;

    if (command->n_arguments == 0 && session_is_empty(command))
        return print_list(session, one, false);
    TRY(session_open(command, SESSION_READ, session));
    if (command->n_arguments == 0) {
        TRY(session_experiments(session, false, &list));
        return print_list(session, list, false);
    }
    TRY(session_find(session, command->arguments[0], &target));
    body = target_body(&target, &session->arena);
    node_set(&session->arena, body, "likely", node_boolean(&session->arena, true));
    TRY(session_call(session, "experiment.get", body, NULL, &answer));
    node_add(&session->arena, one, node_copy(&session->arena, node_get(answer, "experiment")));
    return print_list(session, one, true);
}

int get_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = get(&session);

    session_close(&session);
    return status;
}
