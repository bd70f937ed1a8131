/*
 * A GJSON path as steps. Of gjson.c only.
 */
#ifndef HONE_EXPERIMENT_GJSON_PATH_H
#define HONE_EXPERIMENT_GJSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum { GJSON_PATH_LIMIT = 1024 }; /* bytes; bounds the recursion too */

enum step_kind { STEP_KEY, STEP_EACH, STEP_FIRST, STEP_ALL, STEP_THIS, STEP_WRAP };

struct step {
    enum step_kind kind;
    bool piped; /* joined to the one before by a bar */
    const char *key;
    const struct query *query; /* STEP_FIRST, STEP_ALL */
};

struct steps {
    size_t n;
    struct step *items;
};

/* left op right; no op: left exists. */
struct query {
    struct steps left; /* none: the member itself */
    const char *op;    /* one of operators; NULL */
    const char *right; /* without its quotes */
};

/* The steps of a path, in the arena. ERR_INVALID. */
int gjson_compile(const char *path, struct arena *arena, struct steps *steps);

#endif
