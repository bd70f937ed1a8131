/*
 * Read a map field by field: every wrong field becomes a fault, every key that nobody asked for a warning with the
 * nearest name that was asked for.
 *
 * Getters return the fallback after noting a fault, so a reader is a straight line of them and the faults are looked at
 * once, at the end. Texts live in faults-independent storage: the arena given at opening.
 */
#ifndef HONE_BASE_FIELDS_H
#define HONE_BASE_FIELDS_H

#include "base/faults.h"
#include "base/node.h"

enum { FIELDS_LIMIT = 64 };

struct fields {
    const struct node *map; /* NULL: absent or no map; every getter then gives its fallback */
    const char *file;
    const char *path; /* "" at the root */
    struct arena *arena;
    struct faults *faults;
    const char *asked[FIELDS_LIMIT + 1]; /* names asked for so far, ended by NULL */
    size_t n_asked;
};

/* node: NULL and null read as an empty map; anything that is no map is a fault. path "" for the root. */
void fields_open(struct fields *fields, const struct node *node, const char *file, const char *path,
                 struct arena *arena, struct faults *faults);
/* The map under name, opened in child; a missing one is empty. Returns whether it was there. */
bool fields_child(struct fields *fields, const char *name, struct fields *child);
/* Path of a field, in the arena: "spec.objective.type". */
const char *fields_path(const struct fields *fields, const char *name);

const struct node *fields_node(struct fields *fields, const char *name);                /* NULL when absent or null */
const struct node *fields_list(struct fields *fields, const char *name);                /* NULL unless it is a list */
const char *fields_text(struct fields *fields, const char *name, const char *fallback); /* any scalar, as written */
bool fields_boolean(struct fields *fields, const char *name, bool fallback);
int64_t fields_integer(struct fields *fields, const char *name, int64_t fallback, int64_t min, int64_t max);
double fields_real(struct fields *fields, const char *name, double fallback, double min, double max);
double fields_quantity(struct fields *fields, const char *name, double fallback);
/* Index in choices (ended by NULL); the fault names all of them and the nearest. */
int fields_choice(struct fields *fields, const char *name, int fallback, const char *const *choices);
/* A list of scalars as texts; *n of them, in the arena. */
const char *const *fields_texts(struct fields *fields, const char *name, size_t *n);
/* As fields_text, and a fault when it is absent or empty: "expected <what>, got nothing". */
const char *fields_required(struct fields *fields, const char *name, const char *what);

void fields_error(struct fields *fields, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fields_warning(struct fields *fields, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Note the keys that were not asked for: warnings, or errors when strict. */
void fields_close(struct fields *fields, bool strict);

#endif
