/*
 * The part of GJSON that success and failure conditions use: a.b paths with \-escapes, array indexes, `#` (length, or each
 * with a path behind it), `#(key=="v")` first match and `#(...)#` all matches with == != < <= > >= % !%, `|`, `@this`, `[@this]`.
 */
#ifndef HONE_EXPERIMENT_GJSON_H
#define HONE_EXPERIMENT_GJSON_H

#include "base/node.h"

/* The result in *result, NULL when nothing is there. ERR_INVALID when the path cannot be read. */
int gjson_get(const struct node *root, const char *path, struct arena *arena, const struct node **result);
/* Does a condition hold, by Katib's rule: the result is an object or a non-empty array? *match (may be NULL) is the object
   whose `reason` and `message` tell why. */
int gjson_condition(const struct node *root, const char *path, struct arena *arena, bool *holds,
                    const struct node **match);

#endif
