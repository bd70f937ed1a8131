/*
 * hone importance: which parameters the objective depends on.
 */
#include "suggest/importance.h"
#include "base/status.h"
#include "cli/result.h"

enum { TIMEOUT_MS = 60000 }; /* fanova of ten thousand trials and some objectives takes seconds */

static void print_importance(const struct node *answer, struct arena *arena)
{
    const struct node *parameters = node_get(answer, "parameters");
    struct table table = { 0 };

    table_column(&table, "PARAMETER", COLUMN_TEXT);
    table_column(&table, "IMPORTANCE", COLUMN_NUMBER);
    for (size_t i = 0; parameters && i < parameters->length; i++) {
        double share = 0;

        node_to_real(node_get(parameters->items[i], "importance"), &share);
        table_cell(&table, show(arena, parameters->items[i], "name", NULL));
        table_cell(&table, arena_printf(arena, "%.3f", share));
    }
    table_print(&table);
    table_release(&table);
    say("%s of %s trials", show(arena, answer, "evaluator", "importance"), show(arena, answer, "trials", "?"));
}

static int importance(struct session *session)
{
    const struct command *command = session->command;
    struct arena *arena = &session->arena;
    const struct node *answer;
    struct target target;
    struct node *body;

    TRY(session_open(command, SESSION_READ, session));
    TRY(session_find(session, command->arguments[0], &target));
    body = target_body(&target, arena);
    if (command->value[OPTION_EVALUATOR] != NULL)
        node_set(arena, body, "evaluator", node_text(arena, command->value[OPTION_EVALUATOR]));
    if (command->value[OPTION_OBJECTIVE] != NULL)
        node_set(arena, body, "objective", node_text(arena, command->value[OPTION_OBJECTIVE]));
    TRY(session_call(session, "experiment.importance", body, NULL, &answer));
    if (command->n_given[OPTION_JSON] > 0)
        print_json(answer);
    else
        print_importance(answer, arena);
    return 0;
}

static int check_evaluator(const char *name)
{
    for (size_t i = 0; importance_evaluator_names[i] != NULL; i++)
        if (text_equal(importance_evaluator_names[i], name))
            return 0;
    return fail(ERR_INVALID, "--evaluator: expected %s or %s, got %s", importance_evaluator_names[0],
                importance_evaluator_names[1], name);
}

int importance_run(const struct command *command)
{
    struct session session = { .command = command, .timeout_ms = TIMEOUT_MS };
    int status;

    if (command->value[OPTION_EVALUATOR] != NULL && check_evaluator(command->value[OPTION_EVALUATOR]) < 0)
        return usage_error();
    status = importance(&session);
    session_close(&session);
    return status;
}
