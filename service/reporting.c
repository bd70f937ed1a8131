/*
 * Reports of a running attempt: on disk first, then they count, and then whoever said them is answered.
 */
#include "service/reporting.h"

#include <stdlib.h>

#include "service/core.h"
#include "service/publisher.h"
#include "service/stopping.h"

struct reports *reports_create(struct service *service, const struct call *call, const struct live *live,
                               const struct pursuit *pursuit, size_t n)
{
    struct reports *reports = xcalloc(1, sizeof *reports);

    reports->service = service;
    reports->caller = call->caller;
    reports->experiment_id = live->id;
    reports->trial = pursuit->number;
    reports->attempt = pursuit->attempt;
    reports->rows = arena_array(&reports->arena, n + 1, sizeof *reports->rows);
    return reports;
}

void reports_destroy(struct reports *reports)
{
    arena_release(&reports->arena);
    free(reports);
}

static int run(struct db *db, struct write *write)
{
    struct reports *reports = (struct reports *)write;

    return observations_append(db, reports->experiment_id, reports->trial, reports->attempt, reports->rows, reports->n);
}

static void count(struct reports *reports)
{
    struct live *live = live_by_id(reports->service, reports->experiment_id);
    struct pursuit *pursuit = live != NULL ? pursuit_find(live, reports->trial) : NULL;
    struct trial *trial;
    size_t n_new = 0;

    if (pursuit == NULL || pursuit->attempt != reports->attempt)
        return;
    trial = experiment_trial(live->experiment, reports->trial);
    for (size_t i = 0; i < reports->n; i++) {
        const struct observation_row *row = &reports->rows[i];

        if (row->sequence <= pursuit->progress[row->role])
            continue; /* said before */
        pursuit->progress[row->role] = row->sequence;
        observation_add(&trial->observation, row->metric, row->time_us, row->value);
        reports->rows[n_new++] = *row;
    }
    publisher_send_reports(reports->service, live, trial->number, reports->rows, n_new);
    stopping_reported(live, trial, reports->rows, n_new);
}

static void done(struct write *write)
{
    struct reports *reports = (struct reports *)write;

    if (write->status < 0) {
        reply_error(reports->service, &reports->caller, write->status, write->message);
    } else {
        count(reports);
        reports->counted(reports);
    }
    reports_destroy(reports);
}

void reports_queue(struct reports *reports, void (*counted)(struct reports *reports))
{
    reports->write.run = run;
    reports->write.done = done;
    reports->counted = counted;
    writer_queue(reports->service->writer, &reports->write);
}
