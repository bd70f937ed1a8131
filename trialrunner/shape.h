/*
 * Shapes of manifests: which keys a map may have, of which type, and what each means when no Kubernetes reads it.
 *
 * A shape is a const table of rows ended by zeros. One walk over it finds typos and wrong types, another says what of a
 * manifest has another meaning here.
 */
#ifndef HONE_TRIALRUNNER_SHAPE_H
#define HONE_TRIALRUNNER_SHAPE_H

#include "base/faults.h"
#include "base/node.h"

enum shape_type {
    SHAPE_ANY,
    SHAPE_TEXT,    /* any scalar */
    SHAPE_INTEGER, /* of 0 or more */
    SHAPE_COUNT,   /* an integer of 1 or more */
    SHAPE_BOOLEAN,
    SHAPE_TEXTS,      /* a list of scalars */
    SHAPE_TEXT_MAP,   /* a map of scalars */
    SHAPE_QUANTITIES, /* a map of quantities: 500m, 2, 4Gi */
    SHAPE_MAP,        /* a map of shape */
    SHAPE_MAPS,       /* a list of maps of shape */
};

struct shape {
    const char *name; /* NULL ends the rows */
    enum shape_type type;
    const struct shape *shape; /* of SHAPE_MAP and SHAPE_MAPS */
    bool required;
    const char *note; /* what it means here; NULL: what it means in Kubernetes */
};

/* Where a walk is, and where it writes. */
struct shape_walk {
    const char *file;
    bool strict; /* unknown keys are errors */
    struct arena *arena;
    struct faults *faults;
};

/* Note what is wrong with node. Placeholders ${...} may stand for any scalar. */
void shape_check(const struct shape_walk *walk, const struct shape *shape, const struct node *node, const char *path);
/* Warn, once each in these faults, of the noted fields that are there; false, empty and null ones are as good as absent. */
void shape_notes(const struct shape_walk *walk, const struct shape *shape, const struct node *node, const char *path);

/* Warn unless these faults hold the same words already. */
void warn_once(struct faults *faults, const struct node *at, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Fails with the first error of the faults, its path before it; 0 when there is none. */
int first_error(const struct faults *faults);
/* Does a scalar hold a placeholder that is yet to be replaced? */
bool is_placeholder(const struct node *node);

#endif
