/*
 * hone audit: who changed what.
 */
#include <stdio.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/session.h"

static int print_page(struct session *session, int64_t *since, struct table *table, struct node *all, size_t *n)
{
    static const char *const columns[] = { "time", "who", "op", "subject", "outcome" };
    struct arena *arena = &session->arena;
    struct node *body = node_map(arena);
    const struct node *answer, *list;

    node_set(arena, body, "since", node_integer(arena, *since));
    TRY(session_call(session, "audit", body, NULL, &answer));
    list = node_get(answer, "entries");
    *n = list != NULL ? list->length : 0;
    for (size_t i = 0; i < *n; i++) {
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            table_cell(table, show(arena, list->items[i], columns[k], "-"));
        node_add(arena, all, node_copy(arena, list->items[i]));
        node_to_integer(node_get(list->items[i], "sequence"), since);
    }
    return 0;
}

static int audit(struct session *session)
{
    const char *given = session->command->value[OPTION_SINCE];
    struct node *all = node_list(&session->arena);
    struct table table = { 0 };
    int64_t since = 0;
    size_t n = 1;
    int status;

    if (given != NULL && (!number_parse_integer(given, &since) || since < 0))
        return fail(ERR_INVALID, "--since: expected the number of an entry, got \"%s\"", given);
    status = session_open(session->command, SESSION_READ, session);
    table_column(&table, "TIME", COLUMN_TEXT);
    table_column(&table, "WHO", COLUMN_TEXT);
    table_column(&table, "OPERATION", COLUMN_TEXT);
    table_column(&table, "SUBJECT", COLUMN_TEXT);
    table_column(&table, "OUTCOME", COLUMN_TEXT);
    while (status == 0 && n > 0)
        status = print_page(session, &since, &table, all, &n);
    if (status == 0 && session->command->n_given[OPTION_JSON] > 0)
        print_json(all);
    else if (status == 0)
        table_print(&table);
    table_release(&table);
    return status;
}

int audit_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = audit(&session);

    session_close(&session);
    return status;
}
