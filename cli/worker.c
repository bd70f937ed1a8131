/*
 * The verbs of a shell that runs trials: ask, report, tell. A ticket stands for the trial that was asked for:
 * EXPERIMENT.NUMBER.ATTEMPT.KEY, as the protocol names an attempt.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/push.h"
#include "cli/session.h"

static int read_seconds(const struct command *command, enum option_id option, double *seconds)
{
    const char *given = command->value[option];

    if (given != NULL && (!number_parse(given, seconds) || *seconds < 0))
        return fail(ERR_INVALID, "--%s: expected seconds, got \"%s\"", option_rows[option].name, given);
    return 0;
}

/* NAME='VALUE' for a shell. */
static void print_assignment(const char *name, const char *value)
{
    printf("%s='", name);
    for (; *value != '\0'; value++) {
        if (*value == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*value);
    }
    fputs("'\n", stdout);
}

/* Names in capitals are the shell's and programs' own (PATH, IFS, LD_PRELOAD), as are zsh's path and the names of proxies: a parameter
   must not change them. */
static bool is_reserved(const char *name)
{
    const char *at = name;

    while (*at != '\0' && !islower((unsigned char)*at))
        at++;
    return *at == '\0' || text_equal(name, "path") || text_ends_with(name, "_proxy");
}

static bool is_taken(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

/* The variable of parameter i: its name, _ for what a shell cannot have in one, param_ before one that is reserved, _2 after one
   that an earlier parameter has. */
static const char *variable_of(const char *parameter, const char *const *earlier, size_t i, struct arena *arena)
{
    char *plain = arena_strdup(arena, parameter);
    const char *name = plain;

    for (char *at = plain; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) || (at == plain && isdigit((unsigned char)*at)))
            *at = '_';
    if (is_reserved(plain))
        name = plain = arena_printf(arena, "param_%s", plain);
    for (unsigned n = 2; is_taken(earlier, i, name); n++)
        name = arena_printf(arena, "%s_%u", plain, n);
    return name;
}

static const char *ticket_of(const struct node *answer, struct arena *arena)
{
    return arena_printf(arena, "%s.%s.%s.%s", show(arena, answer, "experiment", ""), show(arena, answer, "number", ""),
                        show(arena, answer, "attempt", ""), show(arena, answer, "key", ""));
}

static void print_trial(struct session *session, const struct node *answer)
{
    const struct node *assignments = node_get(answer, "assignments");
    const size_t n = assignments != NULL ? assignments->length : 0;
    const char **names = arena_array(&session->arena, n + 1, sizeof *names);

    fputs("export ", stdout); /* for report and tell, also of what the shell starts */
    print_assignment("HONE_TICKET", ticket_of(answer, &session->arena));
    print_assignment("HONE_TRIAL", show(&session->arena, answer, "trial", ""));
    for (size_t i = 0; i < n; i++) {
        const char *parameter = assignments->keys[i]->text;

        names[i] = variable_of(parameter, names, i, &session->arena);
        if (!text_equal(names[i], parameter))
            say("parameter %s is the variable %s", parameter, names[i]);
        print_assignment(names[i], node_to_text(&session->arena, assignments->items[i]));
    }
}

static struct node *with_ticket(const struct node *answer, struct arena *arena)
{
    struct node *node = node_copy(arena, answer);

    if (node_get(answer, "key") != NULL)
        node_set(arena, node, "ticket", node_text(arena, ticket_of(answer, arena)));
    return node;
}

/* Nothing to be had: over (3, so that a loop in a shell ends), or all of them are out (5). */
static int refuse(struct session *session, const struct node *answer)
{
    if (node_get(answer, "finished") != NULL)
        return fail(ERR_NOT_FOUND, "no more trials: %s", show(&session->arena, answer, "message", "it is over"));
    return fail(ERR_UNREACHABLE,
                "no trial can be had now: as many as parallelTrialCount or maxTrialCount allow are out");
}

static int ask(struct session *session)
{
    const struct command *command = session->command;
    struct arena *arena = &session->arena;
    const struct node *answer;
    struct target target;
    struct node *body;
    double wait_s = 10, lease_s = 60;

    TRY(read_seconds(command, OPTION_WAIT, &wait_s));
    TRY(read_seconds(command, OPTION_LEASE, &lease_s));
    TRY(session_open(command, SESSION_CONDUCT, session));
    TRY(session_find(session, command->arguments[0], &target));
    body = target_body(&target, arena);
    node_set(arena, body, "wait_ms", node_integer(arena, (int64_t)(wait_s * 1e3)));
    node_set(arena, body, "lease_s", node_real(arena, lease_s));
    TRY(session_call(session, "trial.ask", body, NULL, &answer));
    if (command->n_given[OPTION_JSON] > 0)
        print_json(with_ticket(answer, arena));
    if (node_get(answer, "key") == NULL)
        return refuse(session, answer);
    if (command->n_given[OPTION_JSON] == 0)
        print_trial(session, answer);
    return 0;
}

