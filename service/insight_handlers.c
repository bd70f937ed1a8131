/*
 * Operations that explain what an experiment has found: importance. The models are fitted on the threads of the search.
 */
#include <stddef.h>
#include <stdlib.h>

#include "base/status.h"
#include "service/call.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/inquiry.h"
#include "service/past.h"
#include "service/search.h"
#include "suggest/importance.h"

/* A question about an experiment, with all it needs: the experiment may be gone before the answer. */
struct importance_task {
    struct job job;
    struct letter letter;
    struct mailbox *mailbox;
    struct caller caller;
    struct arena arena;
    struct space space;
    struct history history;
    enum importance_evaluator evaluator;
    size_t objective;   /* SIZE_MAX: all */
    const char *metric; /* NULL: all */
    uint64_t seed;
    int status;
    char *message;
    size_t n_rows;
    double *share; /* (n) */
};

static void importance_free(struct importance_task *task)
{
    history_release(&task->history);
    arena_release(&task->arena);
    free(task->message);
    free(task);
}

static void importance_drop(struct job *job)
{
    importance_free((struct importance_task *)job);
}

static void run_importance(void *owner, struct job *job)
{
    struct importance_task *own = (struct importance_task *)job;

    (void)owner;

    own->status = importance_compute(&own->history, own->evaluator, own->objective, own->seed, own->share,
                                     &own->n_rows);
    if (own->status < 0)
        own->message = xstrdup(fail_message());
    mailbox_post(own->mailbox, &own->letter);
}

static int by_share(const void *left, const void *right, void *shares)
{
    size_t i = *(const size_t *)left, j = *(const size_t *)right;
    const double *share = shares;

    if (share[i] != share[j])
        return share[i] > share[j] ? -1 : 1;
    return (i > j) - (i < j);
}

/* The largest first. */
static struct node *importance_node(struct importance_task *task)
{
    struct arena *arena = &task->arena;
    struct node *body = node_map(arena), *list = node_list(arena);
    size_t *order = arena_array(arena, task->space.n + 1, sizeof *order);

    node_set(arena, body, "evaluator", node_text(arena, importance_evaluator_names[task->evaluator]));
    if (task->metric != NULL)
        node_set(arena, body, "objective", node_text(arena, task->metric));
    node_set(arena, body, "trials", node_integer(arena, (int64_t)task->n_rows));
    node_set(arena, body, "parameters", list);
    for (size_t i = 0; i < task->space.n; i++)
        order[i] = i;
    qsort_r(order, task->space.n, sizeof *order, by_share, task->share);
    for (size_t k = 0; k < task->space.n; k++) {
        struct node *item = node_add(arena, list, node_map(arena));

        node_set(arena, item, "name", node_text(arena, task->space.parameters[order[k]].name));
        node_set(arena, item, "importance", node_real(arena, task->share[order[k]]));
    }
    return body;
}

static void importance_done(struct service *service, struct letter *letter)
{
    struct importance_task *task = (struct importance_task *)((char *)letter -
                                                              offsetof(struct importance_task, letter));

    if (service != NULL && task->status < 0)
        reply_error(service, &task->caller, task->status, task->message);
    else if (service != NULL)
        reply(service, &task->caller, importance_node(task));
    importance_free(task);
}

static int find_evaluator(const char *name, enum importance_evaluator *evaluator)
{
    for (size_t i = 0; importance_evaluator_names[i] != NULL; i++) {
        if (text_equal(importance_evaluator_names[i], name)) {
            *evaluator = (enum importance_evaluator)i;
            return 0;
        }
    }
    return fail(ERR_INVALID, "evaluator: expected %s or %s, got %s", importance_evaluator_names[0],
                importance_evaluator_names[1], name);
}

/* "" means all of them. */
static int find_objective(const struct spec *spec, const char *metric, size_t *objective)
{
    *objective = SIZE_MAX;
    if (*metric == '\0')
        return 0;
    for (size_t i = 0; i < spec_n_objectives(spec); i++) {
        if (text_equal(spec->objective.metrics[spec_aim(spec, i).metric].name, metric)) {
            *objective = i;
            return 0;
        }
    }
    return fail(ERR_NOT_FOUND, "experiment %s has no objective %s", spec->name, metric);
}

static int importance(struct service *service, struct call *call)
{
    enum importance_evaluator evaluator = IMPORTANCE_FANOVA;
    struct importance_task *task;
    const char *name, *metric;
    struct live *live;
    size_t objective;

    TRY(call_experiment(service, call, &live));
    /* the other one misleads once a search has converged */
    TRY(call_text(call, "evaluator", importance_evaluator_names[IMPORTANCE_FANOVA], &name));
    TRY(call_text(call, "objective", "", &metric));
    TRY(find_evaluator(name, &evaluator));
    TRY(find_objective(live->spec, metric, &objective));
    if (live->spec->space.n == 0)
        return fail(ERR_INVALID, "experiment %s searches architectures: it has no parameters to compare",
                    live->spec->name);
    TRY(conductor_check_build(live->spec));
    task = xcalloc(1, sizeof *task);
    task->job = (struct job){ .run = run_importance, .drop = importance_drop };
    task->letter.open = importance_done;
    task->mailbox = service->mailbox;
    task->caller = call->caller;
    task->space = space_copy(&live->spec->space, &task->arena);
    history_init(&task->history, &task->space, spec_n_objectives(live->spec), live->spec->n_constraints);
    task->evaluator = evaluator;
    task->objective = objective;
    task->metric = objective < SIZE_MAX ? arena_strdup(&task->arena, metric) : NULL;
    task->seed = past_seed(live);
    task->share = arena_array(&task->arena, task->space.n, sizeof *task->share);
    inquiry_open(service, live);
    search_read(live->search, &task->history, &task->job);
    return 0;
}

const struct handler insight_handlers[] = {
    { "experiment.importance", ROLE_VIEWER, importance },
    { 0 },
};
