/*
 * hone wait: until an experiment is what was asked for.
 */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/session.h"

enum { LOOK_MS = 1000 };

static const char *const conditions[] = { "finished", "Running", "Succeeded", "Failed", "Stopped", NULL };

/* kubectl's form, condition=Succeeded, is taken too. */
static int read_condition(const struct command *command, const char **condition)
{
    static const char prefix[] = "condition=";
    const char *given = command->value[OPTION_FOR], *near;

    *condition = conditions[0];
    if (given == NULL)
        return 0;
    if (text_starts_with(given, prefix))
        given += strlen(prefix);
    for (size_t i = 0; conditions[i] != NULL; i++) {
        if (strcasecmp(conditions[i], given) != 0)
            continue;
        *condition = conditions[i];
        return 0;
    }
    near = text_nearest(given, conditions);
    return fail(ERR_INVALID, "--for: expected finished, Running, Succeeded, Failed or Stopped, got \"%s\"%s%s%s", given,
                near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

static int read_deadline(const struct command *command, int64_t *until_ms)
{
    const char *given = command->value[OPTION_TIMEOUT];
    double seconds;

    *until_ms = INT64_MAX;
    if (given == NULL)
        return 0;
    if (!number_parse_duration(given, &seconds) && (!number_parse(given, &seconds) || seconds < 0))
        return fail(ERR_INVALID, "--timeout: expected seconds, got \"%s\"", given);
    if (seconds < 1e9)
        *until_ms = clock_steady_ms() + (int64_t)(seconds * 1e3);
    return 0;
}

/* The newest number of the experiment's events, waiting for one after since. */
static int wait_for_event(struct session *session, const struct target *target, int64_t *since, int64_t wait_ms)
{
    struct arena arena = { 0 };
    struct node *body = target_body(target, &arena);
    const struct node *answer, *events;
    int status;

    node_set(&arena, body, "since", node_integer(&arena, *since));
    node_set(&arena, body, "wait_ms", node_integer(&arena, wait_ms < LOOK_MS ? wait_ms : LOOK_MS));
    status = session_call(session, "events", body, &arena, &answer);
    events = status == 0 ? node_get(answer, "events") : NULL;
    if (events != NULL && events->length > 0)
        node_to_integer(node_get(events->items[events->length - 1], "sequence"), since);
    arena_release(&arena);
    return status;
}

/* 1: it is what was asked for; 0: not yet; EXIT_...: it has ended otherwise. */
static int judge(const char *state, const char *condition)
{
    bool is_over = text_equal(state, "Succeeded") || text_equal(state, "Failed") || text_equal(state, "Stopped");

    if (text_equal(state, condition) || (is_over && text_equal(condition, conditions[0])))
        return 1;
    return is_over ? EXIT_EXPERIMENT_FAILED : 0;
}

static int look(struct session *session, const struct target *target, const char *condition, int64_t until_ms)
{
    int64_t since = 0;

    for (;;) {
        struct arena arena = { 0 };
        const struct node *answer, *experiment;
        int status = session_call(session, "experiment.get", target_body(target, &arena), &arena, &answer), verdict;

        experiment = status == 0 ? node_get(answer, "experiment") : NULL;
        verdict = status == 0 ? judge(show(&arena, experiment, "state", ""), condition) : 0;
        if (verdict != 0 && session->command->n_given[OPTION_JSON] > 0)
            print_json(experiment);
        else if (verdict != 0)
            say("%s is %s: %s", target->name, show(&arena, experiment, "state", "-"),
                show(&arena, experiment, "message", "-"));
        arena_release(&arena);
        TRY(status);
        if (verdict != 0)
            return verdict == 1 ? EXIT_DONE : verdict;
        if (clock_steady_ms() >= until_ms)
            return fail(ERR_UNREACHABLE, "%s is not %s yet, and the time is over", target->name, condition);
        TRY(wait_for_event(session, target, &since, until_ms - clock_steady_ms()));
    }
}

static int wait_for(struct session *session)
{
    struct target target;
    const char *condition;
    int64_t until_ms;

    TRY(read_condition(session->command, &condition));
    TRY(read_deadline(session->command, &until_ms));
    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_find(session, session->command->arguments[0], &target));
    return look(session, &target, condition, until_ms);
}

int wait_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = wait_for(&session);

    session_close(&session);
    return status;
}
