/*
 * The body of agent.end, made and read back.
 */
#include "trialrunner/agent/end.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/message.h"
#include "trialrunner/agent/uplink.h"
#include "trialrunner/agent/utf8.h"

const struct node *end_body(const struct ending *ending, const struct order *order, struct arena *arena)
{
    struct node *body = uplink_body(order, arena);
    struct text message = { 0 };

    if (ending->message != NULL)
        utf8_add(&message, ending->message, strlen(ending->message));
    node_set(arena, body, "end", node_text(arena, ending->end));
    node_set(arena, body, "message", node_text(arena, ending->message != NULL ? text_string(&message) : NULL));
    node_set(arena, body, "tail", node_text(arena, ending->tail.length > 0 ? ending->tail.data : NULL));
    node_set(arena, body, "job_reason", node_text(arena, ending->job_reason));
    node_set(arena, body, "wall_s", node_real(arena, ending->wall_s));
    node_set(arena, body, "cpu_s", node_real(arena, ending->cpu_s));
    node_set(arena, body, "peak_memory", node_integer(arena, (int64_t)ending->peak_memory));
    text_release(&message);
    return body;
}

const struct node *end_read(const char *directory, const struct order *order, struct arena *arena)
{
    char *path = file_join(directory, "end");
    struct text bytes = { 0 };
    struct node *body = NULL;

    if (file_read(path, MESSAGE_SIZE_LIMIT, &bytes) < 0 || message_decode(bytes.data, bytes.length, arena, &body) < 0 ||
        body->kind != NODE_MAP)
        body = NULL;
    else /* the key may be a newer one */
        node_set(arena, body, "key", node_text(arena, order->key));
    text_release(&bytes);
    free(path);
    return body;
}
