/*
 * hone events: what has happened, one line each, and with -f what happens.
 */
#include <stdio.h>

#include "base/json.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/follow.h"
#include "cli/session.h"

enum { EVENTS_AT_ONCE = 500, WAIT_MS = 250 };

/* A trial's message may be of several lines, and must not look like other events. */
static const char *on_one_line(const char *text, struct arena *arena)
{
    char *line = arena_strdup(arena, text);

    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    return line;
}

static void print_event(struct arena *arena, const struct node *event)
{
    const char *trial = show(arena, event, "trial", NULL), *detail = show(arena, event, "detail", NULL);

    printf("%s  %s/%s%s%s  %s%s", show(arena, event, "time", "-"), show(arena, event, "namespace", "-"),
           show(arena, event, "name", "-"), trial != NULL ? " trial " : "", trial != NULL ? trial : "",
           show(arena, event, "kind", "-"), detail != NULL ? "  " : "\n");
    if (detail != NULL)
        print_lines(stdout, on_one_line(detail, arena), 0);
}

static void print_event_json(const struct node *event)
{
    struct text line = { 0 };

    json_write(event, JSON_COMPACT, &line);
    puts(text_string(&line));
    text_release(&line);
}

/* Print what came after *since. *n: how many there were. */
static int print_next(struct session *session, const struct target *target, int64_t *since, int wait_ms, size_t *n)
{
    struct arena arena = { 0 };
    struct node *body = target != NULL ? target_body(target, &arena) : node_map(&arena);
    const struct node *answer, *events;
    int status;

    node_set(&arena, body, "since", node_integer(&arena, *since));
    node_set(&arena, body, "max", node_integer(&arena, EVENTS_AT_ONCE));
    node_set(&arena, body, "wait_ms", node_integer(&arena, wait_ms));
    status = session_call(session, "events", body, &arena, &answer);
    events = status == 0 ? node_get(answer, "events") : NULL;
    *n = events != NULL ? events->length : 0;
    for (size_t i = 0; i < *n; i++) {
        if (session->command->n_given[OPTION_JSON] > 0)
            print_event_json(events->items[i]);
        else
            print_event(&arena, events->items[i]);
        node_to_integer(node_get(events->items[i], "sequence"), since);
    }
    fflush(stdout);
    arena_release(&arena);
    return status;
}

static int events(struct session *session)
{
    const struct command *command = session->command;
    const char *given = command->value[OPTION_SINCE];
    bool follow = command->n_given[OPTION_FOLLOW] > 0, one = command->n_arguments > 0;
    struct target target;
    int64_t since = 0;
    size_t n = 1;

    if (given != NULL && (!number_parse_integer(given, &since) || since < 0))
        return fail(ERR_INVALID, "--since: expected the number of an event, got \"%s\"", given);
    TRY(session_open(command, SESSION_READ, session));
    if (one)
        TRY(session_find(session, command->arguments[0], &target));
    while ((n > 0 || follow) && !follow_is_interrupted())
        TRY(print_next(session, one ? &target : NULL, &since, n == 0 ? WAIT_MS : 0, &n));
    return EXIT_DONE;
}

int events_run(const struct command *command)
{
    struct session session = { .command = command };
    int status;

    follow_catch_signals();
    status = events(&session);
    session_close(&session);
    return status;
}
