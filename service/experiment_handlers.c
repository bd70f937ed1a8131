/*
 * Operations on experiments: create, show, conduct, stop, edit, delete.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/imports.h"
#include "experiment/view.h"
#include "service/core.h"

/* --- create --- */

struct created {
    struct live *live;
    const char *outcome;
    char *warnings, *notes; /* one a line */
    struct text imports;    /* warm start, packed; empty: none */
};

struct create_write {
    struct write write;
    struct service *service;
    struct caller caller;
    bool claim;
    size_t n, capacity;
    struct created *items;       /* (n) of capacity */
    struct experiment_row *rows; /* (n): zeroed where nothing is inserted */
};

static int insert(struct db *db, struct experiment_row *row, const struct text *imports)
{
    TRY(experiments_insert(db, row));
    return imports->length > 0 ? imports_store(db, row->id, imports->data, imports->length) : 0;
}

static int run_create(struct db *db, struct write *write)
{
    struct create_write *create = (struct create_write *)write;

    for (size_t i = 0; i < create->n; i++)
        if (create->rows[i].name != NULL)
            TRY(insert(db, &create->rows[i], &create->items[i].imports));
    return 0;
}

/* The lines of a text (which may be NULL) as a list. */
static struct node *line_nodes(const char *text, struct arena *arena)
{
    struct node *list = node_list(arena);

    for (const char *end; text != NULL && (end = strchr(text, '\n')) != NULL; text = end + 1)
        node_add(arena, list, node_text_bytes(arena, text, (size_t)(end - text)));
    return list;
}

static struct node *created_node(const struct create_write *create, struct arena *arena)
{
    struct node *body = node_map(arena), *list = node_set(arena, body, "experiments", node_list(arena));

    for (size_t i = 0; i < create->n; i++) {
        const struct created *item = &create->items[i];
        struct node *node = node_add(arena, list, node_map(arena));

        node_set(arena, node, "namespace", node_text(arena, item->live->spec->namespace));
        node_set(arena, node, "name", node_text(arena, item->live->spec->name));
        node_set(arena, node, "uid", node_text(arena, item->live->uid_text));
        node_set(arena, node, "outcome", node_text(arena, item->outcome));
        node_set(arena, node, "warnings", line_nodes(item->warnings, arena));
        node_set(arena, node, "notes", line_nodes(item->notes, arena));
    }
    return body;
}

static void free_created(struct created *item)
{
    free(item->warnings);
    free(item->notes);
    text_release(&item->imports);
}

static void create_free(struct create_write *create)
{
    for (size_t i = 0; i < create->capacity; i++)
        free_created(&create->items[i]);
    free(create->items);
    free(create->rows);
    free(create);
}

static void store_notes(struct service *service, const struct live *live, const char *notes)
{
    struct arena arena = { 0 };
    const struct node *lines = line_nodes(notes, &arena);

    for (size_t i = 0; i < lines->length; i++)
        store_event(service, live, 0, EVENT_EXPERIMENT_WARM_STARTED, lines->items[i]->text);
    arena_release(&arena);
}

/* Now they have ids: store their first conditions, and begin those that are claimed. */
static int begin_created(struct create_write *create)
{
    struct service *service = create->service;

    for (size_t i = 0; i < create->n; i++) {
        struct live *live = create->items[i].live;

        if (create->rows[i].name != NULL) {
            live->id = create->rows[i].id;
            store_experiment(service, live);
            store_event(service, live, 0, EVENT_EXPERIMENT_CREATED, NULL);
            store_notes(service, live, create->items[i].notes);
        }
    }
    for (size_t i = 0; create->claim && i < create->n; i++)
        TRY(conductor_claim(service, create->items[i].live));
    return 0;
}

static void create_done(struct write *write)
{
    struct create_write *create = (struct create_write *)write;
    struct arena arena = { 0 };

    if (write->status < 0) {
        for (size_t i = 0; i < create->n; i++)
            if (create->rows[i].name != NULL)
                live_forget(create->service, create->items[i].live);
        reply_error(create->service, &create->caller, write->status, write->message);
    } else if (begin_created(create) < 0) {
        reply_error(create->service, &create->caller, ERR_UNSUPPORTED, fail_message());
    } else {
        reply(create->service, &create->caller, created_node(create, &arena));
    }
    arena_release(&arena);
    create_free(create);
}

/* What the two sets of files say beside the Experiment itself: images and the resources that trials may use. */
static bool surroundings_equal(const struct bundle *a, const struct bundle *b)
{
    if ((a->images == NULL) != (b->images == NULL) || a->n_resources != b->n_resources)
        return false;
    if (a->images != NULL && !node_equal(a->images, b->images))
        return false;
    for (size_t i = 0; i < a->n_resources; i++)
        if (!node_equal(a->resources[i], b->resources[i]))
            return false;
    return true;
}

static struct fact edit_fact(int64_t parallel, int64_t max, int64_t max_failed)
{
    return (struct fact){
        .kind = FACT_EDITED,
        .now_us = clock_wall_us(),
        .parallel_trial_count = parallel,
        .max_trial_count = max,
        .max_failed_trial_count = max_failed,
    };
}

