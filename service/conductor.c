/*
 * Carries out what the lifecycle asks for: asks studies, plans and starts attempts, stops them, stores what changed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/status.h"
#include "experiment/enqueue.h"
#include "experiment/gjson.h"
#include "experiment/merit.h"
#include "experiment/template.h"
#include "service/core.h"
#include "trialrunner/collectors/collector.h"
#include "trialrunner/jobs/job_kind.h"

enum { RESTART_LIMIT = 5 }; /* agents of one attempt that may vanish before we give it up */

/* --- facts, one after another --- */

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

static void perform(struct service *service, struct live *live, const struct action *action);

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

static void tell_ended(struct service *service, struct live *live, int64_t number, int64_t attempt,
                       enum attempt_end end, const char *message)
{
    struct fact fact = {
        .kind = FACT_ENDED,
        .now_us = clock_wall_us(),
        .number = number,
        .attempt = attempt,
        .end = end,
        .message = message,
    };

    conductor_ended(service, live, &fact);
}

/* --- planning --- */

struct resource_owner {
    const struct bundle *bundle;
    const char *namespace;
};

static const struct node *find_resource(const void *owner, const char *kind, const char *name)
{
    const struct resource_owner *resources = owner;

    return bundle_resource(resources->bundle, kind, resources->namespace, name);
}

static const char *const *label_texts(const struct trial_template *template, struct arena *arena)
{
    const char **texts = arena_array(arena, template->n_primary_labels + 1, sizeof *texts);

    for (size_t i = 0; i < template->n_primary_labels; i++)
        texts[i] = arena_printf(arena, "%s=%s", template->primary_labels[i].name, template->primary_labels[i].value);
    return texts;
}

static const char *const *trial_label_texts(const struct trial *trial, struct arena *arena)
{
    const char **texts = arena_array(arena, trial->n_labels, sizeof *texts);

    for (size_t i = 0; i < trial->n_labels; i++)
        texts[i] = arena_printf(arena, "%s=%s", trial->labels[i].name, trial->labels[i].value);
    return texts;
}

/* Render the template with the trial's values and plan the job. Everything in the arena; warnings are added to faults. */
static int plan_trial(struct service *service, const struct live *live, const struct trial *trial, struct arena *arena,
                      struct plan *plan, struct faults *faults)
{
    const struct spec *spec = live->spec;
    const struct trial_template *template = &spec->template;
    const char **assignments = arena_array(arena, spec->space.n + 1, sizeof *assignments);
    struct trial_identity identity = { trial->name, spec->namespace };
    struct resource_owner owner = { &live->bundle, spec->namespace };
    struct plan_context context = {
        .trial_name = trial->name,
        .namespace = spec->namespace,
        .experiment = spec->name,
        .primary_container = template->primary_container,
        .n_primary_labels = template->n_primary_labels,
        .primary_labels = label_texts(template, arena),
        .n_labels = trial->n_labels,
        .labels = trial_label_texts(trial, arena),
        .checkpoint_path = spec_checkpoint_path(spec),
        .shell = spec->collector.kind->shell,
        .images = &live->images,
        .directory = live->bundle.directory,
        .claims_directory = service->volumes,
        .resource = find_resource,
        .resource_owner = &owner,
    };
    struct node *manifest;

    if (spec->collector.kind->reads_file && spec->collector.path != NULL) {
        char *directory = file_directory(spec->collector.path);

        context.metrics_directory = arena_strdup(arena, directory);
        free(directory);
    }
    for (size_t i = 0; i < spec->space.n; i++)
        assignments[i] = space_format(&spec->space, i, trial->values[i], arena);
    TRY(template_render(spec, &identity, assignments, arena, &manifest));
    return template->kind->plan(manifest, &context, arena, plan, faults);
}

int conductor_try_plan(struct service *service, struct live *live, struct text *warnings)
{
    const struct space *space = &live->spec->space;
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    double *x = arena_array(&arena, space->n + 1, sizeof *x);
    struct trial *trial = trial_create(live->experiment, 1);
    struct plan plan;
    int status;

    for (size_t i = 0; i < space->n; i++)
        x[i] = space->parameters[i].type == PARAMETER_CATEGORICAL ? 0 : 0.5;
    space_decode(space, x, trial->values);
    status = plan_trial(service, live, trial, &arena, &plan, &faults);
    if (status == 0)
        status = capacity_check(&service->capacity, &plan.total);
    for (size_t i = 0; i < faults.n; i++)
        if (faults.items[i].file == NULL && faults.items[i].line > 0)
            faults.items[i].file = live->shown;
    if (status == 0)
        faults_print(&faults, warnings);
    trial_destroy(trial);
    faults_release(&faults);
    arena_release(&arena);
    return status;
}

