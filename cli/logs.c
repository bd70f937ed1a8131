/*
 * hone logs: the output of a trial's role, to its end or as it comes.
 */
#include <poll.h>
#include <stdio.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/session.h"

enum { CHUNK = 64 << 10, WAIT_MS = 200 };

static int read_attempt(const struct command *command, int64_t *attempt)
{
    const char *given = command->value[OPTION_ATTEMPT];

    *attempt = 0;
    if (given && (!number_parse_integer(given, attempt) || *attempt < 1))
        return fail(ERR_INVALID, "--attempt: expected an integer of 1 or more, got \"%s\"", given);
    return 0;
}

/* One piece from *offset on; *more: another is there or may come. */
static int print_piece(struct session *session, const struct target *target, int64_t *attempt, int64_t *offset,
                       bool *live, bool *more)
{
    const char *role = session->command->value[OPTION_ROLE];
    struct arena arena = { 0 };
    struct node *body = target_body(target, &arena);
    const struct node *answer = NULL, *bytes;
    int status;

    if (role)
        node_set(&arena, body, "role", node_text(&arena, role));
    if (*attempt > 0)
        node_set(&arena, body, "attempt", node_integer(&arena, *attempt));
    node_set(&arena, body, "offset", node_integer(&arena, *offset));
    node_set(&arena, body, "max", node_integer(&arena, CHUNK));
    status = session_call(session, "trial.logs", body, &arena, &answer);
    *more = false;
    bytes = node_get(answer, "bytes");
    if (status == 0 && bytes && (bytes->kind == NODE_BYTES || bytes->kind == NODE_TEXT) && bytes->length > 0) {
        fwrite(bytes->text, 1, bytes->length, stdout);
        *more = true;
    }
    if (status == 0) {
        node_to_integer(node_get(answer, "next"), offset);
        node_to_integer(node_get(answer, "attempt"), attempt);
        if (!node_to_boolean(node_get(answer, "live"), live))
            *live = false;
    }
    arena_release(&arena);
    return status;
}

static int print_logs(struct session *session)
{
    bool follow = session->command->n_given[OPTION_FOLLOW] > 0, live = false, more = true;
    int64_t attempt, offset = 0;
    struct target target;

    if (read_attempt(session->command, &attempt) < 0)
        return usage_error();
    TRY(session_open(session->command, SESSION_READ, session));
    TRY(session_find_target(session, &target));
    if (!target.trial) {
        fail(ERR_INVALID, "%s is an experiment: which trial? hone logs %s TRIAL (hone trials %s lists them)",
             target.name, target.name, target.name);
        return usage_error();
    }
    while (more || (follow && live)) {
        bool was_live = live;

        TRY(print_piece(session, &target, &attempt, &offset, &live, &more));
        if (fflush(stdout) == EOF)
            return fail(ERR_IO, "standard output could not be written");
        more = more || (was_live && !live); /* its last words may have come in between */
        if (!more && follow && live)
            poll(NULL, 0, WAIT_MS);
    }
    return 0;
}

int logs_run(const struct command *command)
{
    struct session session = { .command = command };
    int status = print_logs(&session);

    session_close(&session);
    return status;
}
