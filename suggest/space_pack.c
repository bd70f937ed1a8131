/*
 * All values of a point as one msgpack array: ints and choices as integers, doubles as floats, nil when inactive.
 */
#include <math.h>
#include <msgpack.h>

#include "base/message.h"
#include "base/status.h"
#include "suggest/space.h"

static int append(void *data, const char *bytes, size_t length)
{
    text_add_bytes(data, bytes, length);
    return 0;
}

void space_pack(const struct space *space, const double *values, struct text *out)
{
    msgpack_packer packer;

    msgpack_packer_init(&packer, out, append);
    msgpack_pack_array(&packer, space->n);
    for (size_t i = 0; i < space->n; i++) {
        if (isnan(values[i]))
            msgpack_pack_nil(&packer);
        else if (space->parameters[i].type == PARAMETER_DOUBLE)
            msgpack_pack_double(&packer, values[i]);
        else
            msgpack_pack_int64(&packer, (int64_t)values[i]);
    }
}

static bool unpack_value(const struct parameter *p, const struct node *node, double *value)
{
    switch (node->kind) {
    case NODE_NULL:
        *value = NAN;
        return true;
    case NODE_INTEGER:
        *value = (double)node->integer;
        if (p->type == PARAMETER_INT)
            return true;
        return p->type != PARAMETER_DOUBLE && node->integer >= 0 && (uint64_t)node->integer < p->n_choices;
    case NODE_REAL:
        *value = node->real;
        return p->type == PARAMETER_DOUBLE && isfinite(node->real);
    default:
        return false;
    }
}

static int unpack_values(const struct space *space, const struct node *list, double *values)
{
    if (list->kind != NODE_LIST || list->length > space->n)
        return fail(ERR_CORRUPT, "stored assignments: expected %zu values, got %s of %zu", space->n,
                    node_kind_name(list), list->length);
    for (size_t i = list->length; i < space->n; i++)
        values[i] = NAN;
    for (size_t i = 0; i < list->length; i++)
        if (!unpack_value(&space->parameters[i], list->items[i], &values[i]))
            return fail(ERR_CORRUPT, "stored assignments: the value of %s is %s", space->parameters[i].name,
                        node_kind_name(list->items[i]));
    return 0;
}

int space_unpack(const struct space *space, const void *bytes, size_t length, double *values)
{
    struct arena arena = { 0 };
    struct node *root = NULL;
    int status = message_decode(bytes, length, &arena, &root);

    if (status < 0)
        status = fail(ERR_CORRUPT, "stored assignments: %.200s", fail_message());
    else
        status = unpack_values(space, root, values);
    arena_release(&arena);
    return status;
}
