/*
 * An experiment and its study: what is asked, told and answered between them.
 */
#include "service/inquiry.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "experiment/enqueue.h"
#include "experiment/merit.h"
#include "service/call.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/metrics.h"
#include "service/past.h"
#include "service/search.h"

/* The study as it was: what has finished in its order, then what runs. */
static void replay(struct live *live, struct study *study)
{
    struct history past;

    history_init(&past, &live->spec->space, spec_n_objectives(live->spec), live->spec->n_constraints);
    past_fill(live, &past);
    for (size_t row = 0; row < past.n_finished; row++) {
        study_start(study, past.number[row], history_values(&past, row), past.resource[row], past.parent[row]);
        study_finish(study, past.number[row], NULL, past.outcome[row], past.loss + row * past.n_objectives,
                     past.violation + row * past.n_constraints);
    }
    for (size_t row = 0; row < past.n_running; row++)
        study_start(study, past.running_number[row], past.running_values + row * past.space->n,
                    past.running_resource[row], past.running_parent[row]);
    history_release(&past);
}

/* The experiment's, or as long as a space that grows does not suit that, the one that takes any. */
static struct study *make_study(struct live *live, const struct suggest_problem *problem)
{
    const struct spec *spec = live->spec;
    const struct suggest_method *any = suggest_method_find("auto", NULL);
    bool suits = !spec->by_clients || spec->method->check == NULL ||
                 spec->method->check(problem, spec->settings, &live->arena) == NULL;
    size_t n;

    if (suits)
        return study_create(problem, spec->method, spec->settings, past_seed(live));
    return study_create(problem, any, setting_defaults(any->settings, &live->arena, &n), past_seed(live));
}

void inquiry_open(struct service *service, struct live *live)
{
    const struct spec *spec = live->spec;
    const struct suggest_problem problem = spec_problem(spec);
    const struct search_options options = {
        .experiment_id = live->id,
        .mailbox = service->mailbox,
        .is_noisy = spec->hone.noisy,
        .patience = spec->hone.patience,
        .seed = past_seed(live),
        .answered = inquiry_answered,
        .considered = inquiry_considered,
        .release = live_release,
        .lender = live,
    };
    struct study *study;

    if (live->search != NULL)
        return;
    study = make_study(live, &problem);
    replay(live, study);
    live->search = search_create(service->pool, study, &options);
}

void inquiry_tell(struct live *live, const struct trial *trial)
{
    double losses[OBJECTIVES_LIMIT], violations[CONSTRAINTS_LIMIT];

    if (live->search == NULL)
        return;
    past_losses(live->experiment, trial, losses);
    merit_violations(live->experiment, trial, violations);
    search_tell(live->search, trial->number, trial->values, past_outcome(trial), losses, violations);
    search_find_progress(live->search);
}

/* A point that is not the method's; the study hears of it, so that none comes twice. */
static void suggest(struct service *service, struct live *live, int64_t number, const double *values, const char *why)
{
    struct fact suggested = {
        .kind = FACT_SUGGESTED,
        .now_us = clock_wall_us(),
        .number = number,
        .values = values,
        .resource = NAN,
        .why = why,
    };

    search_start(live->search, number, values);
    conductor_fact(service, live, &suggested);
}

static void suggest_enqueued(struct service *service, struct live *live, int64_t number)
{
    double *values = xcalloc(live->spec->space.n, sizeof *values);

    enqueue_fill(live->spec, past_seed(live), number, values);
    suggest(service, live, number, values, "enqueued in the file");
    free(values);
}

/* Before any client has asked for a parameter. */
static void suggest_nothing(struct service *service, struct live *live, int64_t number)
{
    static const double none[1];

    suggest(service, live, number, none, "no parameter is known yet");
}

void inquiry_ask(struct service *service, struct live *live, int64_t number)
{
    if (live->search == NULL)
        return;
    if (enqueue_has(live->spec, number))
        suggest_enqueued(service, live, number);
    else if (live->spec->space.n == 0)
        suggest_nothing(service, live, number);
    else
        search_ask(live->search, number);
}

void inquiry_find_likely(struct service *service, struct live *live)
{
    inquiry_open(service, live);
    search_find_likely(live->search, live->experiment->n_finished);
}

void inquiry_considered(struct service *service, struct letter *letter)
{
    struct search_opinion *opinion = (struct search_opinion *)letter;
    struct live *live = service != NULL ? live_by_id(service, opinion->experiment_id) : NULL;
    struct fact stalled = { .kind = FACT_STALLED, .now_us = clock_wall_us(), .message = opinion->why };

    if (live != NULL && opinion->has_likely) {
        live->likely = opinion->likely;
        live->likely_of = opinion->n_finished;
        experiment_considered(service, live);
    }
    if (live != NULL && opinion->stops)
        conductor_fact(service, live, &stalled);
    free(opinion);
}

/* The suggestion's labels, and for pbt Katib's own that names the parent; *n of them, at most one more than it has. */
static void fill_labels(const struct live *live, const struct suggestion *suggestion, struct name_value *labels,
                        size_t *n)
{
    const struct trial *parent = experiment_trial(live->experiment, suggestion->parent);

    for (*n = 0; *n < suggestion->n_labels; ++*n)
        labels[*n] = (struct name_value){ suggestion->labels[*n].name, suggestion->labels[*n].value };
    if (parent != NULL && text_equal(live->spec->method->name, "pbt"))
        labels[(*n)++] = (struct name_value){ "pbt.suggestion.katib.kubeflow.org/parent", parent->name };
}

void inquiry_answered(struct service *service, struct letter *letter)
{
    struct search_answer *answer = (struct search_answer *)letter;
    struct live *live = service != NULL ? live_by_id(service, answer->experiment_id) : NULL;
    struct name_value labels[SUGGEST_LABELS_LIMIT + 1];
    struct fact fact = {
        .kind = answer->status == 0                   ? FACT_SUGGESTED
                : answer->status == SUGGEST_EXHAUSTED ? FACT_EXHAUSTED
                                                      : FACT_SUGGEST_FAILED,
        .number = answer->number,
        .values = answer->values,
        .resource = answer->suggestion.resource,
        .parent = answer->suggestion.parent,
        .why = answer->suggestion.why,
        .message = answer->message,
    };

    if (live != NULL)
        metrics_suggested(service->metrics, live->spec->method->name, answer->seconds);
    /* Of before the space has grown: the point is asked for again. */
    if (live != NULL && !live->is_deleted && answer->n == live->spec->space.n) {
        fill_labels(live, &answer->suggestion, labels, &fact.n_labels);
        fact.labels = labels;
        fact.now_us = clock_wall_us();
        conductor_fact(service, live, &fact);
    }
    free(answer);
}
