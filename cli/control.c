/*
 * The verbs that change an experiment: stop, resume, edit, delete; and backup.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/background.h"

enum { STOP_WAIT_MS = 40000, STOP_LOOK_MS = 30 }; /* the grace time is 30 s unless the manifest says otherwise */

/* Print what an operation answered under key: as JSON, or as a remark. */
static void tell(struct session *session, const struct node *answer, const char *key, const char *name,
                 const char *done)
{
    const struct node *subject = node_get(answer, key);

    if (session->command->n_given[OPTION_JSON] > 0 && subject)
        print_json(subject);
    else
        say("%s %s; it is %s", name, done, show(&session->arena, subject, "state", "gone"));
}

/* Agents tell the service how their roles ended: stay until they have, so that nothing is left to whoever comes next. */
static int wait_for_end(struct session *session, const struct target *target, const char *op, const char *running)
{
    int64_t until = clock_steady_ms() + STOP_WAIT_MS;
    bool is_over = false;

    while (!is_over && clock_steady_ms() < until) {
        struct arena arena = { 0 };
        const struct node *answer;
        int status = session_call(session, op, target_body(target, &arena), &arena, &answer);
        const char *now = status == 0 ? show(&arena, answer, running, "") : "";

        is_over = !text_equal(now, "Running") && (text_starts_with(running, "trial") || text_equal(now, "0"));
        arena_release(&arena);
        TRY(status);
        if (!is_over)
            poll(NULL, 0, STOP_LOOK_MS);
    }
    if (!is_over)
        say("its processes take longer to end; they are told again by the next hone");
    return 0;
}

static int stop(struct session *session)
{
    const struct node *answer;
    struct target target;

    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_find_target(session, &target));
    if (target.trial) {
        TRY(session_call(session, "trial.stop", target_body(&target, &session->arena), NULL, &answer));
        tell(session, answer, "trial", target.trial, "was told to stop");
        return wait_for_end(session, &target, "trial.get", "trial.state");
    }
    TRY(session_call(session, "experiment.stop", target_body(&target, &session->arena), NULL, &answer));
    tell(session, answer, "experiment", target.name, "was stopped");
    say("to let it go on: hone resume %s", target.name);
    return wait_for_end(session, &target, "experiment.get", "experiment.counts.running");
}

static int resume(struct session *session)
{
    const struct node *answer;
    struct target target;
    int64_t pid;

    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_find(session, session->command->arguments[0], &target));
    TRY(session_call(session, "experiment.resume", target_body(&target, &session->arena), NULL, &answer));
    tell(session, answer, "experiment", target.name, "may go on");
    if (session->command->n_given[OPTION_DETACH] == 0) {
        say("to go on: hone run FILE, or hone resume --detach %s", target.name);
        return 0;
    }
    client_close(session->client);
    session->client = NULL;
    TRY(background_start(session->database, &target, 1, &pid));
    say("process %lld works on %s; its log is %s.log", (long long)pid, target.name, session->database);
    return 0;
}

static const struct {
    enum option_id option;
    const char *field;
    int64_t least;
} budgets[] = {
    { OPTION_MAX_TRIALS, "maxTrialCount", 1 },
    { OPTION_PARALLEL, "parallelTrialCount", 1 },
    { OPTION_MAX_FAILED, "maxFailedTrialCount", 0 },
};

static int read_budgets(const struct command *command, struct arena *arena, struct node *body)
{
    size_t n = 0;

    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        const char *given = command->value[budgets[i].option];
        int64_t value;

        if (!given)
            continue;
        if (!number_parse_integer(given, &value) || value < budgets[i].least || value > INT32_MAX)
            return fail(ERR_INVALID, "--%s: expected an integer of %lld or more, got \"%s\"",
                        option_rows[budgets[i].option].name, (long long)budgets[i].least, given);
        if (body)
            node_set(arena, body, budgets[i].field, node_integer(arena, value));
        n++;
    }
    if (n == 0)
        return fail(ERR_INVALID, "edit changes nothing: give --max-trials, --parallel or --max-failed");
    return 0;
}

static int edit(struct session *session)
{
    const struct node *answer;
    struct target target;
    struct node *body;

    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_find(session, session->command->arguments[0], &target));
    body = target_body(&target, &session->arena);
    TRY(read_budgets(session->command, &session->arena, body));
    TRY(session_call(session, "experiment.edit", body, NULL, &answer));
    tell(session, answer, "experiment", target.name, "was edited");
    return 0;
}

static bool is_agreed(const struct target *target, const struct command *command)
{
    char line[16] = "";

    if (command->n_given[OPTION_YES] > 0 || !isatty(STDIN_FILENO))
        return true;
    fprintf(stderr, "delete experiment %s/%s with all its trials? [y/N] ", target->namespace, target->name);
    fflush(stderr);
    return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static int delete_experiments(struct session *session)
{
    const struct command *command = session->command;
    struct arena *arena = &session->arena;
    struct node *deleted = node_list(arena);

    TRY(session_open(command, SESSION_READ, session));
    for (size_t i = 0; i < command->n_arguments; i++) {
        struct target target;
        struct node *body;

        TRY(session_find(session, command->arguments[i], &target));
        if (!is_agreed(&target, command)) {
            say("%s stays", target.name);
            continue;
        }
        body = target_body(&target, arena);
        node_add(arena, deleted, target_body(&target, arena));
        node_set(arena, body, "purge", node_boolean(arena, command->n_given[OPTION_PURGE] > 0));
        TRY(session_call(session, "experiment.delete", body, NULL, NULL));
        say("%s was deleted", target.name);
    }
    if (command->n_given[OPTION_JSON] > 0)
        print_json(deleted);
    return 0;
}

static int backup(struct session *session)
{
    struct arena *arena = &session->arena;
    char *path = file_absolute(NULL, session->command->arguments[0]);
    struct node *body = node_map(arena);
    const struct node *answer;

    node_set(arena, body, "path", node_text(arena, path));
    free(path);
    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_call(session, "backup", body, NULL, &answer));
    if (session->command->n_given[OPTION_JSON] > 0)
        print_json(answer);
    else
        say("wrote %s, %s bytes", show(arena, answer, "path", "-"), show(arena, answer, "bytes", "-"));
    return 0;
}

static int with_session(const struct command *command, int (*act)(struct session *))
{
    struct session session = { .command = command };
    int status = act(&session);

    session_close(&session);
    return status;
}

int stop_run(const struct command *command)
{
    return with_session(command, stop);
}

int resume_run(const struct command *command)
{
    return with_session(command, resume);
}

int edit_run(const struct command *command)
{
    return read_budgets(command, NULL, NULL) < 0 ? usage_error() : with_session(command, edit);
}

int delete_run(const struct command *command)
{
    return with_session(command, delete_experiments);
}

int backup_run(const struct command *command)
{
    return with_session(command, backup);
}
