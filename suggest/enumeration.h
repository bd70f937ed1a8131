/*
 * The points of a finite space, numbered from 0: every active combination once.
 *
 * A conditional parameter hangs below the one that switches it, so a space is a forest; the points below a value are the
 * product over the parameters it switches on, and a parameter's points are the sum over its values.
 */
#ifndef HONE_SUGGEST_ENUMERATION_H
#define HONE_SUGGEST_ENUMERATION_H

#include "suggest/space.h"

struct enumeration;

/* space must outlive it. O(n + conditions), whatever the number of values. */
struct enumeration *enumeration_create(const struct space *space);
void enumeration_destroy(struct enumeration *enumeration);

/* Number of points: INFINITY if any parameter is continuous; exact up to 2^53. */
double enumeration_size(const struct enumeration *enumeration);
/* Can points be asked for by number? */
bool enumeration_is_countable(const struct enumeration *enumeration);
/* Values (n) of the k-th point, 0 <= k < size, of a countable one. Different k, different points. Not thread-safe. */
void enumeration_point(struct enumeration *enumeration, uint64_t k, double *values);

#endif
