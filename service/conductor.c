/*
 * Facts one after another through the lifecycle, and the actions that it asks for.
 */
#include "service/conductor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "service/core.h"
#include "service/inquiry.h"
#include "service/pursuit.h"
#include "service/search.h"
#include "service/stopping.h"
#include "service/store.h"

struct queued_fact {
    struct queued_fact *next;
    struct arena arena;
    struct fact fact;
};

static const char *kept(struct arena *arena, const char *text)
{
    return text != NULL ? arena_strdup(arena, text) : NULL;
}

static const struct name_value *kept_labels(struct arena *arena, const struct name_value *labels, size_t n)
{
    struct name_value *copies = arena_array(arena, n, sizeof *copies);

    for (size_t i = 0; i < n; i++)
        copies[i] = (struct name_value){ arena_strdup(arena, labels[i].name), arena_strdup(arena, labels[i].value) };
    return copies;
}

static void queue_fact(struct live *live, const struct fact *fact)
{
    struct queued_fact *queued = xcalloc(1, sizeof *queued);

    queued->fact = *fact;
    queued->fact.why = kept(&queued->arena, fact->why);
    queued->fact.message = kept(&queued->arena, fact->message);
    queued->fact.tail = kept(&queued->arena, fact->tail);
    queued->fact.job_reason = kept(&queued->arena, fact->job_reason);
    queued->fact.labels = kept_labels(&queued->arena, fact->labels, fact->n_labels);
    if (fact->values != NULL) {
        double *values = arena_array(&queued->arena, live->spec->space.n, sizeof *values);

        memcpy(values, fact->values, live->spec->space.n * sizeof *values);
        queued->fact.values = values;
    }
    *live->last_fact = queued;
    live->last_fact = &queued->next;
}

static const char *trial_event_detail(const struct trial *trial, struct arena *arena)
{
    if (trial->state == TRIAL_SUCCEEDED)
        return NULL;
    return arena_printf(arena, "%s: %s", trial_state_names[trial->state], trial->message != NULL ? trial->message : "");
}

static void note_trial(struct service *service, struct live *live, const struct trial *trial)
{
    const struct attempt *attempt = trial_attempt(trial);
    struct arena arena = { 0 };

    if (trial_is_finished(trial))
        store_event(service, live, trial->number, EVENT_TRIAL_ENDED, trial_event_detail(trial, &arena));
    else if (trial->state == TRIAL_RUNNING && attempt != NULL && attempt->end == ATTEMPT_RUNNING &&
             trial->reason == NULL)
        store_event(service, live, trial->number, EVENT_TRIAL_STARTED, NULL);
    else if (trial->state == TRIAL_PENDING &&
             (attempt == NULL || (attempt->number == 1 && attempt->end == ATTEMPT_RUNNING)))
        store_event(service, live, trial->number, EVENT_TRIAL_CREATED, NULL);
    else if (attempt != NULL && attempt->end != ATTEMPT_RUNNING)
        store_event(service, live, trial->number, EVENT_TRIAL_ATTEMPT_ENDED, attempt->message);
    arena_release(&arena);
}

static void note_condition(struct service *service, struct live *live)
{
    const struct condition *condition = experiment_condition(live->experiment);
    struct arena arena = { 0 };

    if (condition != NULL && condition->changed_us > live->noted_us) {
        live->noted_us = condition->changed_us;
        store_event(service, live, 0, EVENT_EXPERIMENT_CONDITION,
                    arena_printf(&arena, "%s %s: %s", condition->type, condition->reason, condition->message));
    }
    arena_release(&arena);
}

/* The end that lets it go is on disk. */
static void drop_stored(struct service *service, void *owner, int status, const char *message)
{
    (void)message;
    if (service != NULL && status == 0)
        engine_thread_remove(service->engine, owner);
    free(owner);
}

static void drop_directory(struct service *service, const struct live *live, const struct trial *trial)
{
    store_barrier(service, live, drop_stored, xasprintf("%s/%s/%s", service->directory, live->uid_text, trial->name));
}

