/*
 * Clients that run trials: who waits for one, who holds one, and until when.
 */
#include "service/workers.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base/status.h"
#include "db/observations.h"
#include "experiment/assignment.h"
#include "service/adding.h"
#include "service/conductor.h"
#include "service/core.h"

enum { RESTART_LEASE_MS = 60000 }; /* what a lease was is not stored: time to find the service again */

/* --- who waits --- */

static void tell_wanted(struct service *service, struct live *live, int64_t n)
{
    struct fact wanted = { .kind = FACT_WANTED, .now_us = clock_wall_us(), .number = n };

    conductor_fact(service, live, &wanted);
}

/* The attempt or the place in the line that this key has already. */
static bool ask_again(struct service *service, struct live *live, const struct asker *asker)
{
    for (struct asker *at = live->askers; at != NULL; at = at->next) {
        if (!text_equal(at->key, asker->key))
            continue;
        at->caller = asker->caller;
        at->until_ms = asker->until_ms;
        return true;
    }
    for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next) {
        if (!text_equal(pursuit->key, asker->key) || pursuit->phase == PURSUIT_LATE)
            continue;
        if (pursuit->asker == NULL)
            pursuit->asker = xcalloc(1, sizeof *pursuit->asker);
        *pursuit->asker = *asker;
        if (pursuit->phase == PURSUIT_HANDED)
            workers_hand(service, live, pursuit);
        return true;
    }
    return false;
}

void workers_ask(struct service *service, struct live *live, struct asker *asker)
{
    struct asker **last = &live->askers;

    if (ask_again(service, live, asker)) {
        free(asker);
        return;
    }
    while (*last != NULL)
        last = &(*last)->next;
    asker->next = NULL;
    *last = asker;
    tell_wanted(service, live, 1);
}

static bool is_over(const struct live *live)
{
    return experiment_is_finished(live->experiment) || experiment_is_stopped(live->experiment);
}

static void answer_over(struct service *service, const struct live *live, const struct asker *asker)
{
    const struct condition *condition = experiment_condition(live->experiment);
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    node_set(&arena, body, "finished", node_boolean(&arena, true));
    node_set(&arena, body, "state", node_text(&arena, condition->type));
    node_set(&arena, body, "reason", node_text(&arena, condition->reason));
    node_set(&arena, body, "message", node_text(&arena, condition->message));
    reply(service, &asker->caller, body);
    arena_release(&arena);
}

static void answer_busy(struct service *service, const struct asker *asker)
{
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    node_set(&arena, body, "busy", node_boolean(&arena, true));
    reply(service, &asker->caller, body);
    arena_release(&arena);
}

void workers_dismiss(struct service *service, struct live *live, const char *message)
{
    while (live->askers != NULL) {
        struct asker *asker = live->askers;

        live->askers = asker->next;
        reply_error(service, &asker->caller, ERR_NOT_FOUND, message);
        free(asker);
    }
}

/* In vain, or long enough. */
static void dismiss(struct service *service, struct live *live, int64_t now_ms)
{
    bool over = is_over(live);
    int64_t n_gone = 0;

    for (struct asker **at = &live->askers; *at != NULL;) {
        struct asker *asker = *at;

        if (!over && now_ms < asker->until_ms) {
            at = &asker->next;
            continue;
        }
        if (over)
            answer_over(service, live, asker);
        else
            answer_busy(service, asker);
        *at = asker->next;
        free(asker);
        n_gone++;
    }
    if (n_gone > 0)
        tell_wanted(service, live, -n_gone);
}

/* --- who holds --- */

static void renew(struct live *live, struct pursuit *pursuit)
{
    pursuit->until_ms = clock_steady_ms() + pursuit->lease_ms;
    if (live->lease_ms == 0 || pursuit->until_ms < live->lease_ms)
        live->lease_ms = pursuit->until_ms;
}

void workers_take(struct live *live, struct pursuit *pursuit)
{
    struct asker *asker = live->askers;

    pursuit->n_roles = 1;
    pursuit->progress = xcalloc(1, sizeof *pursuit->progress);
    pursuit->lease_ms = RESTART_LEASE_MS;
    if (asker == NULL)
        return; /* it has gone in this very moment: the lease runs out */
    live->askers = asker->next;
    pursuit->asker = asker;
    pursuit->lease_ms = asker->lease_ms;
    memcpy(pursuit->key, asker->key, sizeof pursuit->key);
}

