/*
 * Notes: a trial keeps them among its labels, an experiment as annotations of its document.
 */
#include "service/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "service/core.h"
#include "service/growing.h"
#include "service/store.h"

enum { NAME_LIMIT = 256, VALUE_LIMIT = 1 << 16, NOTES_LIMIT = 1000 };

static const char annotation_prefix[] = "hone.note/";

/* The value as JSON, in the arena. */
static int read_note(const struct node *notes, size_t i, struct arena *arena, const char **json)
{
    struct text text = { 0 };

    if (strlen(notes->keys[i]->text) > NAME_LIMIT) {
        fail(ERR_INVALID, "notes: expected names of at most %d bytes", NAME_LIMIT);
        return ERR_INVALID;
    }
    json_write(notes->items[i], JSON_COMPACT, &text);
    *json = arena_strdup(arena, text_string(&text));
    text_release(&text);
    if (strlen(*json) > VALUE_LIMIT) {
        fail(ERR_INVALID, "notes.%s: expected at most %d bytes", notes->keys[i]->text, VALUE_LIMIT);
        return ERR_INVALID;
    }
    return 0;
}

static int check_notes(const struct node *notes)
{
    if (notes->kind != NODE_MAP || notes->length > NOTES_LIMIT)
        return fail(ERR_INVALID, "notes: expected a map of at most %d names, got %s", NOTES_LIMIT,
                    node_kind_name(notes));
    return 0;
}

int notes_read(const struct node *notes, struct arena *arena, struct trial *trial)
{
    if (notes == NULL)
        return 0;
    TRY(check_notes(notes));
    for (size_t i = 0; i < notes->length; i++) {
        const char *json;

        TRY(read_note(notes, i, arena, &json));
        if (trial->n_labels >= NOTES_LIMIT)
            return fail(ERR_LIMIT, "notes: a trial holds at most %d", NOTES_LIMIT);
        trial_set_label(trial, arena_printf(arena, NOTE_PREFIX "%s", notes->keys[i]->text), json);
    }
    return 0;
}

static int annotate(struct service *service, struct live *live, const struct node *notes, struct arena *arena)
{
    struct node *annotations = node_map(arena);

    TRY(check_notes(notes));
    for (size_t i = 0; i < notes->length; i++) {
        const char *json;

        TRY(read_note(notes, i, arena, &json));
        node_set(arena, annotations, arena_printf(arena, "%s%s", annotation_prefix, notes->keys[i]->text),
                 node_text(arena, json));
    }
    growing_annotate(live, annotations);
    store_experiment(service, live);
    return 0;
}

struct node *notes_of(const struct live *live, struct arena *arena)
{
    const struct node *annotations = node_path(live->spec->node, "metadata.annotations");
    struct node *notes = node_map(arena), *value;

    for (size_t i = 0; annotations != NULL && annotations->kind == NODE_MAP && i < annotations->length; i++) {
        const char *name = annotations->keys[i]->text;
        const struct node *json = annotations->items[i];

        if (text_starts_with(name, annotation_prefix) && json->kind == NODE_TEXT &&
            json_read(json->text, strlen(json->text), arena, &value) == 0)
            node_set(arena, notes, name + strlen(annotation_prefix), value);
    }
    return notes;
}

static void stored(struct service *service, void *owner, int status, const char *message)
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

int notes_call(struct service *service, struct call *call)
{
    const struct node *notes = node_get(call->body, "notes");
    struct caller *caller;
    struct live *live;
    struct trial *trial;

    if (notes == NULL)
        return fail(ERR_INVALID, "notes: expected a map of names and values, got none");
    if (node_get(call->body, "trial") != NULL) {
        TRY(call_trial(service, call, &live, &trial));
        TRY(notes_read(notes, call->arena, trial));
        store_trial(service, live, trial);
    } else {
        TRY(call_experiment(service, call, &live));
        TRY(annotate(service, live, notes, call->arena));
    }
    caller = xmalloc(sizeof *caller);
    *caller = call->caller;
    store_barrier(service, live, stored, caller);
    return 0;
}
