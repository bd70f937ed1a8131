/*
 * The fields of an Experiment, in words: one table behind `hone explain`, the published schema, and the reader's idea of
 * which scalars are texts.
 */
#ifndef HONE_EXPERIMENT_EXPLAIN_H
#define HONE_EXPERIMENT_EXPLAIN_H

#include <stdbool.h>

#include "base/text.h"

struct field_help {
    const char *path; /* "spec.objective.type", list members as "spec.parameters[].name" */
    const char *type; /* "string", "integer", "number", "boolean", "object", "map of strings", "manifest" (any object of
                               Kubernetes), "list of ...", "minimize | maximize" */
    const char *fallback; /* its default in words; NULL: none; "required" */
    const char *help;     /* one sentence or two */
    bool ours;            /* not of Katib */
};

/* Parents before children, ended by zeros. The image map's are under "images". */
extern const struct field_help experiment_fields[];

/* The row of a path; indexes of lists (`[3]`) and `[]` are the same, and may be left out. NULL: there is none. */
const struct field_help *explain_find(const char *path);

/* Text of a field and its children for `hone explain spec.objective` ("" or NULL: the root). [] may be left out. ERR_NOT_FOUND
   names the nearest path. */
int explain_field(const char *path, struct text *out);

#endif