/* What a parameter is for programs: a number where it is one. */
static struct node *value_node(const struct space *space, size_t i, double value, struct arena *arena)
{
    const struct parameter *parameter = &space->parameters[i];

    if (parameter->type == PARAMETER_CATEGORICAL)
        return node_text(arena, parameter->choices[(size_t)value]);
    if (parameter->type == PARAMETER_DISCRETE)
        return node_real(arena, parameter->numbers[(size_t)value]);
    return parameter->type == PARAMETER_INT ? node_integer(arena, (int64_t)value) : node_real(arena, value);
}

struct node *workers_value(const struct live *live, const struct trial *trial, size_t i, struct arena *arena)
{
    const struct space *space = &live->spec->space;
    struct node *body = node_map(arena);

    node_set(arena, body, "value", value_node(space, i, trial->values[i], arena));
    node_set(arena, body, "text", node_text(arena, space_format(space, i, trial->values[i], arena)));
    return body;
}

static struct node *values_node(const struct live *live, const struct trial *trial, struct arena *arena)
{
    const struct space *space = &live->spec->space;
    struct node *values = node_map(arena);

    for (size_t i = 0; i < space->n; i++)
        if (trial->values[i] == trial->values[i])
            node_set(arena, values, space->parameters[i].name, value_node(space, i, trial->values[i], arena));
    return values;
}

static struct node *assignments_node(const struct live *live, const struct trial *trial, struct arena *arena)
{
    const char *const *texts = assignment_texts(live->spec, trial->values, arena);
    struct node *assignments = node_map(arena);

    for (size_t i = 0; i < assignment_count(live->spec); i++)
        if (texts[i] != NULL)
            node_set(arena, assignments, assignment_name(live->spec, i), node_text(arena, texts[i]));
    return assignments;
}

static struct node *labels_node(const struct trial *trial, struct arena *arena)
{
    struct node *labels = node_map(arena);

    for (size_t i = 0; i < trial->n_labels; i++)
        node_set(arena, labels, trial->labels[i].name, node_text(arena, trial->labels[i].value));
    return labels;
}

static void answer_trial(struct service *service, const struct live *live, const struct pursuit *pursuit)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    node_set(&arena, body, "experiment", node_integer(&arena, live->id));
    node_set(&arena, body, "trial", node_text(&arena, trial->name));
    node_set(&arena, body, "number", node_integer(&arena, trial->number));
    node_set(&arena, body, "attempt", node_integer(&arena, pursuit->attempt));
    node_set(&arena, body, "key", node_text(&arena, pursuit->key));
    node_set(&arena, body, "lease_s", node_real(&arena, (double)pursuit->lease_ms / 1e3));
    node_set(&arena, body, "assignments", assignments_node(live, trial, &arena));
    node_set(&arena, body, "values", values_node(live, trial, &arena));
    if (trial->n_labels > 0)
        node_set(&arena, body, "labels", labels_node(trial, &arena));
    if (trial->parent != 0)
        node_set(&arena, body, "parent", node_integer(&arena, trial->parent));
    if (trial->why != NULL)
        node_set(&arena, body, "why", node_text(&arena, trial->why));
    reply(service, &pursuit->asker->caller, body);
    arena_release(&arena);
}

void workers_hand(struct service *service, struct live *live, struct pursuit *pursuit)
{
    renew(live, pursuit);
    if (pursuit->asker != NULL)
        answer_trial(service, live, pursuit);
    free(pursuit->asker);
    pursuit->asker = NULL;
    pursuit_tell_started(service, live, pursuit);
}

void workers_adopt(struct service *service, struct live *live, struct pursuit *pursuit)
{
    pursuit->n_roles = 1;
    pursuit->progress = xcalloc(1, sizeof *pursuit->progress);
    pursuit->lease_ms = RESTART_LEASE_MS;
    if (observations_progress(service->reader, live->id, pursuit->number, pursuit->attempt, pursuit->progress, 1) < 0)
        log_error("trial.adopt", "experiment=%s trial=%lld: %s", live->spec->name, (long long)pursuit->number,
                  fail_message());
    renew(live, pursuit);
}

int workers_claim(struct service *service, struct live *live)
{
    if (live->experiment->claimed_us != 0 || experiment_is_finished(live->experiment))
        return 0;
    return conductor_claim(service, live);
}

static void tell_back(struct service *service, struct live *live, struct pursuit *pursuit)
{
    struct fact back = {
        .kind = FACT_BACK,
        .now_us = clock_wall_us(),
        .number = pursuit->number,
        .attempt = pursuit->attempt,
    };

    pursuit->phase = PURSUIT_HANDED;
    conductor_fact(service, live, &back);
}

