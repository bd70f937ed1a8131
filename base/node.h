/*
 * A tree of values: what a YAML file, a JSON line or a msgpack message says, before anyone believes it.
 *
 * Scalars of a YAML file are NODE_TEXT, quoted or plain, for it is our schema that decides the type, not YAML (a plain
 * `null`, `~` or nothing is NODE_NULL). msgpack and JSON bring typed scalars. node_to_* below take either.
 * Every node lives in the arena it was made in.
 */
#ifndef HONE_BASE_NODE_H
#define HONE_BASE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_INTEGER, NODE_REAL, NODE_TEXT, NODE_BYTES, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    bool quoted;           /* of NODE_TEXT: text for certain. False only for a plain scalar of a YAML file */
    unsigned line, column; /* 1-based; 0 where there is no file */
    bool boolean;
    int64_t integer;
    double real;
    const char *text; /* NODE_TEXT (NUL-ended) and NODE_BYTES */
    size_t length;    /* bytes of text; members of a list or map */
    size_t capacity;
    struct node **items; /* (length) */
    struct node **keys;  /* (length) of a map: NODE_TEXT with their own places; NULL of a list */
};

struct node *node_null(struct arena *arena);
struct node *node_boolean(struct arena *arena, bool value);
struct node *node_integer(struct arena *arena, int64_t value);
struct node *node_real(struct arena *arena, double value);
struct node *node_text(struct arena *arena, const char *text); /* copied, quoted; NULL gives NODE_NULL */
struct node *node_text_bytes(struct arena *arena, const char *text, size_t length); /* the same of a part */
struct node *node_bytes(struct arena *arena, const void *bytes, size_t length);
struct node *node_list(struct arena *arena);
struct node *node_map(struct arena *arena);

/* Append; returns item (map: value), so that trees can be built in place. A key that exists is replaced. */
struct node *node_add(struct arena *arena, struct node *list, struct node *item);
struct node *node_set(struct arena *arena, struct node *map, const char *key, struct node *value);
void node_remove(struct node *map, const char *key);

/* For readers of untrusted trees: append without looking for the key, then ask once (O(n log n)) for the first key that
   repeats an earlier one, NULL if none does; *first is that earlier one. */
void node_append(struct arena *arena, struct node *map, struct node *key, struct node *value);
const struct node *node_repeated_key(const struct node *map, const struct node **first);

/* Value of a key, NULL when absent or when node is NULL or no map. */
struct node *node_get(const struct node *node, const char *key);
/* node_get along a dotted path of keys: "metadata.name". */
struct node *node_path(const struct node *node, const char *path);

/* Text of a scalar as it was written (true, 3, 0.05 for typed ones, in the arena); NULL for null, lists, maps, NULL. */
const char *node_to_text(struct arena *arena, const struct node *node);
bool node_to_integer(const struct node *node, int64_t *value); /* 3, "3", 3.0; not "3.0" */
bool node_to_real(const struct node *node, double *value);     /* finite */
bool node_to_boolean(const struct node *node, bool *value);    /* true/false, typed or as text */

/* What the scalar is when YAML's core schema decides (for manifests that are handed on): a plain NODE_TEXT becomes null,
   boolean, integer or real, or quoted text; everything else is copied. Deep; the result lives in arena. Beyond the core
   schema a leading 0 makes an integer octal, as Kubernetes reads `defaultMode: 0644`. */
struct node *node_resolve(struct arena *arena, const struct node *node);
struct node *node_copy(struct arena *arena, const struct node *node);
/* Equal once resolved: plain 3 is the integer 3, also 3.0, but not "3". Order of keys and places do not matter; NULL is null. */
bool node_equal(const struct node *a, const struct node *b);

const char *node_kind_name(const struct node *node); /* "a number", "a list", ... for messages */

#endif