/* {experiment, number, attempt, key} of a ticket. */
static int read_ticket(const char *ticket, struct arena *arena, struct node *body)
{
    static const char *const names[] = { "experiment", "number", "attempt" };
    const char *at = ticket;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *dot = strchr(at, '.');
        int64_t number;

        if (dot == NULL || !number_parse_integer(arena_strndup(arena, at, (size_t)(dot - at)), &number))
            return fail(ERR_INVALID, "expected a ticket of hone ask, EXPERIMENT.NUMBER.ATTEMPT.KEY, got \"%s\"",
                        ticket);
        node_set(arena, body, names[i], node_integer(arena, number));
        at = dot + 1;
    }
    node_set(arena, body, "key", node_text(arena, at));
    return 0;
}

/* The ticket of the first argument, else of HONE_TICKET; *first: what follows it. */
static int find_ticket(const struct command *command, struct arena *arena, struct node *body, size_t *first)
{
    const char *ticket = getenv("HONE_TICKET");

    *first = 0;
    if (command->n_arguments > 0 && strchr(command->arguments[0], '=') == NULL) {
        ticket = command->arguments[0];
        *first = 1;
    }
    if (ticket == NULL || *ticket == '\0')
        return fail(ERR_INVALID, "no ticket: give the one that hone ask printed, or set HONE_TICKET to it");
    return read_ticket(ticket, arena, body);
}

/* NAME=NUMBER arguments into a map; step= is none of them. */
static int read_metrics(const struct command *command, size_t first, struct arena *arena, struct node *body)
{
    struct node *metrics = node_map(arena);

    for (size_t i = first; i < command->n_arguments; i++) {
        const char *word = command->arguments[i], *equals = strchr(word, '=');
        const char *name = equals != NULL ? arena_strndup(arena, word, (size_t)(equals - word)) : "";
        double number;
        int64_t step;

        if (*name == '\0' || !number_parse_any(equals + 1, &number))
            return fail(ERR_INVALID, "expected METRIC=NUMBER, got \"%s\"", word);
        if (!text_equal(name, "step"))
            node_set(arena, metrics, name, node_text(arena, equals + 1));
        else if (number_parse_integer(equals + 1, &step))
            node_set(arena, body, "step", node_integer(arena, step));
        else
            return fail(ERR_INVALID, "step: expected an integer, got \"%s\"", equals + 1);
    }
    if (metrics->length > 0)
        node_set(arena, body, "metrics", metrics);
    return 0;
}

/* Inside a trial that reports by itself, and without a ticket: one line more in its file. */
static int report_by_file(struct session *session)
{
    const struct command *command = session->command;
    struct node *said = node_map(&session->arena);

    TRY(read_metrics(command, 0, &session->arena, said));
    return push_report(push_file(), said, &session->arena);
}

static int say_of_ticket(struct session *session, const char *op, const struct node **answer)
{
    const struct command *command = session->command;
    struct node *body = node_map(&session->arena);
    size_t first;

    TRY(find_ticket(command, &session->arena, body, &first));
    TRY(read_metrics(command, first, &session->arena, body));
    if (command->value[OPTION_STATE] != NULL)
        node_set(&session->arena, body, "state", node_text(&session->arena, command->value[OPTION_STATE]));
    if (command->value[OPTION_MESSAGE] != NULL)
        node_set(&session->arena, body, "message", node_text(&session->arena, command->value[OPTION_MESSAGE]));
    TRY(session_open(command, SESSION_CONDUCT, session));
    TRY(session_call(session, op, body, NULL, answer));
    if (command->n_given[OPTION_JSON] > 0)
        print_json(*answer);
    return 0;
}

static int tell(struct session *session)
{
    const struct node *answer;

    TRY(say_of_ticket(session, "trial.tell", &answer));
    if (session->command->n_given[OPTION_JSON] == 0)
        say("the trial is %s", show(&session->arena, answer, "state", "-"));
    return 0;
}

static int report(struct session *session)
{
    const struct node *answer;
    bool stop = false,
         has_ticket = strchr(session->command->arguments[0], '=') == NULL || getenv("HONE_TICKET") != NULL;

    if (!has_ticket && push_file() != NULL)
        return report_by_file(session);
    TRY(say_of_ticket(session, "trial.report", &answer));
    node_to_boolean(node_get(answer, "stop"), &stop);
    if (stop && session->command->n_given[OPTION_JSON] == 0)
        puts("stop");
    if (stop)
        say("this trial should stop: %s", show(&session->arena, answer, "why", "it was told to"));
    return 0;
}

static int with_session(const struct command *command, int (*act)(struct session *))
{
    struct session session = { .command = command };
    int status = act(&session);

    session_close(&session);
    return status;
}

int ask_run(const struct command *command)
{
    return with_session(command, ask);
}

int tell_run(const struct command *command)
{
    return with_session(command, tell);
}

int report_run(const struct command *command)
{
    return with_session(command, report);
}
