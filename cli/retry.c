/*
 * hone retry: the point of a trial once more, as a new trial. What a trial has been stays as it was.
 */
#include "base/status.h"
#include "cli/session.h"

static int retry(struct session *session)
{
    struct arena *arena = &session->arena;
    const struct node *answer, *trial, *assignments, *numbers;
    struct node *body, *list, *item, *values;
    struct target target;

    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_find_target(session, &target));
    if (target.trial == NULL)
        return fail(ERR_INVALID, "retry needs a trial: hone retry %s TRIAL", target.name);
    TRY(session_call(session, "trial.get", target_body(&target, arena), NULL, &answer));
    trial = node_get(answer, "trial");
    assignments = node_get(trial, "assignments");
    body = node_map(arena);
    node_set(arena, body, "namespace", node_text(arena, target.namespace));
    node_set(arena, body, "name", node_text(arena, target.name));
    list = node_set(arena, body, "trials", node_list(arena));
    item = node_add(arena, list, node_map(arena));
    values = node_set(arena, item, "values", node_map(arena));
    for (size_t i = 0; assignments != NULL && i < assignments->length; i++)
        if (assignments->items[i]->kind == NODE_TEXT)
            node_set(arena, values, assignments->keys[i]->text, node_copy(arena, assignments->items[i]));
    TRY(session_call(session, "trial.add", body, NULL, &answer));
    numbers = node_get(answer, "numbers");
    if (session->command->n_given[OPTION_JSON] > 0)
        print_json(answer);
    else if (numbers != NULL && numbers->length == 1)
        say("the point of trial %s is tried again as trial %s", show(arena, trial, "number", "-"),
            node_to_text(arena, numbers->items[0]));
    return 0;
}

int retry_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = retry(&session);

    session_close(&session);
    return status;
}
