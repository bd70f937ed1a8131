/*
 * What clients that run trials say: ask, report, a heartbeat, tell. See workers.h.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/status.h"
#include "service/adding.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/growing.h"
#include "service/notes.h"
#include "service/reporting.h"
#include "service/stopping.h"
#include "service/store.h"
#include "service/workers.h"

enum { KEY_LEAST = 16, ASK_WAIT_MS = 10000, ASK_WAIT_LIMIT_MS = 60000, METRICS_LIMIT = 4096 };
static const double DEFAULT_LEASE_S = 60, LEAST_LEASE_S = 1, GREATEST_LEASE_S = 7 * 86400;

/* --- ask --- */

static int read_key(const struct call *call, char key[KEY_SIZE])
{
    const char *text;
    size_t n = 0;

    TRY(call_text(call, "key", "", &text));
    if (*text == '\0') {
        pursuit_make_key(key);
        return 0;
    }
    while (n < KEY_SIZE && isalnum((unsigned char)text[n]))
        n++;
    if (text[n] != '\0' || n < KEY_LEAST || n >= KEY_SIZE)
        return fail(ERR_INVALID, "key: expected %d to %d letters and digits, drawn at random", KEY_LEAST, KEY_SIZE - 1);
    memcpy(key, text, n + 1);
    return 0;
}

static int read_lease(const struct call *call, int64_t *lease_ms)
{
    const struct node *node = node_get(call->body, "lease_s");
    double seconds = DEFAULT_LEASE_S;

    if (node != NULL && (!node_to_real(node, &seconds) || !(seconds >= LEAST_LEASE_S && seconds <= GREATEST_LEASE_S)))
        return fail(ERR_INVALID, "lease_s: expected from %g to %g seconds", LEAST_LEASE_S, GREATEST_LEASE_S);
    *lease_ms = (int64_t)(seconds * 1e3);
    return 0;
}

static int open_for_clients(struct service *service, struct call *call, struct live **live)
{
    TRY(call_experiment(service, call, live));
    if (!(*live)->spec->by_clients)
        return fail(ERR_CONFLICT,
                    "experiment %s/%s runs its trials by itself: only one with spec.hone.engine client can be asked",
                    (*live)->spec->namespace, (*live)->spec->name);
    if (!service->conduct)
        return fail(ERR_UNREACHABLE, "this service only reads: connect as a client that conducts");
    return workers_claim(service, *live);
}

static int ask(struct service *service, struct call *call)
{
    int64_t wait_ms = call_integer(call, "wait_ms", ASK_WAIT_MS);
    struct asker asker = { .caller = call->caller };
    struct live *live;
    struct asker *kept;

    TRY(read_key(call, asker.key));
    TRY(read_lease(call, &asker.lease_ms));
    TRY(open_for_clients(service, call, &live));
    asker.until_ms = clock_steady_ms() + (wait_ms < 0 ? 0 : wait_ms > ASK_WAIT_LIMIT_MS ? ASK_WAIT_LIMIT_MS : wait_ms);
    kept = xmalloc(sizeof *kept);
    *kept = asker;
    workers_ask(service, live, kept);
    return 0;
}

/* --- suggest --- */

struct suggested {
    struct caller caller;
    int64_t experiment_id, number;
    size_t index;
};

/* On disk: the client may have it. */
static void suggested_stored(struct service *service, void *owner, int status, const char *message)
{
    struct suggested *suggested = owner;
    struct live *live = service != NULL ? live_by_id(service, suggested->experiment_id) : NULL;
    const struct trial *trial = live != NULL ? experiment_trial(live->experiment, suggested->number) : NULL;
    struct arena arena = { 0 };

    if (service != NULL && status < 0)
        reply_error(service, &suggested->caller, status, message);
    else if (trial != NULL)
        reply(service, &suggested->caller, workers_value(live, trial, suggested->index, &arena));
    arena_release(&arena);
    free(suggested);
}

static int suggest(struct service *service, struct call *call)
{
    struct live *live;
    struct pursuit *pursuit;
    struct suggested *suggested;
    size_t index;

    TRY(workers_find(service, call, &live, &pursuit));
    TRY(growing_suggest(service, &live, experiment_trial(live->experiment, pursuit->number),
                        node_get(call->body, "parameter"), &index));
    suggested = xmalloc(sizeof *suggested);
    *suggested = (struct suggested){ call->caller, live->id, pursuit->number, index };
    store_barrier(service, live, suggested_stored, suggested);
    return 0;
}

