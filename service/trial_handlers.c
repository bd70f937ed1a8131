/*
 * Operations on trials: list, show, curves, logs, stop.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/observations.h"
#include "experiment/view.h"
#include "service/call.h"
#include "service/conductor.h"
#include "service/core.h"

enum { LOGS_LIMIT = 1 << 20, PAGE_VALUES = 100000 }; /* bytes of output, values of trials: in one answer */

static struct node *trial_node(const struct live *live, const struct trial *trial, bool is_katib, struct arena *arena)
{
    return is_katib ? view_katib_trial(live->experiment, trial, arena) : view_trial(live->experiment, trial, arena);
}

static int wants_katib(const struct call *call, bool *is_katib)
{
    const char *form;

    TRY(call_text(call, "form", "hone", &form));
    *is_katib = text_equal(form, "katib");
    return 0;
}

static int64_t max_integer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Trials in one answer, so that it stays far below the limits of a message. */
static size_t page_size(const struct live *live)
{
    size_t size = PAGE_VALUES / (live->spec->space.n + 8 * live->spec->objective.n_metrics + 30);

    return size > 0 ? size : 1;
}

static int list(struct service *service, struct call *call)
{
    struct node *body = node_map(call->arena), *trials = node_set(call->arena, body, "trials", node_list(call->arena));
    struct live *live;
    size_t first, limit;
    bool is_katib;

    TRY(call_experiment(service, call, &live));
    TRY(wants_katib(call, &is_katib));
    first = (size_t)max_integer(call_integer(call, "after", 0), 0);
    limit = first + page_size(live);
    for (size_t i = first; i < live->experiment->n_trials && i < limit; i++)
        node_add(call->arena, trials, trial_node(live, live->experiment->trials[i], is_katib, call->arena));
    reply(service, &call->caller, body);
    return 0;
}

static void answer(struct service *service, struct call *call, const struct live *live, const struct trial *trial,
                   bool is_katib)
{
    struct node *body = node_map(call->arena);

    node_set(call->arena, body, "trial", trial_node(live, trial, is_katib, call->arena));
    reply(service, &call->caller, body);
}

static int get(struct service *service, struct call *call)
{
    struct live *live;
    struct trial *trial;
    bool is_katib;

    TRY(call_trial(service, call, &live, &trial));
    TRY(wants_katib(call, &is_katib));
    answer(service, call, live, trial, is_katib);
    return 0;
}

static int stop(struct service *service, struct call *call)
{
    struct live *live;
    struct trial *trial;
    struct fact fact = { .kind = FACT_STOP_TRIAL, .now_us = clock_wall_us(), .message = "stopped by a person" };

    TRY(call_trial(service, call, &live, &trial));
    if (trial_is_finished(trial))
        return fail(ERR_CONFLICT, "trial %s has finished already (%s)", trial->name, trial_state_names[trial->state]);
    fact.number = trial->number;
    conductor_fact(service, live, &fact);
    answer(service, call, live, trial, false);
    return 0;
}

/* --- curves --- */

static int metric_index(const struct live *live, const char *name)
{
    for (size_t i = 0; i < live->spec->objective.n_metrics; i++)
        if (text_equal(live->spec->objective.metrics[i].name, name))
            return (int)i;
    return fail(ERR_NOT_FOUND, "experiment %s collects no metric %s", live->spec->name, name);
}

static struct node *report_node(const struct live *live, const struct observation_row *row, struct arena *arena)
{
    struct node *node = node_map(arena);
    char time[CLOCK_TEXT_SIZE];

    node_set(arena, node, "time", node_text(arena, clock_format_us(row->time_us, time)));
    node_set(arena, node, "step", row->step >= 0 ? node_integer(arena, row->step) : node_null(arena));
    node_set(arena, node, "metric", node_text(arena, live->spec->objective.metrics[row->metric].name));
    node_set(arena, node, "value", node_text(arena, row->value));
    node_set(arena, node, "role", node_integer(arena, row->role));
    return node;
}