/* --- attempts --- */

static void give_back(struct service *service, struct pursuit *pursuit)
{
    if (pursuit->has_resources)
        capacity_give(&service->capacity, &pursuit->resources, pursuit->gpus);
    pursuit->has_resources = false;
}

static void start_waiting(struct service *service);

static void end_pursuit(struct service *service, struct live *live, int64_t number)
{
    struct pursuit *pursuit = live_pursuit(live, number);

    if (pursuit == NULL)
        return;
    give_back(service, pursuit);
    live_drop_pursuit(live, number);
    start_waiting(service);
}

static void make_key(char key[KEY_SIZE])
{
    uint8_t bytes[(KEY_SIZE - 1) / 2];

    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        sprintf(key + 2 * i, "%02x", bytes[i]);
}

static void fill_order(struct service *service, const struct live *live, const struct trial *trial,
                       struct pursuit *pursuit)
{
    const struct spec *spec = live->spec;
    struct order *order = &pursuit->order;
    const char **metrics = arena_array(&pursuit->arena, spec->objective.n_metrics, sizeof *metrics);

    for (size_t i = 0; i < spec->objective.n_metrics; i++)
        metrics[i] = spec->objective.metrics[i].name;
    order->address = arena_strdup(&pursuit->arena, service->endpoint);
    order->key = arena_strdup(&pursuit->arena, pursuit->key);
    order->experiment = arena_strdup(&pursuit->arena, spec->name);
    order->namespace = arena_strdup(&pursuit->arena, spec->namespace);
    order->trial = arena_strdup(&pursuit->arena, trial->name);
    order->experiment_id = live->id;
    order->number = pursuit->number;
    order->attempt = pursuit->attempt;
    order->gpus = pursuit->resources.gpus > 0 ? arena_strdup(&pursuit->arena, pursuit->gpus) : NULL;
    order->metrics = (struct metrics_query){
        .n_metrics = spec->objective.n_metrics,
        .metrics = metrics,
        .n_filters = spec->collector.n_filters,
        .filters = spec->collector.filters,
    };
    order->collector = spec->collector.kind->name;
    order->format = spec->collector.format == FORMAT_JSON ? "JSON" : "TEXT";
    order->metrics_path = spec->collector.kind->reads_file ? spec->collector.path : NULL;
    order->log_limit = spec->hone.log_limit;
}

/* Render and plan into the pursuit's arena. */
static int prepare(struct service *service, struct live *live, const struct trial *trial, struct pursuit *pursuit)
{
    struct faults faults = { 0 };
    int status = plan_trial(service, live, trial, &pursuit->arena, &pursuit->order.plan, &faults);

    if (status == 0) {
        pursuit->resources = pursuit->order.plan.total;
        pursuit->n_roles = pursuit->order.plan.n_roles;
        status = capacity_check(&service->capacity, &pursuit->resources);
    }
    if (status == 0 && pursuit->progress == NULL)
        pursuit->progress = xcalloc(pursuit->n_roles, sizeof *pursuit->progress);
    faults_release(&faults);
    return status;
}

static struct attempt_tag tag_of(const struct live *live, const struct pursuit *pursuit)
{
    return (struct attempt_tag){ live->id, pursuit->number, pursuit->attempt };
}

static const char *checkpoint_of(const struct service *service, const struct live *live, const struct trial *trial,
                                 struct arena *arena)
{
    return arena_printf(arena, "%s/%s/" SHARED_DIRECTORY "/" CHECKPOINT_DIRECTORY, service->directory,
                        live_relative(live, trial, arena));
}

/* The parent's checkpoint and where a copy of it goes; NULL: it begins with none. */
static const char *const *inheritance(const struct service *service, const struct live *live, const struct trial *trial,
                                      struct arena *arena)
{
    const struct trial *parent = experiment_trial(live->experiment, trial->parent);
    const char **paths = arena_array(arena, 2, sizeof *paths);