static void done(struct service *service, void *owner, int status, const char *message)
{
    struct caller *caller = owner;
    struct arena arena = { 0 };

    if (service != NULL && status < 0)
        reply_error(service, caller, status, message);
    else if (service != NULL)
        reply(service, caller, node_map(&arena));
    arena_release(&arena);
    free(caller);
}

static int grow_space(struct service *service, struct call *call)
{
    const struct node *list = node_get(call->body, "parameters");
    struct caller *caller;
    struct live *live;

    TRY(open_for_clients(service, call, &live));
    if (list == NULL || list->kind != NODE_LIST)
        return fail(ERR_INVALID, "parameters: expected a list, got %s", node_kind_name(list));
    for (size_t i = 0; i < list->length; i++)
        TRY(growing_learn(service, &live, list->items[i]));
    caller = xmalloc(sizeof *caller);
    *caller = call->caller;
    store_barrier(service, live, done, caller);
    return 0;
}

/* --- beat --- */

static int beat(struct service *service, struct call *call)
{
    struct live *live;
    struct pursuit *pursuit;

    TRY(workers_find(service, call, &live, &pursuit));
    reply(service, &call->caller, workers_wish(live, pursuit, call->arena));
    return 0;
}

/* --- metrics --- */

static int read_metrics(const struct call *call, bool is_required, const struct node **map)
{
    *map = node_get(call->body, "metrics");
    if (*map == NULL && !is_required) {
        *map = node_map(call->arena);
        return 0;
    }
    if (*map == NULL || (*map)->kind != NODE_MAP || (*map)->length > METRICS_LIMIT)
        return fail(ERR_INVALID, "metrics: expected a map of names and numbers, got %s", node_kind_name(*map));
    return 0;
}

/* --- report --- */

struct wish {
    struct letter letter;
    struct caller caller;
    int64_t experiment_id, number, attempt;
};

/* The reports are judged: say what came of it. */
static void answer_wish(struct service *service, struct letter *letter)
{
    struct wish *wish = (struct wish *)letter;
    struct live *live = service != NULL ? live_by_id(service, wish->experiment_id) : NULL;
    struct pursuit *pursuit = live != NULL ? pursuit_find(live, wish->number) : NULL;
    struct arena arena = { 0 };

    if (pursuit != NULL && pursuit->attempt == wish->attempt)
        reply(service, &wish->caller, workers_wish(live, pursuit, &arena));
    else if (service != NULL)
        reply_error(service, &wish->caller, ERR_CONFLICT, "this attempt is no longer wanted");
    arena_release(&arena);
    free(wish);
}

static void reported(struct reports *reports)
{
    struct live *live = live_by_id(reports->service, reports->experiment_id);
    struct wish *wish = xcalloc(1, sizeof *wish);

    *wish = (struct wish){
        .letter.open = answer_wish,
        .caller = reports->caller,
        .experiment_id = reports->experiment_id,
        .number = reports->trial,
        .attempt = reports->attempt,
    };
    if (live != NULL)
        stopping_follow(reports->service, live, &wish->letter);
    else
        answer_wish(reports->service, &wish->letter);
}

static int read_reports(const struct call *call, const struct live *live, const struct pursuit *pursuit,
                        const struct node *metrics, struct reports *reports)
{
    int64_t sequence = call_integer(call, "sequence", pursuit->progress[0] + 1), step = call_integer(call, "step", -1);

    if (sequence < 1 || sequence > INT64_MAX - METRICS_LIMIT)
        return fail(ERR_INVALID, "sequence: expected a number from 1");
    for (; reports->n < metrics->length; reports->n++) {
        struct observation_row *row = &reports->rows[reports->n];

        *row = (struct observation_row){ .sequence = sequence + (int64_t)reports->n,
                                         .time_us = clock_wall_us(),
                                         .step = step };
        TRY(workers_metric(live, metrics, reports->n, &reports->arena, &row->metric, &row->value));
        row->value = arena_strdup(&reports->arena, row->value);
    }
    return 0;
}