static void perform(struct service *service, struct live *live, const struct action *action)
{
    switch (action->kind) {
    case ACTION_ASK:
        inquiry_ask(service, live, action->number);
        break;
    case ACTION_START:
        pursuit_start(service, live, action->trial);
        break;
    case ACTION_STOP:
        pursuit_stop(service, live, action->trial);
        break;
    case ACTION_TELL:
        inquiry_tell(live, action->trial);
        stopping_finished(live, action->trial);
        break;
    case ACTION_STORE_TRIAL:
        store_trial(service, live, action->trial);
        note_trial(service, live, action->trial);
        break;
    case ACTION_STORE_EXPERIMENT:
        store_experiment(service, live);
        note_condition(service, live);
        break;
    case ACTION_WAKE:
        if (live->wake_us == 0 || action->at_us < live->wake_us)
            live->wake_us = action->at_us;
        break;
    case ACTION_DROP_DIRECTORY:
        drop_directory(service, live, action->trial);
        break;
    case ACTION_COMPLETED:
        log_info("experiment.completed", "experiment=%s/%s", live->spec->namespace, live->spec->name);
        break;
    }
}

static void step(struct service *service, struct live *live, const struct fact *fact)
{
    struct actions actions = { 0 };

    lifecycle_step(live->experiment, fact, &actions);
    for (size_t i = 0; i < actions.n; i++)
        perform(service, live, &actions.items[i]);
    actions_release(&actions);
}

void conductor_fact(struct service *service, struct live *live, const struct fact *fact)
{
    if (live->is_deleted)
        return;
    queue_fact(live, fact);
    if (live->is_stepping)
        return;
    live->is_stepping = true;
    while (live->first_fact != NULL) {
        struct queued_fact *queued = live->first_fact;

        live->first_fact = queued->next;
        if (live->first_fact == NULL)
            live->last_fact = &live->first_fact;
        step(service, live, &queued->fact);
        arena_release(&queued->arena);
        free(queued);
    }
    live->is_stepping = false;
}

int conductor_check_build(const struct spec *spec)
{
    if (spec->missing != NULL)
        return fail(ERR_UNSUPPORTED, "%s/%s uses what this build of Hone lacks: %s", spec->namespace, spec->name,
                    spec->missing);
    return 0;
}

int conductor_check(const struct service *service, const struct spec *spec)
{
    TRY(conductor_check_build(spec));
    if (service->no_exec && !spec->by_clients)
        return fail(ERR_DENIED,
                    "%s/%s runs commands, and this service runs none (hone serve --no-exec): it takes experiments with "
                    "spec.hone.engine client only",
                    spec->namespace, spec->name);
    return 0;
}

int conductor_claim(struct service *service, struct live *live)
{
    struct fact claimed = { .kind = FACT_CLAIMED, .now_us = clock_wall_us() };

    TRY(conductor_check(service, live->spec));
    inquiry_open(service, live);
    search_find_progress(live->search);
    TRY(stopping_open(service, live));
    conductor_fact(service, live, &claimed);
    return 0;
}

void conductor_tick(struct service *service, int64_t now_us)
{
    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];
        struct fact time = { .kind = FACT_TIME, .now_us = now_us };

        if (live->wake_us == 0 || live->wake_us > now_us)
            continue;
        live->wake_us = 0;
        conductor_fact(service, live, &time);
    }
    if (service->retry_ms != 0 && clock_steady_ms() >= service->retry_ms) {
        store_again(service);
        pursuit_start_waiting(service);
    }
}

int64_t conductor_next_us(const struct service *service)
{
    int64_t next = 0;

    for (size_t i = 0; i < service->n_lives; i++) {
        int64_t wake_us = service->lives[i]->wake_us;

        if (wake_us != 0 && (next == 0 || wake_us < next))
            next = wake_us;
    }
    return next;
}
