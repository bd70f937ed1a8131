/*
 * Experiments of a file come to be, or are met: one at a time.
 */
#ifndef HONE_SERVICE_CREATE_H
#define HONE_SERVICE_CREATE_H

#include "db/experiments.h"
#include "service/live.h"

struct created {
    struct live *live; /* of one that was met: another, or none, once time has passed */
    int64_t met_id;    /* 0: it is new */
    const char *outcome;
    char *warnings, *notes; /* one a line */
    struct text imports;    /* warm start, packed; empty: none */
};

/* The name exists: go on, edit the budget, or refuse. */
int create_meet(struct service *service, struct live *live, const struct bundle *bundle, const struct spec *spec,
                struct created *item);
/* It does not: in memory now, with the row that is to be inserted. */
int create_new(struct service *service, const struct text *packed, const struct spec *spec, bool claim,
               struct created *item, struct experiment_row *row);
/* Another budget, if lifecycle_check_edit lets it be. */
int create_edit(struct service *service, struct live *live, int64_t parallel, int64_t max, int64_t max_failed);

#endif