static int report(struct service *service, struct call *call)
{
    const struct node *metrics;
    struct live *live;
    struct pursuit *pursuit;
    struct reports *reports;
    int status;

    TRY(read_metrics(call, true, &metrics));
    TRY(workers_find(service, call, &live, &pursuit));
    reports = reports_create(service, call, live, pursuit, metrics->length);
    status = read_reports(call, live, pursuit, metrics, reports);
    if (status < 0)
        reports_destroy(reports);
    else
        reports_queue(reports, reported);
    return status;
}

/* --- tell --- */

enum outcome_said { SAID_COMPLETE, SAID_FAILED, SAID_INFEASIBLE, SAID_PRUNED, SAID_STOPPED };
static const char *const said_names[] = { "complete", "failed", "infeasible", "pruned", "stopped", NULL };

static const enum trial_state state_of_said[] = {
    [SAID_COMPLETE] = TRIAL_SUCCEEDED,   [SAID_FAILED] = TRIAL_FAILED,  [SAID_INFEASIBLE] = TRIAL_FAILED,
    [SAID_PRUNED] = TRIAL_EARLY_STOPPED, [SAID_STOPPED] = TRIAL_KILLED,
};

static int read_said(const struct call *call, enum outcome_said *said)
{
    const char *name;

    TRY(call_text(call, "state", said_names[SAID_COMPLETE], &name));
    for (int i = 0; said_names[i] != NULL; i++) {
        if (!text_equal(said_names[i], name))
            continue;
        *said = (enum outcome_said)i;
        return 0;
    }
    return fail(ERR_INVALID, "state: expected complete, failed, infeasible, pruned or stopped, got \"%s\"", name);
}

struct told {
    struct caller caller;
    int64_t experiment_id, number;
};

static void told_stored(struct service *service, void *owner, int status, const char *message)
{
    struct told *told = owner;
    struct live *live = service != NULL ? live_by_id(service, told->experiment_id) : NULL;
    const struct trial *trial = live != NULL ? experiment_trial(live->experiment, told->number) : NULL;
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    if (trial != NULL)
        node_set(&arena, body, "state", node_text(&arena, trial_state_names[trial->state]));
    if (service != NULL && status < 0)
        reply_error(service, &told->caller, status, message);
    else if (service != NULL)
        reply(service, &told->caller, body);
    arena_release(&arena);
    free(told);
}

/* Before its end: the wish that the client has, if nobody wished it before. */
static void wish_end(struct service *service, struct live *live, int64_t number, int64_t attempt,
                     enum outcome_said said, const char *message)
{
    struct fact fact = {
        .kind = said == SAID_PRUNED ? FACT_STOP_EARLY : FACT_STOP_TRIAL,
        .now_us = clock_wall_us(),
        .number = number,
        .attempt = attempt,
        .message = message != NULL       ? message
                   : said == SAID_PRUNED ? "its client gave it up"
                                         : "stopped by its client",
    };

    if (said == SAID_PRUNED || said == SAID_STOPPED)
        conductor_fact(service, live, &fact);
}

static enum attempt_end end_of_said(enum outcome_said said)
{
    if (said == SAID_COMPLETE)
        return ATTEMPT_SUCCEEDED;
    return said == SAID_PRUNED || said == SAID_STOPPED ? ATTEMPT_STOPPED : ATTEMPT_FAILED;
}

/* trial NULL: only look whether all of them are right. */
static int add_metrics(const struct live *live, struct trial *trial, const struct node *metrics, struct arena *arena)
{
    for (size_t i = 0; i < metrics->length; i++) {
        const char *value;
        int metric;

        TRY(workers_metric(live, metrics, i, arena, &metric, &value));
        if (trial != NULL)
            observation_add(&trial->observation, metric, clock_wall_us(), value);
    }
    return 0;
}

/* What a client made of a suggestion without all of its parameters: the others were not active. */
static int keep_used(const struct call *call, const struct live *live, struct trial *trial)
{
    const struct node *names = node_get(call->body, "parameters");
    const struct space *space = &live->spec->space;

    if (names == NULL)
        return 0;
    if (names->kind != NODE_LIST)
        return fail(ERR_INVALID, "parameters: expected a list of names, got %s", node_kind_name(names));
    for (size_t i = 0; i < space->n; i++) {
        bool is_used = false;

        for (size_t k = 0; k < names->length && !is_used; k++)
            is_used = names->items[k]->kind == NODE_TEXT &&
                      text_equal(names->items[k]->text, space->parameters[i].name);
        if (!is_used)
            trial->values[i] = NAN;
    }
    return 0;
}