    if (parent == NULL || spec_checkpoint_path(live->spec) == NULL)
        return NULL;
    paths[0] = checkpoint_of(service, live, parent, arena);
    paths[1] = checkpoint_of(service, live, trial, arena);
    return paths;
}

static void hand_over(struct service *service, struct live *live, struct pursuit *pursuit, bool only_adopt)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);
    struct attempt_tag tag = tag_of(live, pursuit);
    const char *const *inherit = inheritance(service, live, trial, &pursuit->arena);

    fill_order(service, live, trial, pursuit);
    engine_thread_start(service->engine, &tag, live_relative(live, trial, &pursuit->arena), &pursuit->order,
                        &pursuit->arena, inherit, only_adopt);
}

struct stored_start {
    int64_t id, number, attempt;
};

/* The attempt is on disk: now its agent may begin. */
static void start_stored(struct service *service, void *owner, int status, const char *message)
{
    struct stored_start start = *(struct stored_start *)owner;
    struct live *live = service != NULL ? live_by_id(service, start.id) : NULL;
    struct pursuit *pursuit = live != NULL ? live_pursuit(live, start.number) : NULL;

    free(owner);
    if (pursuit == NULL || pursuit->attempt != start.attempt || pursuit->phase != PURSUIT_STORING)
        return;
    if (pursuit->stop_wanted) {
        tell_ended(service, live, start.number, start.attempt, ATTEMPT_STOPPED, "stopped before it began");
        return;
    }
    if (status < 0) { /* nothing has begun: wait until the disk takes it */
        log_warning("trial.start", "trial=%lld waits: %s", (long long)start.number, message);
        pursuit->phase = PURSUIT_WAITING;
        give_back(service, pursuit);
        return;
    }
    pursuit->phase = PURSUIT_HANDED;
    hand_over(service, live, pursuit, false);
}

/* Take what it asks for, if that is free, and put it on its way. */
static void try_start(struct service *service, struct live *live, struct pursuit *pursuit)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);
    struct attempt *attempt = trial_attempt(trial);
    struct stored_start *start;

    if (service->retry_ms != 0 || !capacity_take(&service->capacity, &pursuit->resources, pursuit->gpus))
        return;
    pursuit->has_resources = true;
    pursuit->phase = PURSUIT_STORING;
    free(attempt->gpus);
    attempt->gpus = pursuit->resources.gpus > 0 ? xstrdup(pursuit->gpus) : NULL;
    store_attempt(service, live, trial, pursuit);
    start = xcalloc(1, sizeof *start);
    *start = (struct stored_start){ live->id, pursuit->number, pursuit->attempt };
    store_barrier(service, live, start_stored, start);
}

/* Trials in the order of each experiment; the first that does not fit keeps later ones of its experiment waiting. */
static void start_waiting(struct service *service)
{
    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];

        for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next) {
            if (pursuit->phase != PURSUIT_WAITING)
                continue;
            try_start(service, live, pursuit);
            if (pursuit->phase == PURSUIT_WAITING)
                break;
        }
    }
}

static void start_attempt(struct service *service, struct live *live, const struct trial *trial)
{
    const struct attempt *attempt = trial_attempt(trial);
    struct pursuit *pursuit = live_pursuit(live, trial->number), **last = &live->pursuits;

    if (pursuit != NULL && pursuit->attempt == attempt->number)
        return; /* it was found running */
    end_pursuit(service, live, trial->number);
    pursuit = xcalloc(1, sizeof *pursuit);
    pursuit->number = trial->number;
    pursuit->attempt = attempt->number;
    make_key(pursuit->key);
    while (*last != NULL)
        last = &(*last)->next;
    *last = pursuit;
    if (prepare(service, live, trial, pursuit) < 0) {
        char *message = xstrdup(fail_message());

        tell_ended(service, live, trial->number, attempt->number, ATTEMPT_FAILED, message);
        free(message);
        return;
    }
    try_start(service, live, pursuit);
}

static void stop_attempt(struct service *service, struct live *live, const struct trial *trial)
{
    struct pursuit *pursuit = live_pursuit(live, trial->number);
    const struct attempt *attempt = trial_attempt(trial);
    struct attempt_tag tag;

    if (pursuit == NULL || pursuit->phase == PURSUIT_WAITING) {
        tell_ended(service, live, trial->number, attempt != NULL ? attempt->number : 0, ATTEMPT_STOPPED,
                   "stopped before it began");
        return;
    }
    pursuit->stop_wanted = true;
    tag = tag_of(live, pursuit);
    if (pursuit->phase == PURSUIT_HANDED)
        engine_thread_stop(service->engine, &tag, false);
}

