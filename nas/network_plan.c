/*
 * Memory of a network. Values live from the forward pass through the backward one, so each tensor has its own; a gradient lives
 * from its tensor's last reader back to its first writer, so gradients share memory: each is put into the lowest gap between
 * those that live at the same time. O(tensors^2).
 */
#include "nas/network.h"

#include <stdlib.h>

#include "base/memory.h"

static void note_reader(struct network *network, const struct view *view, unsigned stage)
{
    network->tensors[view->tensor].last_reader = stage;
}

static void note_writer(struct network *network, const struct view *view, unsigned stage, bool *is_written)
{
    struct tensor *tensor = &network->tensors[view->tensor];

    if (!is_written[view->tensor])
        tensor->first_writer = stage;
    is_written[view->tensor] = true;
    tensor->last_writer = stage;
    tensor->last_reader = stage; /* unless a later stage reads it */
}

/* Stages that read a window of a tensor, and terms, are its readers. */
static void find_mixed_once(struct network *network)
{
    unsigned *n_terms = xcalloc(network->n_tensors, sizeof *n_terms),
             *n_windows = xcalloc(network->n_tensors, sizeof *n_windows);

    for (size_t i = 0; i < network->n_terms; i++)
        n_terms[network->terms[i].in.tensor]++;
    for (size_t i = 0; i < network->n_stages; i++)
        if (network->stages[i].kind != STAGE_MIX)
            n_windows[network->stages[i].in.tensor]++;
    for (size_t i = 0; i < network->n_tensors; i++)
        network->tensors[i].is_mixed_once = network->tensors[i].is_normal && n_terms[i] == 1 && n_windows[i] == 0;
    free(n_windows);
    free(n_terms);
}

static void find_lives(struct network *network)
{
    bool *is_written = xcalloc(network->n_tensors, sizeof *is_written);

    for (unsigned i = 0; i < network->n_stages; i++) {
        const struct stage *stage = &network->stages[i];

        for (size_t k = 0; k < stage->n_terms; k++)
            note_reader(network, &network->terms[stage->first_term + k].in, i);
        if (stage->kind != STAGE_MIX)
            note_reader(network, &stage->in, i);
        if (stage->kind != STAGE_HEAD)
            note_writer(network, &stage->out, i, is_written);
    }
    free(is_written);
}

static size_t tensor_size(const struct tensor *tensor)
{
    return (size_t)tensor->height * tensor->width * tensor->channels;
}

static bool live_together(const struct tensor *a, const struct tensor *b)
{
    return a->first_writer <= b->last_reader && b->first_writer <= a->last_reader;
}

static int compare_places(const void *a, const void *b)
{
    const struct tensor *const *left = a, *const *right = b;

    return ((*left)->gradients > (*right)->gradients) - ((*left)->gradients < (*right)->gradients);
}

/* The lowest gap that holds size between placed tensors; neighbours: room for them all. */
static size_t find_gap(struct tensor **placed, size_t n, const struct tensor *tensor, struct tensor **neighbours)
{
    size_t n_neighbours = 0, place = 0;

    for (size_t i = 0; i < n; i++)
        if (live_together(placed[i], tensor))
            neighbours[n_neighbours++] = placed[i];
    qsort(neighbours, n_neighbours, sizeof *neighbours, compare_places);
    for (size_t i = 0; i < n_neighbours && neighbours[i]->gradients < place + tensor_size(tensor); i++) {
        size_t end = neighbours[i]->gradients + tensor_size(neighbours[i]);

        if (end > place)
            place = end;
    }
    return place;
}

void network_plan(struct network *network)
{
    struct tensor **placed = xcalloc(network->n_tensors, sizeof(struct tensor *));
    struct tensor **neighbours = xcalloc(network->n_tensors, sizeof(struct tensor *));
    size_t n_placed = 0;

    find_lives(network);
    find_mixed_once(network);
    for (size_t i = 0; i < network->n_tensors; i++) {
        struct tensor *tensor = &network->tensors[i];

        tensor->values = network->n_values;
        network->n_values += tensor_size(tensor);
    }
    for (size_t i = network->n_tensors; i-- > 1;) { /* the images need no gradient */
        struct tensor *tensor = &network->tensors[i];

        tensor->gradients = find_gap(placed, n_placed, tensor, neighbours);
        placed[n_placed++] = tensor;
        if (tensor->gradients + tensor_size(tensor) > network->n_gradients)
            network->n_gradients = tensor->gradients + tensor_size(tensor);
    }
    free(neighbours);
    free(placed);
}
