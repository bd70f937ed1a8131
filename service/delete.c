/*
 * experiment.delete: its trials end at once, then its rows and files go.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/events.h"
#include "db/experiments.h"
#include "service/call.h"
#include "service/core.h"
#include "service/metrics.h"
#include "service/pursuit.h"
#include "service/workers.h"

struct delete_write {
    struct write write;
    struct service *service;
    struct caller caller;
    int64_t id, now_us;
    bool purge;
};

static int run_delete(struct db *db, struct write *write)
{
    struct delete_write *deletion = (struct delete_write *)write;
    struct event_row event = {
        .time_us = deletion->now_us,
        .experiment_id = deletion->id,
        .kind = EVENT_EXPERIMENT_DELETED,
    };

    TRY(experiments_delete(db, deletion->id, deletion->purge));
    return deletion->purge ? 0 : events_append(db, &event); /* a purged one leaves nothing that an event could be of */
}

static void delete_done(struct write *write)
{
    struct delete_write *deletion = (struct delete_write *)write;
    struct live *live = live_by_id(deletion->service, deletion->id);
    struct arena arena = { 0 };

    if (write->status < 0) {
        if (live != NULL)
            live->is_deleted = false;
        reply_error(deletion->service, &deletion->caller, write->status, write->message);
    } else {
        if (live != NULL) {
            char *path = xasprintf("%s/%s", deletion->service->directory, live->uid_text);

            metrics_deleted(deletion->service->metrics, live);
            deletion->service->has_new_events = true;
            engine_thread_remove(deletion->service->engine, path);
            free(path);
            live_forget(deletion->service, live);
        }
        reply(deletion->service, &deletion->caller, node_map(&arena));
    }
    arena_release(&arena);
    free(deletion);
}

int experiment_delete_call(struct service *service, struct call *call)
{
    struct delete_write *deletion;
    struct live *live;
    bool purge = false;

    TRY(call_experiment(service, call, &live));
    node_to_boolean(node_get(call->body, "purge"), &purge);
    for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next) {
        struct attempt_tag tag = { live->id, pursuit->number, pursuit->attempt };

        if (!live->spec->by_clients)
            engine_thread_stop(service->engine, &tag, true);
        if (pursuit->has_resources)
            capacity_give(&service->capacity, &pursuit->resources, pursuit->gpus);
        pursuit->has_resources = false;
        pursuit_give_ports(service, pursuit);
    }
    workers_dismiss(service, live, "experiment was deleted");
    live->is_deleted = true;
    deletion = xcalloc(1, sizeof *deletion);
    deletion->write.run = run_delete;
    deletion->write.done = delete_done;
    deletion->service = service;
    deletion->caller = call->caller;
    deletion->id = live->id;
    deletion->purge = purge;
    deletion->now_us = clock_wall_us();
    writer_queue(service->writer, &deletion->write);
    return 0;
}
