/*
 * JSON text to and from trees, by jansson.
 */
#ifndef HONE_BASE_JSON_H
#define HONE_BASE_JSON_H

#include "base/node.h"
#include "base/text.h"

enum { JSON_DEPTH_LIMIT = 64 };

/* One JSON value; ERR_INVALID with line and column in the message. Big integers become NODE_REAL. */
int json_read(const char *text, size_t length, struct arena *arena, struct node **root);

/* jansson.h defines a macro JSON_COMPACT of another value: include it in no file that writes JSON. */
enum json_style { JSON_COMPACT, JSON_INDENTED };
/* Plain YAML scalars are resolved first (node_resolve); nan and inf become null; bytes become base64. No newline at the end. */
void json_write(const struct node *node, enum json_style style, struct text *out);

#endif
