/*
 * Operations on experiments: show, conduct, stop, edit; those that make and delete them have files of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/experiments.h"
#include "experiment/view.h"
#include "service/call.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/create.h"
#include "service/inquiry.h"
#include "service/notes.h"
#include "service/pursuit.h"
#include "service/store.h"

/* --- show --- */

/* The trial that a model takes for the best, of a noisy experiment that was considered. */
static struct node *likely_node(const struct live *live, struct arena *arena)
{
    const struct trial *trial = live->likely_of >= 0 ? experiment_trial(live->experiment, live->likely.number) : NULL;
    struct aim aim = spec_aim(live->spec, 0);
    struct node *map;

    if (trial == NULL)
        return node_null(arena);
    map = node_map(arena);
    node_set(arena, map, "name", node_text(arena, trial->name));
    node_set(arena, map, "number", node_integer(arena, trial->number));
    node_set(arena, map, "metric", node_text(arena, live->spec->objective.metrics[aim.metric].name));
    node_set(arena, map, "mean",
             node_real(arena, aim.type == OBJECTIVE_MAXIMIZE ? -live->likely.loss : live->likely.loss));
    node_set(arena, map, "deviation", node_real(arena, live->likely.deviation));
    return map;
}

static struct node *experiment_node(struct service *service, const struct live *live, bool summary, struct arena *arena)
{
    struct node *node = view_experiment(live->experiment, summary, arena);
    const char *words = NULL;

    if (!summary) {
        engine_thread_capabilities(service->engine, &words);
        node_set(arena, node, "limits", node_text(arena, words));
        node_set(arena, node, "likelyBest", likely_node(live, arena));
    }
    node_set(arena, node, "notes", notes_of(live, arena));
    return node;
}

static void answer_experiment(struct service *service, const struct caller *caller, const struct live *live)
{
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    node_set(&arena, body, "experiment", experiment_node(service, live, false, &arena));
    reply(service, caller, body);
    arena_release(&arena);
}

/* Fitting a model takes a while: it is done for who asks for it, and once all is over. */
static bool must_consider(const struct live *live, const struct call *call)
{
    bool is_wanted = false;

    node_to_boolean(node_get(call->body, "likely"), &is_wanted);
    return live->spec->hone.noisy && spec_n_objectives(live->spec) == 1 && live->spec->missing == NULL &&
           (is_wanted || experiment_is_finished(live->experiment)) && live->likely_of != live->experiment->n_finished;
}

static void wait_for_likely(struct service *service, struct live *live, const struct caller *caller)
{
    struct waiter *waiter = xcalloc(1, sizeof *waiter);

    if (live->waiters == NULL)
        inquiry_find_likely(service, live);
    waiter->caller = *caller;
    waiter->next = live->waiters;
    live->waiters = waiter;
}

void experiment_considered(struct service *service, struct live *live)
{
    while (live->waiters != NULL) {
        struct waiter *waiter = live->waiters;

        live->waiters = waiter->next;
        answer_experiment(service, &waiter->caller, live);
        free(waiter);
    }
}

static int get(struct service *service, struct call *call)
{
    struct live *live;
    const char *form;

    TRY(call_experiment(service, call, &live));
    TRY(call_text(call, "form", "hone", &form));
    if (text_equal(form, "katib")) {
        struct node *body = node_map(call->arena);

        node_set(call->arena, body, "experiment", view_katib_experiment(live->experiment, call->arena));
        reply(service, &call->caller, body);
        return 0;
    }
    if (must_consider(live, call))
        wait_for_likely(service, live, &call->caller);
    else
        answer_experiment(service, &call->caller, live);
    return 0;
}

static struct node *name_node(const struct experiment_row *row, struct arena *arena)
{
    struct node *node = node_map(arena);

    node_set(arena, node, "namespace", node_text(arena, row->namespace));
    node_set(arena, node, "name", node_text(arena, row->name));
    return node;
}

