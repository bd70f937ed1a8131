/*
 * A set of points with their resource, by a 128-bit hash of both: which have been handed out, and how often.
 */
#ifndef HONE_SUGGEST_POINT_SET_H
#define HONE_SUGGEST_POINT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct point_slot {
    uint64_t hash[2]; /* 0, 0: never used */
    uint64_t count;   /* 0: removed again */
};

/* A zeroed struct is empty and ready. */
struct point_set {
    size_t n;                /* different points in it */
    size_t n_used, capacity; /* slots used, removed ones among them; a power of two */
    struct point_slot *slots;
};

/* values (n), NAN when inactive; resource NAN: the full one. */
void point_set_add(struct point_set *set, const double *values, size_t n, double resource);
void point_set_remove(struct point_set *set, const double *values, size_t n,
                      double resource); /* one of its additions */
bool point_set_has(const struct point_set *set, const double *values, size_t n, double resource);
void point_set_release(struct point_set *set);

#endif
