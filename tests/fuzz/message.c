/*
 * Fuzz target: messages and envelopes of any bytes; what is decoded survives being encoded.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/message.h"
#include "base/status.h"
#include "base/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const uint8_t *data, size_t size, struct arena *arena)
{
    struct text encoded = { 0 };
    struct node *tree = NULL, *back = NULL;

    if (message_decode(data, size, arena, &tree) == 0) {
        message_encode(tree, &encoded);
        if (message_decode(encoded.data, encoded.length, arena, &back) < 0 || !node_equal(tree, back))
            abort();
    }
    text_release(&encoded);
}

static void check_request(const uint8_t *data, size_t size, struct arena *arena)
{
    struct text encoded = { 0 };
    struct request request, back;

    if (wire_decode_request(data, size, arena, &request) == 0) {
        wire_encode_request(request.id, request.op, request.body, &encoded);
        if (wire_decode_request(encoded.data, encoded.length, arena, &back) < 0 || back.id != request.id ||
            !text_equal(back.op, request.op) || !node_equal(back.body, request.body))
            abort();
    }
    text_release(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    const struct node *body = NULL;
    int64_t id;

    check_message(data, size, &arena);
    check_request(data, size, &arena);
    if (wire_decode_reply(data, size, &arena, &id, &body) == 0 && body->kind != NODE_MAP)
        abort();
    arena_release(&arena);
    return 0;
}