static int list(struct service *service, struct call *call)
{
    struct node *body = node_map(call->arena),
                *experiments = node_set(call->arena, body, "experiments", node_list(call->arena));
    struct experiment_row *rows;
    struct live *live;
    const char *namespace;
    bool only_names = false;
    size_t n;
    int status;

    TRY(call_text(call, "namespace", "", &namespace));
    node_to_boolean(node_get(call->body, "only_names"), &only_names);
    TRY(experiments_list(service->reader, *namespace != '\0' ? namespace : NULL, call->arena, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        if (!principal_may_enter(call->who, rows[i].namespace))
            continue;
        if (only_names) {
            node_add(call->arena, experiments, name_node(&rows[i], call->arena));
            continue;
        }
        status = live_find(service, rows[i].namespace, rows[i].name, &live);
        if (status == ERR_NOT_FOUND || status == ERR_LIMIT) /* being deleted or created at this moment */
            continue;
        TRY(status);
        node_add(call->arena, experiments, experiment_node(service, live, true, call->arena));
    }
    reply(service, &call->caller, body);
    return 0;
}

/* --- conduct --- */

/* Answers with the experiment's summary once everything queued so far is on disk. */
struct later {
    struct caller caller;
    int64_t id;
};

static void answer_stored(struct service *service, void *owner, int status, const char *message)
{
    struct later *later = owner;
    struct live *live = service != NULL ? live_by_id(service, later->id) : NULL;
    struct arena arena = { 0 };

    if (live != NULL && status == 0) {
        struct node *body = node_map(&arena);

        node_set(&arena, body, "experiment", experiment_node(service, live, true, &arena));
        reply(service, &later->caller, body);
    } else if (service != NULL) {
        reply_error(service, &later->caller, status < 0 ? status : ERR_NOT_FOUND,
                    live != NULL ? message : "deleted meanwhile");
    }
    arena_release(&arena);
    free(later);
}

static void answer_when_stored(struct service *service, const struct call *call, const struct live *live)
{
    struct later *later = xcalloc(1, sizeof *later);

    later->caller = call->caller;
    later->id = live->id;
    store_barrier(service, live, answer_stored, later);
}

static int claim(struct service *service, struct call *call)
{
    struct live *live;

    TRY(call_experiment(service, call, &live));
    TRY(conductor_claim(service, live));
    answer_when_stored(service, call, live);
    return 0;
}

static void simple_fact(struct service *service, struct live *live, enum fact_kind kind)
{
    struct fact fact = { .kind = kind, .now_us = clock_wall_us() };

    conductor_fact(service, live, &fact);
}

static int release(struct service *service, struct call *call)
{
    struct node *body = node_map(call->arena);
    struct live *live;
    int64_t n_running = 0;

    TRY(call_experiment(service, call, &live));
    if (live->experiment->claimed_us != 0)
        simple_fact(service, live, FACT_RELEASED);
    for (const struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next)
        n_running += pursuit->stop_wanted; /* others run for nobody: they were not asked to end */
    node_set(call->arena, body, "running", node_integer(call->arena, n_running));
    reply(service, &call->caller, body);
    return 0;
}

static int stop(struct service *service, struct call *call)
{
    struct live *live;

    TRY(call_experiment(service, call, &live));
    if (experiment_is_finished(live->experiment))
        return fail(ERR_CONFLICT, "experiment %s has finished already (%s)", live->spec->name,
                    experiment_condition(live->experiment)->type);
    simple_fact(service, live, FACT_STOP);
    answer_when_stored(service, call, live);
    return 0;
}

static int resume(struct service *service, struct call *call)
{
    struct live *live;

    TRY(call_experiment(service, call, &live));
    if (experiment_is_finished(live->experiment) && live->spec->resume_policy == RESUME_NEVER)
        return fail(ERR_CONFLICT,
                    "experiment %s has finished, and its resumePolicy is Never: run it under another name",
                    live->spec->name);
    if (experiment_is_finished(live->experiment))
        return fail(ERR_CONFLICT,
                    "experiment %s has finished: to go on give it a larger budget with hone edit %s --max-trials N",
                    live->spec->name, live->spec->name);
    simple_fact(service, live, FACT_RESUME);
    answer_when_stored(service, call, live);
    return 0;
}

static int edit(struct service *service, struct call *call)
{
    struct live *live;

    TRY(call_experiment(service, call, &live));
    TRY(create_edit(service, live, call_integer(call, "parallelTrialCount", live->experiment->parallel_trial_count),
                    call_integer(call, "maxTrialCount", live->experiment->max_trial_count),
                    call_integer(call, "maxFailedTrialCount", live->experiment->max_failed_trial_count)));
    answer_when_stored(service, call, live);
    return 0;
}

const struct handler experiment_handlers[] = {
    { "experiment.create", ROLE_EDITOR, experiment_create_call },
    { "experiment.get", ROLE_VIEWER, get },
    { "experiment.list", ROLE_VIEWER, list },
    { "experiment.claim", ROLE_EDITOR, claim },
    { "experiment.release", ROLE_EDITOR, release },
    { "experiment.stop", ROLE_EDITOR, stop },
    { "experiment.resume", ROLE_EDITOR, resume },
    { "experiment.edit", ROLE_EDITOR, edit },
    { "experiment.delete", ROLE_EDITOR, experiment_delete_call },
    { 0 },
};
