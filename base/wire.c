/*
 * The envelope of requests and answers.
 */
#include "base/wire.h"

#include "base/message.h"
#include "base/status.h"

static int64_t integer_of(const struct node *map, const char *key)
{
    int64_t value = 0;

    node_to_integer(node_get(map, key), &value);
    return value;
}

static const char *text_of(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);

    return node != NULL && node->kind == NODE_TEXT ? node->text : NULL;
}

/* The body of an envelope; none is an empty one. */
static int body_of(const struct node *envelope, struct arena *arena, const struct node **body)
{
    const struct node *found = node_get(envelope, "body");

    if (found == NULL || found->kind == NODE_NULL)
        found = node_map(arena);
    if (found->kind != NODE_MAP)
        return fail(ERR_INVALID, "expected a map as body, got %s", node_kind_name(found));
    *body = found;
    return 0;
}

static int check_envelope(const struct node *envelope, int64_t *id)
{
    if (envelope->kind != NODE_MAP)
        return fail(ERR_INVALID, "expected a map {v, id, ...}, got %s", node_kind_name(envelope));
    if (!node_to_integer(node_get(envelope, "id"), id))
        return fail(ERR_INVALID, "expected an integer as id, got %s", node_kind_name(node_get(envelope, "id")));
    if (integer_of(envelope, "v") != WIRE_VERSION)
        return fail(ERR_INVALID, "expected version %d of the protocol, got %lld", WIRE_VERSION,
                    (long long)integer_of(envelope, "v"));
    return 0;
}

int wire_decode_request(const void *bytes, size_t length, struct arena *arena, struct request *request)
{
    struct node *envelope;

    *request = (struct request){ .op = "", .body = node_map(arena) };
    TRY(message_decode(bytes, length, arena, &envelope));
    TRY(check_envelope(envelope, &request->id));
    if (text_of(envelope, "op") == NULL)
        return fail(ERR_INVALID, "expected a text as op, got %s", node_kind_name(node_get(envelope, "op")));
    request->op = text_of(envelope, "op");
    return body_of(envelope, arena, &request->body);
}

static struct node *new_envelope(struct arena *arena, int64_t id)
{
    struct node *envelope = node_map(arena);

    node_set(arena, envelope, "v", node_integer(arena, WIRE_VERSION));
    node_set(arena, envelope, "id", node_integer(arena, id));
    return envelope;
}

static void finish(struct arena *arena, struct node *envelope, const struct node *body, struct text *out)
{
    struct node shared = body ? *body : *node_map(arena);

    node_set(arena, envelope, "body", &shared);
    message_encode(envelope, out);
    arena_release(arena);
}

void wire_encode_request(int64_t id, const char *op, const struct node *body, struct text *out)
{
    struct arena arena = { 0 };
    struct node *envelope = new_envelope(&arena, id);

    node_set(&arena, envelope, "op", node_text(&arena, op));
    finish(&arena, envelope, body, out);
}

void wire_encode_reply(int64_t id, const struct node *body, struct text *out)
{
    struct arena arena = { 0 };
    struct node *envelope = new_envelope(&arena, id);

    node_set(&arena, envelope, "ok", node_boolean(&arena, true));
    finish(&arena, envelope, body, out);
}

void wire_encode_error(int64_t id, int status, const char *message, const char *field, struct text *out)
{
    struct arena arena = { 0 };
    struct node *envelope = new_envelope(&arena, id), *error = node_map(&arena);

    node_set(&arena, envelope, "ok", node_boolean(&arena, false));
    node_set(&arena, error, "code", node_text(&arena, status_name(status)));
    node_set(&arena, error, "msg", node_text(&arena, message));
    if (field != NULL)
        node_set(&arena, error, "field", node_text(&arena, field));
    node_set(&arena, envelope, "err", error);
    message_encode(envelope, out);
    arena_release(&arena);
}

/* The failure that an answer reports, as ours. */
static int fail_as(const struct node *error)
{
    const char *code = text_of(error, "code"), *message = text_of(error, "msg"), *field = text_of(error, "field");
    int status = status_from_name(code);

    return fail(status < 0 ? status : ERR_INVALID, "%s%s%s", field ? field : "", field ? ": " : "",
                message ? message : "the service gave no reason");
}

int wire_decode_reply(const void *bytes, size_t length, struct arena *arena, int64_t *id, const struct node **body)
{
    struct node *envelope;
    bool is_ok;

    TRY(message_decode(bytes, length, arena, &envelope));
    TRY(check_envelope(envelope, id));
    if (!node_to_boolean(node_get(envelope, "ok"), &is_ok))
        return fail(ERR_INVALID, "expected true or false as ok, got %s", node_kind_name(node_get(envelope, "ok")));
    return is_ok ? body_of(envelope, arena, body) : fail_as(node_get(envelope, "err"));
}