/* --- the study --- */

/* stopAfterNoProgress, after every trial that finishes. */
static void ask_whether_to_go_on(struct live *live)
{
    if (live->spec->hone.patience > 0 && live->experiment->n_finished > 0)
        search_consider(live->search, live->experiment->n_finished, false, live->spec->hone.patience, past_seed(live));
}

static void tell_study(struct live *live, const struct trial *trial)
{
    double losses[OBJECTIVES_LIMIT], violations[CONSTRAINTS_LIMIT];

    if (live->search == NULL)
        return;
    merit_losses(live->experiment, trial, losses);
    merit_violations(live->experiment, trial, violations);
    search_tell(live->search, trial->number, trial->values, past_outcome(trial), losses, violations);
    ask_whether_to_go_on(live);
}

/* A point of the file instead of the method's; the study hears of it, so that none comes twice. */
static void suggest_enqueued(struct service *service, struct live *live, int64_t number)
{
    double *values = xcalloc(live->spec->space.n + 1, sizeof *values);
    struct fact suggested = {
        .kind = FACT_SUGGESTED,
        .now_us = clock_wall_us(),
        .number = number,
        .values = values,
        .resource = NAN,
        .why = "enqueued in the file",
    };

    enqueue_fill(live->spec, past_seed(live), number, values);
    search_start(live->search, number, values);
    conductor_fact(service, live, &suggested);
    free(values);
}

static void ask(struct service *service, struct live *live, int64_t number)
{
    if (live->search == NULL)
        return;
    if (enqueue_has(live->spec, number))
        suggest_enqueued(service, live, number);
    else
        search_ask(live->search, number);
}

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

static void build_search(struct service *service, struct live *live)
{
    const struct spec *spec = live->spec;
    const struct suggest_problem problem = spec_problem(spec);
    struct study *study;

    if (live->search != NULL)
        return;
    study = study_create(&problem, spec->method, spec->settings, past_seed(live));
    replay(live, study);
    live->search = search_create(service->pool, study, spec->hone.noisy, live->id);
}

int conductor_claim(struct service *service, struct live *live)
{
    struct fact claimed = { .kind = FACT_CLAIMED, .now_us = clock_wall_us() };
    const struct spec *spec = live->spec;

    if (spec->missing != NULL)
        return fail(ERR_UNSUPPORTED, "%s/%s uses what this build of Hone lacks: %s", spec->namespace, spec->name,
                    spec->missing);
    build_search(service, live);
    ask_whether_to_go_on(live);
    conductor_fact(service, live, &claimed);
    return 0;
}

void conductor_find_likely(struct service *service, struct live *live)
{
    build_search(service, live);
    search_consider(live->search, live->experiment->n_finished, true, 0, past_seed(live));
}

void conductor_considered(struct service *service, struct letter *letter)
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

void conductor_answered(struct service *service, struct letter *letter)
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

    if (live != NULL && !live->is_deleted) {
        fill_labels(live, &answer->suggestion, labels, &fact.n_labels);
        fact.labels = labels;
        fact.now_us = clock_wall_us();
        conductor_fact(service, live, &fact);
    }
    free(answer);
}

/* --- what engines and agents say --- */

/* Which of the template's conditions hold for a job that ended so? */
static void judge_end(const struct live *live, struct fact *ended)
{
    const struct trial_template *template = &live->spec->template;
    struct arena arena = { 0 };
    const struct node *match;
    struct node *status;

    if (ended->end != ATTEMPT_SUCCEEDED && ended->end != ATTEMPT_FAILED && ended->end != ATTEMPT_DEADLINE)
        return;
    status = template->kind->status(ended->end == ATTEMPT_SUCCEEDED, ended->job_reason, ended->message, &arena);
    if (gjson_condition(status, template->failure_condition, &arena, &ended->failure, &match) < 0)
        ended->failure = true;
    if (!ended->failure && gjson_condition(status, template->success_condition, &arena, &ended->success, &match) < 0)
        ended->failure = true;
    arena_release(&arena);
}

