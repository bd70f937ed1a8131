/*
 * Trials that clients add. A trial's number says when it was asked for, so what is being asked for is waited for, and no more is
 * asked for meanwhile.
 */
#include "service/adding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "base/status.h"
#include "experiment/enqueue.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/notes.h"
#include "service/past.h"
#include "service/search.h"
#include "service/store.h"
#include "service/workers.h"

enum { ADDED_LIMIT = 10000 }; /* trials of one call */

struct addition {
    struct addition *next;
    struct caller caller;
    int64_t experiment_id;
    size_t n;
    struct trial **trials; /* of the experiment once they are added */
    int64_t *numbers;
};

/* --- reading --- */

static const struct {
    const char *name;
    enum trial_state state;
} states[] = {
    { "waiting", TRIAL_PENDING },   { "complete", TRIAL_SUCCEEDED },   { "failed", TRIAL_FAILED },
    { "infeasible", TRIAL_FAILED }, { "pruned", TRIAL_EARLY_STOPPED }, { "stopped", TRIAL_KILLED },
};

static int read_state(const struct node *node, struct arena *arena, enum trial_state *state)
{
    const char *name = node_to_text(arena, node);

    *state = TRIAL_PENDING;
    for (size_t i = 0; name != NULL && i < sizeof states / sizeof *states; i++) {
        if (!text_equal(states[i].name, name))
            continue;
        *state = states[i].state;
        return 0;
    }
    return name == NULL ? 0
                        : fail(ERR_INVALID,
                               "state: expected waiting, complete, failed, infeasible, pruned or stopped, "
                               "got \"%s\"",
                               name);
}

/* Values by name; what the space does not know yet waits in labels until it does. */
static int read_values(const struct live *live, const struct node *values, struct arena *arena, struct trial *trial)
{
    const struct space *space = &live->spec->space;

    if (values == NULL || values->kind != NODE_MAP)
        return fail(ERR_INVALID, "values: expected a map of names and values, got %s", node_kind_name(values));
    for (size_t i = 0; i < values->length; i++) {
        const char *name = values->keys[i]->text, *text = node_to_text(arena, values->items[i]);
        size_t k = 0;

        if (text == NULL)
            return fail(ERR_INVALID, "values.%s: expected a value, got %s", name, node_kind_name(values->items[i]));
        while (k < space->n && !text_equal(space->parameters[k].name, name))
            k++;
        if (k < space->n)
            TRY(space_parse(space, k, text, &trial->values[k]));
        else if (live->spec->by_clients)
            trial_set_label(trial, arena_printf(arena, FIXED_PREFIX "%s", name), text);
        else
            return fail(ERR_INVALID, "values: experiment %s has no parameter %s", live->spec->name, name);
    }
    return 0;
}

static int read_metrics(const struct live *live, const struct node *metrics, struct arena *arena, struct trial *trial)
{
    if (metrics == NULL)
        return 0;
    if (metrics->kind != NODE_MAP)
        return fail(ERR_INVALID, "metrics: expected a map of names and numbers, got %s", node_kind_name(metrics));
    for (size_t i = 0; i < metrics->length; i++) {
        const char *value;
        int metric;

        TRY(workers_metric(live, metrics, i, arena, &metric, &value));
        observation_add(&trial->observation, metric, clock_wall_us(), value);
    }
    return 0;
}

static int read_trial(const struct live *live, const struct node *node, struct arena *arena, struct trial *trial)
{
    const char *message;

    if (node->kind != NODE_MAP)
        return fail(ERR_INVALID, "trials: expected maps {values, state, metrics}, got %s", node_kind_name(node));
    TRY(read_state(node_get(node, "state"), arena, &trial->state));
    TRY(read_values(live, node_get(node, "values"), arena, trial));
    TRY(read_metrics(live, node_get(node, "metrics"), arena, trial));
    TRY(notes_read(node_get(node, "notes"), arena, trial));
    if (trial->state == TRIAL_SUCCEEDED && !observation_is_available(&trial->observation, 0))
        return fail(ERR_INVALID, "metrics: expected a value of %s", live->spec->objective.metrics[0].name);
    message = node_to_text(arena, node_get(node, "message"));
    if (message != NULL && trial_is_finished(trial))
        trial->message = xstrdup(message);
    trial->why = xstrdup(trial_is_finished(trial) ? "added by a client" : "enqueued by a client");
    return 0;
}

/* --- adding --- */

static void destroy(struct addition *addition)
{
    free(addition->trials);
    free(addition->numbers);
    free(addition);
}

static void drop(struct addition *addition)
{
    for (size_t i = 0; i < addition->n; i++)
        trial_destroy(addition->trials[i]);
    destroy(addition);
}