static bool has_objective(const struct live *live, const struct trial *trial, const struct node *metrics)
{
    return observation_is_available(&trial->observation, 0) ||
           node_get(metrics, live->spec->objective.metrics[0].name) != NULL;
}

static void answer_when_stored(struct service *service, const struct call *call, const struct live *live,
                               int64_t number)
{
    struct told *told = xmalloc(sizeof *told);

    *told = (struct told){ call->caller, live->id, number };
    store_barrier(service, live, told_stored, told);
}

/* What was told before may be told again: is it the same? */
static bool is_told(const struct live *live, const struct trial *trial, enum outcome_said said,
                    const struct node *metrics, struct arena *arena)
{
    bool is_unavailable = said == SAID_COMPLETE && trial->state == TRIAL_METRICS_UNAVAILABLE;

    if (trial->state != state_of_said[said] && !is_unavailable)
        return false;
    for (size_t i = 0; i < metrics->length; i++) {
        const char *value;
        int metric;

        if (workers_metric(live, metrics, i, arena, &metric, &value) < 0 ||
            !text_equal(value, trial->observation.metrics[metric].latest))
            return false;
    }
    return true;
}

static int tell_again(struct service *service, struct call *call, enum outcome_said said, const struct node *metrics)
{
    int status = ERR_CONFLICT;
    char *message = xstrdup(fail_message());
    struct live *live = live_by_id(service, call_integer(call, "experiment", 0));
    const struct trial *trial = live != NULL ? experiment_trial(live->experiment, call_integer(call, "number", 0))
                                             : NULL;

    if (trial == NULL || call_enter(call, live->spec->namespace) < 0 || !trial_is_finished(trial) ||
        trial_attempt(trial) == NULL || trial_attempt(trial)->number != call_integer(call, "attempt", 0)) {
        fail(ERR_CONFLICT, "%s", message);
    } else if (!is_told(live, trial, said, metrics, call->arena)) {
        fail(ERR_CONFLICT, "trial %s has finished already: %s: %s", trial->name, trial_state_names[trial->state],
             trial_message(trial));
    } else {
        answer_when_stored(service, call, live, trial->number);
        status = 0;
    }
    free(message);
    return status;
}

static int tell(struct service *service, struct call *call)
{
    struct fact ended = { .kind = FACT_ENDED, .now_us = clock_wall_us() };
    const struct node *metrics;
    enum outcome_said said = SAID_COMPLETE;
    struct live *live;
    struct pursuit *pursuit;
    struct trial *trial;

    TRY(read_said(call, &said));
    TRY(read_metrics(call, false, &metrics));
    if (workers_find(service, call, &live, &pursuit) < 0)
        return tell_again(service, call, said, metrics);
    trial = experiment_trial(live->experiment, pursuit->number);
    TRY(add_metrics(live, NULL, metrics, call->arena));
    if (said == SAID_COMPLETE && !has_objective(live, trial, metrics))
        return fail(ERR_INVALID, "metrics: expected a value of %s", live->spec->objective.metrics[0].name);
    TRY(keep_used(call, live, trial));
    TRY(add_metrics(live, trial, metrics, call->arena));
    ended.number = pursuit->number;
    ended.attempt = pursuit->attempt;
    ended.end = end_of_said(said);
    ended.message = node_to_text(call->arena, node_get(call->body, "message"));
    ended.tail = node_to_text(call->arena, node_get(call->body, "tail"));
    if (ended.message == NULL && ended.end == ATTEMPT_FAILED)
        ended.message = said == SAID_INFEASIBLE ? "its client says that the point is infeasible"
                                                : "its client says that it has failed";
    wish_end(service, live, ended.number, ended.attempt, said, ended.message);
    pursuit_ended(service, live, &ended);
    answer_when_stored(service, call, live, ended.number);
    return 0;
}

const struct handler worker_handlers[] = {
    { "trial.ask", ROLE_WORKER, ask },
    { "trial.suggest", ROLE_WORKER, suggest },
    { "trial.report", ROLE_WORKER, report },
    { "trial.beat", ROLE_WORKER, beat },
    { "trial.tell", ROLE_WORKER, tell },
    { "trial.add", ROLE_WORKER, adding_call },
    { "experiment.grow", ROLE_WORKER, grow_space },
    { "note", ROLE_WORKER, notes_call },
    { 0 },
};
