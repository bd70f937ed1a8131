/*
 * Reports of a running attempt: on disk first, then they count, and then whoever said them is answered.
 */
#ifndef HONE_SERVICE_REPORTING_H
#define HONE_SERVICE_REPORTING_H

#include "db/observations.h"
#include "db/writer.h"
#include "service/call.h"
#include "service/pursuit.h"

struct reports {
    struct write write;
    struct arena arena;
    struct service *service;
    struct caller caller;
    int64_t experiment_id, trial, attempt;
    void (*counted)(struct reports *reports);
    size_t n;
    struct observation_row *rows;
};

/* With room for n rows, whose texts belong into its arena. */
struct reports *reports_create(struct service *service, const struct call *call, const struct live *live,
                               const struct pursuit *pursuit, size_t n);
void reports_destroy(struct reports *reports);
/* Takes reports. counted(reports) is called on the loop's thread when they count, or never: the caller has had an error. */
void reports_queue(struct reports *reports, void (*counted)(struct reports *reports));

#endif
