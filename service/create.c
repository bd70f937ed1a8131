/*
 * experiment.create: all experiments of the files in one transaction, then those that are claimed begin.
 */
#include "service/create.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "db/imports.h"
#include "service/call.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/source.h"
#include "service/store.h"

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

/* While the new ones were written, those that were met may have grown or gone. */
static int find_met(struct create_write *create)
{
    for (size_t i = 0; i < create->n; i++) {
        struct created *item = &create->items[i];

        if (item->met_id != 0)
            item->live = live_by_id(create->service, item->met_id);
        if (item->live == NULL || item->live->is_deleted)
            return fail(ERR_CONFLICT, "an experiment of the file has just been deleted: ask again");
    }
    return 0;
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
    TRY(find_met(create));
    for (size_t i = 0; create->claim && i < create->n; i++)
        TRY(conductor_claim(service, create->items[i].live));
    return 0;
}

static void create_done(struct write *write)
{
    struct create_write *create = (struct create_write *)write;
    struct arena arena = { 0 };
    int status;

    if (write->status < 0) {
        for (size_t i = 0; i < create->n; i++)
            if (create->rows[i].name != NULL)
                live_forget(create->service, create->items[i].live);
        reply_error(create->service, &create->caller, write->status, write->message);
    } else if ((status = begin_created(create)) < 0) {
        reply_error(create->service, &create->caller, status, fail_message());
    } else {
        reply(create->service, &create->caller, created_node(create, &arena));
    }
    arena_release(&arena);
    create_free(create);
}

/* Its own namespace and those of experiments that it learns from. Who may run no commands may have no files read either. */
static int enter_all(struct service *service, const struct call *call, const struct spec *spec)
{
    TRY(call_enter(call, spec->namespace));
    for (size_t i = 0; i < spec->n_warm; i++) {
        if (spec->warm[i].experiment != NULL)
            TRY(call_enter(call, spec->warm[i].namespace));
        else if (service->no_exec)
            return fail(ERR_DENIED, "spec.hone.warmStart[%zu].file: this service reads no files (hone serve --no-exec)",
                        i);
    }
    return 0;
}

static int prepare_all(struct service *service, const struct call *call, const struct bundle *bundle,
                       const struct text *packed, const char *only, struct create_write *create)
{
    for (size_t i = 0; i < bundle->n_specs; i++) {
        const struct spec *spec = bundle->specs[i];
        struct created *item = &create->items[create->n];
        struct live *live;
        int status;

        if (*only != '\0' && !text_equal(only, spec->name))
            continue;
        TRY(enter_all(service, call, spec));
        status = live_find(service, spec->namespace, spec->name, &live);
        if (status == 0)
            TRY(create_meet(service, live, bundle, spec, item));
        else if (status == ERR_NOT_FOUND)
            TRY(create_new(service, packed, spec, create->claim, item, &create->rows[create->n]));
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
        status = prepare_all(service, call, bundle, &packed, only, create);
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

/* The experiments of the files: "NAMESPACE/NAME, NAMESPACE/NAME". */
static const char *subject_of(const struct bundle *bundle, struct arena *arena)
{
    const char *all = NULL;

    for (size_t i = 0; i < bundle->n_specs; i++)
        all = arena_printf(arena, "%s%s%s/%s", all != NULL ? all : "", all != NULL ? ", " : "",
                           bundle->specs[i]->namespace, bundle->specs[i]->name);
    return all;
}

int experiment_create_call(struct service *service, struct call *call)
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
    call->subject = status == 0 ? subject_of(&bundle, call->arena) : NULL;
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