void conductor_ended(struct service *service, struct live *live, const struct fact *fact)
{
    struct fact ended = *fact;

    end_pursuit(service, live, ended.number);
    judge_end(live, &ended);
    conductor_fact(service, live, &ended);
}

/* The agent of an attempt is gone, and has not said how it ended: another one clears up and reports. */
static void clear_up(struct service *service, struct live *live, struct pursuit *pursuit)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);

    if (!service->conduct && !pursuit->stop_wanted)
        return;
    if (pursuit->n_restarts++ >= RESTART_LIMIT) {
        tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_LOST,
                   "its agent vanished again and again");
        return;
    }
    if (prepare(service, live, trial, pursuit) < 0) {
        char *message = xstrdup(fail_message());

        tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_LOST, message);
        free(message);
        return;
    }
    hand_over(service, live, pursuit, false);
}

/* Its agent could not be started. That says nothing about the point (a full disk, no more processes): try again, a few times. */
static void start_later(struct service *service, struct live *live, struct pursuit *pursuit, const char *message)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);

    if (pursuit->stop_wanted || pursuit->n_restarts++ >= RESTART_LIMIT || prepare(service, live, trial, pursuit) < 0) {
        tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_FAILED, message);
        return;
    }
    log_warning("trial.start", "trial=%s: %s; trying again", trial->name, message);
    give_back(service, pursuit);
    pursuit->phase = PURSUIT_WAITING;
    store_retry_soon(service);
}

static void tell_started(struct service *service, struct live *live, const struct pursuit *pursuit)
{
    struct fact started = {
        .kind = FACT_STARTED,
        .now_us = clock_wall_us(),
        .number = pursuit->number,
        .attempt = pursuit->attempt,
    };

    if (pursuit->stop_wanted) { /* asked for while there was nobody to hear it */
        struct attempt_tag tag = tag_of(live, pursuit);

        engine_thread_stop(service->engine, &tag, false);
    }
    conductor_fact(service, live, &started);
}

void conductor_happened(struct service *service, struct letter *letter)
{
    struct engine_news *news = (struct engine_news *)letter;
    const struct engine_event *event = &news->event;
    struct live *live = service != NULL ? live_by_id(service, event->tag.experiment_id) : NULL;
    struct pursuit *pursuit = live != NULL ? live_pursuit(live, event->tag.number) : NULL;

    if (pursuit != NULL && pursuit->attempt == event->tag.attempt && pursuit->phase == PURSUIT_HANDED) {
        switch (event->kind) {
        case ENGINE_STARTED:
            tell_started(service, live, pursuit);
            break;
        case ENGINE_GONE:
            clear_up(service, live, pursuit);
            break;
        case ENGINE_FAILED:
            start_later(service, live, pursuit, event->message);
            break;
        }
    }
    free(news);
}

void conductor_adopt(struct service *service, struct live *live)
{
    for (struct pursuit *pursuit = live->pursuits, *next; pursuit != NULL; pursuit = next) {
        const struct trial *trial = experiment_trial(live->experiment, pursuit->number);

        next = pursuit->next;
        if (prepare(service, live, trial, pursuit) < 0) {
            char *message = xstrdup(fail_message());

            tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_LOST, message);
            free(message);
            continue;
        }
        if (observations_progress(service->reader, live->id, pursuit->number, pursuit->attempt, pursuit->progress,
                                  pursuit->n_roles) < 0)
            log_error("trial.adopt", "trial=%s: %s", trial->name, fail_message());
        capacity_retake(&service->capacity, &pursuit->resources, pursuit->gpus);
        pursuit->has_resources = true;
        hand_over(service, live, pursuit, !service->conduct);
    }
}

/* --- actions --- */

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
    else if (attempt == NULL || (attempt->number == 1 && attempt->end == ATTEMPT_RUNNING))
        store_event(service, live, trial->number, EVENT_TRIAL_CREATED, NULL);
    else if (attempt->end != ATTEMPT_RUNNING)
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
        ask(service, live, action->number);
        break;
    case ACTION_START:
        start_attempt(service, live, action->trial);
        break;
    case ACTION_STOP:
        stop_attempt(service, live, action->trial);
        break;
    case ACTION_TELL:
        tell_study(live, action->trial);
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

/* --- time --- */

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
        start_waiting(service);
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
