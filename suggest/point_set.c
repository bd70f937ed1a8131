/*
 * Open addressing with linear probing, at most half full.
 */
#include "suggest/point_set.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 64 };

/* The finisher of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void absorb(uint64_t hash[2], double value)
{
    uint64_t bits = UINT64_MAX; /* one for all NANs */
    double plain = value + 0.0; /* -0 is 0 */

    if (!isnan(plain))
        memcpy(&bits, &plain, sizeof bits);
    hash[0] = mix((hash[0] ^ bits) + UINT64_C(0x9e3779b97f4a7c15));
    hash[1] = mix((hash[1] + bits) ^ UINT64_C(0xd1b54a32d192ed03)) + hash[0];
}

static void hash_point(const double *values, size_t n, double resource, uint64_t hash[2])
{
    hash[0] = 1;
    hash[1] = 2;
    absorb(hash, resource);
    for (size_t i = 0; i < n; i++)
        absorb(hash, values[i]);
    hash[1] |= 1; /* not 0, 0 */
}

/* The slot of that hash, or the free one where it belongs. */
static struct point_slot *find_slot(const struct point_set *set, const uint64_t hash[2])
{
    for (size_t at = hash[0] & (set->capacity - 1);; at = (at + 1) & (set->capacity - 1)) {
        struct point_slot *slot = &set->slots[at];
        if (slot->hash[1] == 0 || (slot->hash[0] == hash[0] && slot->hash[1] == hash[1]))
            return slot;
    }
}

/* Room for one more; removed points are dropped on the way. */
static void make_room(struct point_set *set)
{
    if (2 * (set->n_used + 1) <= set->capacity)
        return;
    struct point_set wider = { .n = set->n, .n_used = set->n, .capacity = FIRST_CAPACITY };
    while (wider.capacity < 4 * (set->n + 1))
        wider.capacity *= 2;
    wider.slots = xcalloc(wider.capacity, sizeof *wider.slots);
    for (size_t at = 0; at < set->capacity; at++)
        if (set->slots[at].count > 0)
            *find_slot(&wider, set->slots[at].hash) = set->slots[at];
    free(set->slots);
    *set = wider;
}

void point_set_add(struct point_set *set, const double *values, size_t n, double resource)
{
    uint64_t hash[2];

    make_room(set);
    hash_point(values, n, resource, hash);
    struct point_slot *slot = find_slot(set, hash);
    if (slot->hash[1] == 0) {
        memcpy(slot->hash, hash, sizeof hash);
        set->n_used++;
    }
    set->n += slot->count++ == 0;
}

void point_set_remove(struct point_set *set, const double *values, size_t n, double resource)
{
    uint64_t hash[2];

    assert(set->capacity > 0);
    hash_point(values, n, resource, hash);
    struct point_slot *slot = find_slot(set, hash);
    assert(slot->count > 0);
    set->n -= --slot->count == 0;
}

bool point_set_has(const struct point_set *set, const double *values, size_t n, double resource)
{
    uint64_t hash[2];

    if (set->capacity == 0)
        return false;
    hash_point(values, n, resource, hash);
    return find_slot(set, hash)->count > 0;
}

void point_set_release(struct point_set *set)
{
    free(set->slots);
    *set = (struct point_set){ 0 };
}
