/*
 * Labels of a trial, as its suggestion gave them, and what clients keep there.
 */
#include <stdlib.h>

#include "base/message.h"
#include "base/status.h"
#include "experiment/experiment.h"

void trial_add_label(struct trial *trial, const char *name, const char *value)
{
    trial->labels = xreallocarray(trial->labels, trial->n_labels + 1, sizeof *trial->labels);
    trial->labels[trial->n_labels++] = (struct trial_label){ xstrdup(name), xstrdup(value) };
}

void trial_set_label(struct trial *trial, const char *name, const char *value)
{
    for (size_t i = 0; i < trial->n_labels; i++) {
        if (!text_equal(trial->labels[i].name, name))
            continue;
        free(trial->labels[i].value);
        trial->labels[i].value = xstrdup(value);
        return;
    }
    trial_add_label(trial, name, value);
}

const char *trial_find_label(const struct trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->n_labels; i++)
        if (text_equal(trial->labels[i].name, name))
            return trial->labels[i].value;
    return NULL;
}

bool trial_label_is_kept(const struct trial_label *label)
{
    return text_starts_with(label->name, NOTE_PREFIX) || text_starts_with(label->name, FIXED_PREFIX) ||
           text_equal(label->name, ADDED_LABEL);
}

void trial_pack_labels(const struct trial *trial, struct text *out)
{
    struct arena arena = { 0 };
    struct node *map = node_map(&arena);

    for (size_t i = 0; i < trial->n_labels; i++)
        node_set(&arena, map, trial->labels[i].name, node_text(&arena, trial->labels[i].value));
    if (trial->n_labels > 0)
        message_encode(map, out);
    arena_release(&arena);
}

int trial_unpack_labels(struct trial *trial, const void *bytes, size_t length)
{
    struct arena arena = { 0 };
    struct node *map = NULL;
    int status = message_decode(bytes, length, &arena, &map);

    if (status < 0 || map->kind != NODE_MAP)
        status = fail(ERR_CORRUPT, "the stored labels of trial %lld cannot be read", (long long)trial->number);
    for (size_t i = 0; status == 0 && i < map->length; i++) {
        if (map->items[i]->kind == NODE_TEXT)
            trial_add_label(trial, map->keys[i]->text, map->items[i]->text);
        else
            status = fail(ERR_CORRUPT, "a stored label of trial %lld is no text", (long long)trial->number);
    }
    arena_release(&arena);
    return status;
}
