/*
 * msgpack messages to and from trees, by msgpack-c, checked before they are unpacked.
 *
 * A 6-byte message can make the library ask for gigabytes, so the bytes are walked first: one object, depth, counts and
 * lengths within what the message itself can hold, texts UTF-8 without NUL, no extension types.
 */
#ifndef HONE_BASE_MESSAGE_H
#define HONE_BASE_MESSAGE_H

#include "base/node.h"
#include "base/text.h"

enum { MESSAGE_SIZE_LIMIT = 16 << 20, MESSAGE_DEPTH_LIMIT = 24, MESSAGE_NODE_LIMIT = 2000000 };

int message_decode(const void *bytes, size_t length, struct arena *arena, struct node **root);
/* Texts that are no UTF-8 are repaired (text_add_utf8). */
void message_encode(const struct node *node, struct text *out);

#endif