static int curve(struct service *service, struct call *call)
{
    struct node *body = node_map(call->arena),
                *reports = node_set(call->arena, body, "reports", node_list(call->arena));
    struct live *live;
    struct trial *trial;
    struct observation_row *rows;
    const char *name;
    size_t n;
    int metric = -1;

    TRY(call_trial(service, call, &live, &trial));
    TRY(call_text(call, "metric", "", &name));
    if (*name != '\0')
        TRY(metric = metric_index(live, name));
    TRY(observations_load(service->reader, live->id, trial->number, call_integer(call, "attempt", 0), metric,
                          call->arena, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (rows[i].metric >= 0 && (size_t)rows[i].metric < live->spec->objective.n_metrics)
            node_add(call->arena, reports, report_node(live, &rows[i], call->arena));
    reply(service, &call->caller, body);
    return 0;
}

/* --- logs: read on the engine's thread --- */

struct logs_call {
    struct engine_call call;
    struct letter letter;
    struct caller caller;
    char *relative, *role;
    int64_t attempt, offset, next;
    size_t max;
    bool is_live;
    int status;
    char *message;
    struct text bytes;
};

static void logs_free(struct logs_call *logs)
{
    free(logs->relative);
    free(logs->role);
    free(logs->message);
    text_release(&logs->bytes);
    free(logs);
}

static void logs_read(struct service *service, struct letter *letter)
{
    struct logs_call *logs = (struct logs_call *)((char *)letter - offsetof(struct logs_call, letter));
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    if (service != NULL && logs->status < 0) {
        reply_error(service, &logs->caller, logs->status, logs->message);
    } else if (service != NULL) {
        node_set(&arena, body, "bytes", node_bytes(&arena, logs->bytes.data, logs->bytes.length));
        node_set(&arena, body, "next", node_integer(&arena, logs->next));
        node_set(&arena, body, "live", node_boolean(&arena, logs->is_live));
        node_set(&arena, body, "attempt", node_integer(&arena, logs->attempt));
        reply(service, &logs->caller, body);
    }
    arena_release(&arena);
    logs_free(logs);
}

static void run_logs(const struct engine *engine, void *state, struct mailbox *mailbox, struct engine_call *call)
{
    struct logs_call *logs = (struct logs_call *)call;

    logs->status = engine->logs(state, logs->relative, logs->attempt, logs->role, logs->offset, logs->max, &logs->bytes,
                                &logs->next);
    if (logs->status < 0)
        logs->message = xstrdup(fail_message());
    mailbox_post(mailbox, &logs->letter);
}

static int logs(struct service *service, struct call *call)
{
    struct live *live;
    struct trial *trial;
    struct logs_call *logs_call;
    const struct attempt *last;
    const char *role;
    int64_t max;

    TRY(call_trial(service, call, &live, &trial));
    TRY(call_text(call, "role", "", &role));
    last = trial_attempt(trial);
    if (last == NULL)
        return fail(ERR_NOT_FOUND, "trial %s has not begun yet: it has no output", trial->name);
    max = call_integer(call, "max", 65536);
    logs_call = xcalloc(1, sizeof *logs_call);
    logs_call->call.run = run_logs;
    logs_call->letter.open = logs_read;
    logs_call->caller = call->caller;
    logs_call->relative = xstrdup(live_relative(live, trial, call->arena));
    logs_call->role = xstrdup(role);
    logs_call->attempt = call_integer(call, "attempt", last->number);
    logs_call->offset = call_integer(call, "offset", 0);
    logs_call->max = max < 1 ? 1 : max > LOGS_LIMIT ? LOGS_LIMIT : (size_t)max;
    logs_call->is_live = logs_call->attempt == last->number && last->end == ATTEMPT_RUNNING;
    engine_thread_call(service->engine, &logs_call->call);
    return 0;
}

const struct handler trial_handlers[] = {
    { "trial.list", ROLE_VIEWER, list },   { "trial.get", ROLE_VIEWER, get },   { "trial.stop", ROLE_EDITOR, stop },
    { "trial.curve", ROLE_VIEWER, curve }, { "trial.logs", ROLE_VIEWER, logs }, { 0 },
};