static void answer(struct service *service, void *owner, int status, const char *message)
{
    struct addition *addition = owner;
    struct arena arena = { 0 };
    struct node *body = node_map(&arena), *numbers = node_set(&arena, body, "numbers", node_list(&arena));

    for (size_t i = 0; i < addition->n; i++)
        node_add(&arena, numbers, node_integer(&arena, addition->numbers[i]));
    if (service != NULL && status < 0)
        reply_error(service, &addition->caller, status, message);
    else if (service != NULL)
        reply(service, &addition->caller, body);
    arena_release(&arena);
    destroy(addition);
}

/* What a point to try leaves out is drawn; what a client never had stays out. */
static void complete(const struct live *live, struct trial *trial, int64_t number)
{
    if (trial_is_finished(trial))
        return;
    enqueue_complete(&live->spec->space, past_seed(live), number, trial->values);
}

static void add_one(struct service *service, struct live *live, struct trial *trial)
{
    struct fact added = { .kind = FACT_ADDED, .now_us = clock_wall_us(), .trial = trial };

    complete(live, trial, live->experiment->n_asked + 1);
    trial->created_us = added.now_us;
    if (live->search != NULL)
        search_start(live->search, live->experiment->n_asked + 1, trial->values);
    conductor_fact(service, live, &added);
}

static void add(struct service *service, struct live *live, struct addition *addition)
{
    for (size_t i = 0; i < addition->n; i++) {
        add_one(service, live, addition->trials[i]);
        addition->numbers[i] = addition->trials[i]->number;
    }
    store_barrier(service, live, answer, addition);
}

void adding_serve(struct service *service, struct live *live)
{
    struct fact time = { .kind = FACT_TIME, .now_us = clock_wall_us() };

    if (live->additions == NULL || live->is_deleted || live->experiment->n_asked > (int64_t)live->experiment->n_trials)
        return;
    while (live->additions != NULL) {
        struct addition *addition = live->additions;

        live->additions = addition->next;
        add(service, live, addition);
    }
    live->experiment->is_held = false;
    conductor_fact(service, live, &time);
}

void adding_widen(struct live *live, size_t n_old, size_t n_new)
{
    for (struct addition *addition = live->additions; addition != NULL; addition = addition->next)
        for (size_t i = 0; i < addition->n; i++)
            trial_widen(addition->trials[i], n_old, n_new);
}

void adding_release(struct live *live)
{
    while (live->additions != NULL) {
        struct addition *addition = live->additions;

        live->additions = addition->next;
        drop(addition);
    }
}

/* Trials that were added by a call with this token before. */
static size_t find_added(const struct live *live, const char *token, struct node *numbers, struct arena *arena)
{
    for (size_t i = 0; *token != '\0' && i < live->experiment->n_trials; i++) {
        const struct trial *trial = live->experiment->trials[i];

        if (text_equal(trial_find_label(trial, ADDED_LABEL), token))
            node_add(arena, numbers, node_integer(arena, trial->number));
    }
    return numbers->length;
}

static int read_addition(struct call *call, const struct live *live, const struct node *list, const char *token,
                         struct addition *addition)
{
    addition->trials = xcalloc(list->length + 1, sizeof(struct trial *));
    addition->numbers = xcalloc(list->length + 1, sizeof *addition->numbers);
    for (; addition->n < list->length; addition->n++) {
        struct trial *trial = trial_create(live->experiment, (int64_t)addition->n + 1);

        addition->trials[addition->n] = trial;
        if (read_trial(live, list->items[addition->n], call->arena, trial) < 0) {
            char *message = xstrdup(fail_message());
            int status = fail(ERR_INVALID, "trials[%zu].%s", addition->n, message);

            free(message);
            addition->n++;
            return status;
        }
        if (*token != '\0')
            trial_set_label(trial, ADDED_LABEL, token);
    }
    return 0;
}

int adding_call(struct service *service, struct call *call)
{
    const struct node *list = node_get(call->body, "trials");
    struct node *body = node_map(call->arena),
                *numbers = node_set(call->arena, body, "numbers", node_list(call->arena));
    struct addition *addition, **last;
    struct live *live;
    const char *token;

    TRY(call_experiment(service, call, &live));
    TRY(call_text(call, "token", "", &token));
    if (list == NULL || list->kind != NODE_LIST || list->length == 0 || list->length > ADDED_LIMIT)
        return fail(ERR_INVALID, "trials: expected a list of 1 to %d", ADDED_LIMIT);
    if (find_added(live, token, numbers, call->arena) > 0) {
        reply(service, &call->caller, body);
        return 0;
    }
    if (experiment_is_finished(live->experiment))
        return fail(ERR_CONFLICT, "experiment %s has finished: %s", live->spec->name,
                    experiment_condition(live->experiment)->message);
    if (live->spec->by_clients)
        TRY(workers_claim(service, live));
    addition = xcalloc(1, sizeof *addition);
    addition->caller = call->caller;
    addition->experiment_id = live->id;
    if (read_addition(call, live, list, token, addition) < 0) {
        drop(addition);
        return ERR_INVALID;
    }
    last = &live->additions;
    while (*last != NULL)
        last = &(*last)->next;
    *last = addition;
    live->experiment->is_held = true;
    adding_serve(service, live);
    return 0;
}
