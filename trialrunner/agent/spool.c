/*
 * A ring that grows.
 */
#include "trialrunner/agent/spool.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static struct spooled *slot(const struct spool *spool, size_t i)
{
    return &spool->items[(spool->first + i) % spool->capacity];
}

static void enlarge(struct spool *spool)
{
    size_t capacity = spool->capacity > 0 ? spool->capacity * 2 : 64;
    struct spooled *items = xcalloc(capacity, sizeof *items);

    for (size_t i = 0; i < spool->n; i++)
        items[i] = *slot(spool, i);
    free(spool->items);
    spool->items = items;
    spool->first = 0;
    spool->capacity = capacity;
}

void spool_add(struct spool *spool, const struct spooled *report, const char *value, size_t length)
{
    struct spooled *added;

    if (spool->n == spool->capacity)
        enlarge(spool);
    added = slot(spool, spool->n++);
    *added = *report;
    added->value = xmalloc(length + 1);
    memcpy(added->value, value, length);
    added->value[length] = '\0';
}

const struct spooled *spool_at(const struct spool *spool, size_t i)
{
    return slot(spool, i);
}

bool spool_is_full(const struct spool *spool)
{
    return spool->n >= SPOOL_LIMIT;
}

void spool_drop(struct spool *spool, size_t n)
{
    for (; n > 0 && spool->n > 0; n--) {
        free(slot(spool, 0)->value);
        spool->first = (spool->first + 1) % spool->capacity;
        spool->n--;
    }
}

void spool_acknowledge(struct spool *spool, const int64_t *progress, size_t n_roles)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < spool->n; i++) {
        struct spooled report = *slot(spool, i);

        if ((size_t)report.role < n_roles && report.sequence <= progress[report.role])
            free(report.value);
        else
            *slot(spool, n_kept++) = report;
    }
    spool->n = n_kept;
}

void spool_release(struct spool *spool)
{
    spool_drop(spool, spool->n);
    free(spool->items);
    *spool = (struct spool){ 0 };
}
