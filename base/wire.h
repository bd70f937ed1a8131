/*
 * The envelope: msgpack maps {v, id, op, body} -> {v, id, ok: true, body} or {v, id, ok: false, err: {code, msg, field?}}.
 *
 * ROUTER here, DEALER there. id is the client's; an answer carries the id of its question. Unknown keys are passed over.
 */
#ifndef HONE_BASE_WIRE_H
#define HONE_BASE_WIRE_H

#include "base/node.h"
#include "base/text.h"

enum { WIRE_VERSION = 1 };

struct request {
    int64_t id;
    const char *op;
    const struct node *body; /* a map; never NULL */
};

/* ERR_INVALID: no envelope of ours (id is filled if it could be read, so that it can be answered). */
int wire_decode_request(const void *bytes, size_t length, struct arena *arena, struct request *request);
void wire_encode_request(int64_t id, const char *op, const struct node *body, struct text *out);
void wire_encode_reply(int64_t id, const struct node *body, struct text *out);
/* status < 0 with its message; field may be NULL. */
void wire_encode_error(int64_t id, int status, const char *message, const char *field, struct text *out);

/* Client side: body of an answer, or the error it carries through fail(). */
int wire_decode_reply(const void *bytes, size_t length, struct arena *arena, int64_t *id, const struct node **body);

#endif
