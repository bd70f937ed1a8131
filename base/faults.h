/*
 * All that is wrong with an input, found in one pass, each fault with its place.
 *
 * Printed as `file:line:column: path: message`; parts that are unknown are left out.
 */
#ifndef HONE_BASE_FAULTS_H
#define HONE_BASE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/node.h"
#include "base/text.h"

enum { FAULTS_LIMIT = 200 }; /* kept; the rest is only counted */

struct fault {
    bool warning;
    const char *file;      /* NULL: no file */
    unsigned line, column; /* 0: unknown */
    const char *path;      /* "spec.parameters[0].name"; NULL: the whole */
    const char *message;   /* "expected ..., got ..." */
};

/* A zeroed struct is empty and ready. */
struct faults {
    struct arena arena;
    size_t n, capacity;          /* kept */
    size_t n_errors, n_warnings; /* found */
    struct fault *items;         /* (n), in order of finding */
};

/* at may be NULL. Everything is copied. */
void faults_error(struct faults *faults, const char *file, const struct node *at, const char *path, const char *format,
                  ...) __attribute__((format(printf, 5, 6)));
void faults_warning(struct faults *faults, const char *file, const struct node *at, const char *path,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Turn every warning into an error (`--strict`). */
void faults_make_strict(struct faults *faults);
/* One line a fault, sorted by file, line and column. */
void faults_print(const struct faults *faults, struct text *out);
void faults_release(struct faults *faults);

#endif
