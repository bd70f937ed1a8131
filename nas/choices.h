/*
 * What a layer may be: every operation of a nasConfig with every combination of its parameters' values.
 */
#ifndef HONE_NAS_CHOICES_H
#define HONE_NAS_CHOICES_H

#include "base/node.h"

enum { NAS_CHOICES_LIMIT = 4096 };

struct nas_choice {
    const char *type; /* operationType */
    size_t n_parameters;
    const char *const *names;   /* (n_parameters) */
    struct node *const *values; /* (n_parameters) texts of lists, as written; integers and reals of ranges */
};

struct nas_choices {
    size_t n;
    const struct nas_choice *items; /* the index is Katib's id */
};

/* Of a nasConfig without faults; operations in the order of the file, the values of the last parameter changing fastest. In
   the arena. ERR_LIMIT: there are more than NAS_CHOICES_LIMIT. */
int nas_expand(const struct node *nas_config, struct arena *arena, struct nas_choices *choices);

#endif