static int edit_live(struct service *service, struct live *live, int64_t parallel, int64_t max, int64_t max_failed)
{
    struct fact edited = edit_fact(parallel, max, max_failed);

    TRY(lifecycle_check_edit(live->experiment, parallel, max, max_failed));
    conductor_fact(service, live, &edited);
    store_event(service, live, 0, EVENT_EXPERIMENT_EDITED, NULL);
    return 0;
}

/* The name exists: go on, edit the budget, or refuse. */
static int meet_existing(struct service *service, struct live *live, const struct bundle *bundle,
                         const struct spec *spec, struct created *item)
{
    struct experiment *experiment = live->experiment;
    struct text lines = { 0 };
    bool only_budget = true;
    size_t n = spec_differences(live->spec, spec, &lines, &only_budget);
    bool is_as_now = spec->parallel_trial_count == experiment->parallel_trial_count &&
                     spec->max_trial_count == experiment->max_trial_count &&
                     spec->max_failed_trial_count == experiment->max_failed_trial_count;
    int status = 0;

    if (!surroundings_equal(&live->bundle, bundle)) {
        text_add(&lines, "  images, ConfigMaps or Secrets: not the same\n");
        only_budget = false;
    }
    item->live = live;
    item->outcome = experiment_is_finished(experiment) ? "finished" : "same";
    if (!only_budget) {
        status = fail(ERR_CONFLICT,
                      "experiment %s/%s exists already with other contents:\n%s"
                      "give this one another name, or delete the old one: hone delete %s -n %s",
                      spec->namespace, spec->name, text_string(&lines), spec->name, spec->namespace);
    } else if (n > 0 && !is_as_now) {
        status = edit_live(service, live, spec->parallel_trial_count, spec->max_trial_count,
                           spec->max_failed_trial_count);
        item->outcome = "edited";
    }
    text_release(&lines);
    return status;
}

static int make_new(struct service *service, const struct text *packed, const struct spec *spec, bool claim,
                    struct created *item, struct experiment_row *row)
{
    struct text warnings = { 0 }, notes = { 0 };
    struct live *live;
    int status;

    if (claim && spec->missing != NULL)
        return fail(ERR_UNSUPPORTED, "%s/%s uses what this build of Hone lacks: %s", spec->namespace, spec->name,
                    spec->missing);
    TRY(live_create(service, packed->data, packed->length, spec->name, &live));
    status = claim ? conductor_try_plan(service, live, &warnings) : 0;
    if (status == 0)
        status = warm_gather(service, live, &notes);
    if (live->warm.n > 0)
        warm_start_pack(&live->warm, &item->imports);
    item->warnings = xstrdup(text_string(&warnings));
    item->notes = xstrdup(text_string(&notes));
    text_release(&notes);
    text_release(&warnings);
    if (status < 0) {
        live_forget(service, live);
        return status;
    }
    item->live = live;
    item->outcome = "created";
    *row = (struct experiment_row){
        .namespace = live->spec->namespace,
        .name = live->spec->name,
        .source = live->source,
        .source_length = live->source_length,
        .parallel_trial_count = spec->parallel_trial_count,
        .max_trial_count = spec->max_trial_count,
        .max_failed_trial_count = spec->max_failed_trial_count,
        .created_us = live->experiment->created_us,
    };
    memcpy(row->uid, live->experiment->uid, sizeof row->uid);
    return 0;
}

static int prepare_all(struct service *service, const struct bundle *bundle, const struct text *packed,
                       const char *only, struct create_write *create)
{
    for (size_t i = 0; i < bundle->n_specs; i++) {
        const struct spec *spec = bundle->specs[i];
        struct created *item = &create->items[create->n];
        struct live *live;
        int status;

        if (*only != '\0' && !text_equal(only, spec->name))
            continue;
        status = live_find(service, spec->namespace, spec->name, &live);
        if (status == 0)
            TRY(meet_existing(service, live, bundle, spec, item));
        else if (status == ERR_NOT_FOUND)
            TRY(make_new(service, packed, spec, create->claim, item, &create->rows[create->n]));
        else
            return status;
        create->n++;
    }
    if (create->n == 0)
        return fail(ERR_NOT_FOUND, *only != '\0' ? "no Experiment named %s in the file" : "no Experiment in the file%s",
                    only);
    return 0;
}

/* Undo what prepare_all made. */
static void forget_new(struct service *service, struct create_write *create)
{
    for (size_t i = 0; i < create->n; i++)
        if (create->rows[i].name != NULL)
            live_forget(service, create->items[i].live);
}

static int create_parsed(struct service *service, struct call *call, const struct source *source,
                         const struct bundle *bundle)
{
    struct create_write *create = xcalloc(1, sizeof *create);
    struct text packed = { 0 };
    const char *only = "";
    bool claim = false;
    int status;

    node_to_boolean(node_get(call->body, "claim"), &claim);
    create->write.run = run_create;
    create->write.done = create_done;
    create->service = service;
    create->caller = call->caller;
    create->claim = claim;
    create->capacity = bundle->n_specs;
    create->items = xcalloc(bundle->n_specs + 1, sizeof *create->items);
    create->rows = xcalloc(bundle->n_specs + 1, sizeof *create->rows);
    source_pack(source, &packed);
    status = call_text(call, "name", "", &only);
    if (status == 0)
        status = prepare_all(service, bundle, &packed, only, create);
    text_release(&packed);
    if (status < 0) {
        forget_new(service, create);
        create_free(create);
        return status;
    }
    writer_queue(service->writer, &create->write);
    return 0;
}