int workers_find(struct service *service, struct call *call, struct live **live, struct pursuit **pursuit)
{
    const struct attempt *attempt;

    TRY(call_pursuit(service, call, live, pursuit));
    TRY(workers_claim(service, *live));
    if (!(*live)->spec->by_clients || ((*pursuit)->phase != PURSUIT_HANDED && (*pursuit)->phase != PURSUIT_LATE))
        return fail(ERR_CONFLICT, "this attempt is no longer wanted");
    if ((*pursuit)->phase == PURSUIT_LATE)
        tell_back(service, *live, *pursuit);
    attempt = trial_attempt(experiment_trial((*live)->experiment, (*pursuit)->number));
    if (attempt->number != (*pursuit)->attempt || attempt->end != ATTEMPT_RUNNING) {
        pursuit_drop(*live, (*pursuit)->number);
        return fail(ERR_CONFLICT, "this attempt is no longer wanted");
    }
    renew(*live, *pursuit);
    return 0;
}

struct node *workers_wish(const struct live *live, const struct pursuit *pursuit, struct arena *arena)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);
    struct node *body = node_map(arena);

    node_set(arena, body, "stop", node_boolean(arena, pursuit->stop_wanted));
    if (pursuit->stop_wanted && trial->message != NULL)
        node_set(arena, body, "why", node_text(arena, trial->message));
    return body;
}

int workers_metric(const struct live *live, const struct node *map, size_t i, struct arena *arena, int *metric,
                   const char **value)
{
    const struct objective *objective = &live->spec->objective;
    const char *name = map->keys[i]->text;
    double number;

    for (*metric = 0; *metric < (int)objective->n_metrics; ++*metric)
        if (text_equal(objective->metrics[*metric].name, name))
            break;
    if (*metric == (int)objective->n_metrics)
        return fail(ERR_INVALID, "metrics: experiment %s has no metric %s: name it in spec.objective first",
                    live->spec->name, name);
    *value = node_to_text(arena, map->items[i]);
    if (*value == NULL || strlen(*value) > METRIC_VALUE_LIMIT || !number_parse_any(*value, &number))
        return fail(ERR_INVALID, "metrics.%s: expected a number, got %s", name,
                    *value != NULL ? *value : node_kind_name(map->items[i]));
    return 0;
}

/* --- time --- */

static void lose(struct service *service, struct live *live, struct pursuit *pursuit)
{
    struct fact lost = {
        .kind = FACT_ENDED,
        .now_us = clock_wall_us(),
        .number = pursuit->number,
        .attempt = pursuit->attempt,
        .end = ATTEMPT_LOST,
        .message = "its lease ran out: nothing was heard of its client",
    };

    log_warning("lease.expired", "experiment=%s trial=%lld", live->spec->name, (long long)pursuit->number);
    pursuit->phase = PURSUIT_LATE;
    conductor_fact(service, live, &lost);
    if (trial_is_finished(experiment_trial(live->experiment, lost.number)))
        pursuit_drop(live, lost.number); /* nothing is left to come back to */
}

/* The one whose lease runs out first. */
static struct pursuit *next_to_expire(const struct live *live)
{
    struct pursuit *first = NULL;

    for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next)
        if (pursuit->phase == PURSUIT_HANDED && (first == NULL || pursuit->until_ms < first->until_ms))
            first = pursuit;
    return first;
}

static void expire(struct service *service, struct live *live, int64_t now_ms)
{
    struct pursuit *pursuit = next_to_expire(live);

    for (; pursuit != NULL && pursuit->until_ms <= now_ms; pursuit = next_to_expire(live))
        lose(service, live, pursuit);
    live->lease_ms = pursuit != NULL ? pursuit->until_ms : 0;
}

void workers_tick(struct service *service, int64_t now_ms)
{
    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];

        adding_serve(service, live);
        if (live->askers != NULL)
            dismiss(service, live, now_ms);
        if (live->lease_ms != 0 && live->lease_ms <= now_ms && live->spec->by_clients)
            expire(service, live, now_ms);
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

int64_t workers_next_ms(const struct service *service)
{
    int64_t next = 0;

    for (size_t i = 0; i < service->n_lives; i++) {
        next = sooner(next, service->lives[i]->lease_ms);
        for (const struct asker *asker = service->lives[i]->askers; asker != NULL; asker = asker->next)
            next = sooner(next, asker->until_ms);
    }
    return next;
}
