/*
 * YAML files as trees, within limits: libyaml's event interface and a bounded tree builder.
 *
 * Refused, each with its place: more than YAML_SIZE_LIMIT bytes, depth over YAML_DEPTH_LIMIT, more than YAML_NODE_LIMIT
 * nodes, anchors and aliases, tags, duplicate keys (naming both lines), keys that are no scalars, bytes that are not
 * UTF-8, NUL. `<<` is a plain key.
 */
#ifndef HONE_BASE_YAML_H
#define HONE_BASE_YAML_H

#include "base/faults.h"
#include "base/node.h"
#include "base/text.h"

enum { YAML_SIZE_LIMIT = 1 << 20, YAML_DEPTH_LIMIT = 64, YAML_NODE_LIMIT = 100000, YAML_DOCUMENT_LIMIT = 1000 };

/* All documents of the text: a NODE_LIST of roots in arena; empty documents are left out. On a fault: ERR_INVALID, the
   fault added to faults with its file, line and column. file is only named in faults. */
int yaml_read(const char *text, size_t length, const char *file, struct arena *arena, struct faults *faults,
              struct node **documents);

/* Block-style YAML of a tree, with a newline at the end. Texts that would read back as another type are quoted. */
void yaml_write(const struct node *node, struct text *out);

#endif