static bool is_being_created(const struct service *service, const struct bundle *bundle)
{
    for (size_t i = 0; i < service->n_lives; i++)
        for (size_t k = 0; k < bundle->n_specs; k++)
            if (service->lives[i]->id == 0 && text_equal(service->lives[i]->spec->name, bundle->specs[k]->name) &&
                text_equal(service->lives[i]->spec->namespace, bundle->specs[k]->namespace))
                return true;
    return false;
}

static int create(struct service *service, struct call *call)
{
    struct source source;
    struct bundle bundle = { 0 };
    struct images images;
    struct faults faults = { 0 };
    bool strict = false;
    int status;

    TRY(source_unpack(call->body, call->arena, &source));
    node_to_boolean(node_get(call->body, "strict"), &strict);
    status = source_parse(&source, strict, &bundle, &images, call->arena, &faults);
    if (status == 0)
        status = create_parsed(service, call, &source, &bundle);
    if (status == ERR_LIMIT && is_being_created(service, &bundle)) { /* by somebody else, at this moment */
        call_again(service, call, "experiment.create");
        status = 0;
    }
    faults_release(&faults);
    bundle_release(&bundle);
    return status;
}

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
        conductor_find_likely(service, live);
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

    TRY(call_text(call, "namespace", "", &namespace));
    node_to_boolean(node_get(call->body, "only_names"), &only_names);
    TRY(experiments_list(service->reader, *namespace != '\0' ? namespace : NULL, call->arena, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        if (only_names) {
            node_add(call->arena, experiments, name_node(&rows[i], call->arena));
            continue;
        }
        TRY(live_find(service, rows[i].namespace, rows[i].name, &live));
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
    TRY(edit_live(service, live, call_integer(call, "parallelTrialCount", live->experiment->parallel_trial_count),
                  call_integer(call, "maxTrialCount", live->experiment->max_trial_count),
                  call_integer(call, "maxFailedTrialCount", live->experiment->max_failed_trial_count)));
    answer_when_stored(service, call, live);
    return 0;
}

/* --- delete --- */

struct delete_write {
    struct write write;
    struct service *service;
    struct caller caller;
    int64_t id, now_us;
    bool purge;
};

static int run_delete(struct db *db, struct write *write)
{
    struct delete_write *deletion = (struct delete_write *)write;
    struct event_row event = {
        .time_us = deletion->now_us,
        .experiment_id = deletion->id,
        .kind = EVENT_EXPERIMENT_DELETED,
    };

    TRY(experiments_delete(db, deletion->id, deletion->purge));
    return deletion->purge ? 0 : events_append(db, &event); /* a purged one leaves nothing that an event could be of */
}

static void delete_done(struct write *write)
{
    struct delete_write *deletion = (struct delete_write *)write;
    struct live *live = live_by_id(deletion->service, deletion->id);
    struct arena arena = { 0 };

    if (write->status < 0) {
        if (live != NULL)
            live->is_deleted = false;
        reply_error(deletion->service, &deletion->caller, write->status, write->message);
    } else {
        if (live != NULL) {
            char *path = xasprintf("%s/%s", deletion->service->directory, live->uid_text);

            engine_thread_remove(deletion->service->engine, path);
            free(path);
            live_forget(deletion->service, live);
        }
        reply(deletion->service, &deletion->caller, node_map(&arena));
    }
    arena_release(&arena);
    free(deletion);
}

static int delete (struct service *service, struct call *call)
{
    struct delete_write *deletion;
    struct live *live;
    bool purge = false;

    TRY(call_experiment(service, call, &live));
    node_to_boolean(node_get(call->body, "purge"), &purge);
    for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next) {
        struct attempt_tag tag = { live->id, pursuit->number, pursuit->attempt };

        engine_thread_stop(service->engine, &tag, true);
        if (pursuit->has_resources)
            capacity_give(&service->capacity, &pursuit->resources, pursuit->gpus);
        pursuit->has_resources = false;
    }
    live->is_deleted = true;
    deletion = xcalloc(1, sizeof *deletion);
    deletion->write.run = run_delete;
    deletion->write.done = delete_done;
    deletion->service = service;
    deletion->caller = call->caller;
    deletion->id = live->id;
    deletion->purge = purge;
    deletion->now_us = clock_wall_us();
    writer_queue(service->writer, &deletion->write);
    return 0;
}

const struct handler experiment_handlers[] = {
    { "experiment.create", create },   { "experiment.get", get },
    { "experiment.list", list },       { "experiment.claim", claim },
    { "experiment.release", release }, { "experiment.stop", stop },
    { "experiment.resume", resume },   { "experiment.edit", edit },
    { "experiment.delete", delete },   { 0 },
};
