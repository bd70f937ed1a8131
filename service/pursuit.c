/*
 * Attempts on their way: waiting for room, being stored, handed to the engine, stopped.
 */
#include "service/pursuit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/status.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/store.h"
#include "service/workers.h"

struct pursuit *pursuit_find(const struct live *live, int64_t number)
{
    for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next)
        if (pursuit->number == number)
            return pursuit;
    return NULL;
}

void pursuit_destroy(struct pursuit *pursuit)
{
    arena_release(&pursuit->arena);
    free(pursuit->progress);
    free(pursuit->asker);
    free(pursuit);
}

void pursuit_drop(struct live *live, int64_t number)
{
    for (struct pursuit **at = &live->pursuits; *at != NULL; at = &(*at)->next) {
        struct pursuit *pursuit = *at;

        if (pursuit->number != number)
            continue;
        *at = pursuit->next;
        pursuit_destroy(pursuit);
        return;
    }
}

void pursuit_give_back(struct service *service, struct pursuit *pursuit)
{
    if (pursuit->has_resources)
        capacity_give(&service->capacity, &pursuit->resources, pursuit->gpus);
    pursuit->has_resources = false;
}

void pursuit_give_ports(struct service *service, struct pursuit *pursuit)
{
    ports_give(&service->ports, pursuit->first_port, (size_t)pursuit->n_ports);
    pursuit->n_ports = 0;
}

void pursuit_end(struct service *service, struct live *live, int64_t number)
{
    struct pursuit *pursuit = pursuit_find(live, number);

    if (pursuit == NULL)
        return;
    pursuit_give_back(service, pursuit);
    pursuit_give_ports(service, pursuit);
    pursuit_drop(live, number);
    pursuit_start_waiting(service);
}

void pursuit_make_key(char key[KEY_SIZE])
{
    uint8_t bytes[(KEY_SIZE - 1) / 2];

    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        sprintf(key + 2 * i, "%02x", bytes[i]);
}

struct stored_start {
    int64_t id, number, attempt;
};

/* The attempt is on disk: now its agent may begin. */
static void start_stored(struct service *service, void *owner, int status, const char *message)
{
    struct stored_start start = *(struct stored_start *)owner;
    struct live *live = service != NULL ? live_by_id(service, start.id) : NULL;
    struct pursuit *pursuit = live != NULL ? pursuit_find(live, start.number) : NULL;

    free(owner);
    if (pursuit == NULL || pursuit->attempt != start.attempt || pursuit->phase != PURSUIT_STORING)
        return;
    if (pursuit->stop_wanted) {
        pursuit_tell_ended(service, live, start.number, start.attempt, ATTEMPT_STOPPED, "stopped before it began");
        return;
    }
    if (status < 0) { /* nothing has begun: wait until the disk takes it */
        log_warning("trial.start", "trial=%lld waits: %s", (long long)start.number, message);
        pursuit->phase = PURSUIT_WAITING;
        pursuit_give_back(service, pursuit);
        return;
    }
    pursuit->phase = PURSUIT_HANDED;
    if (live->spec->by_clients)
        workers_hand(service, live, pursuit);
    else
        pursuit_hand_over(service, live, pursuit, false);
}

/* Take what it asks for, if that is free, and put it on its way. */
static void try_start(struct service *service, struct live *live, struct pursuit *pursuit)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);
    struct attempt *attempt = trial_attempt(trial);
    struct stored_start *start;

    if (service->retry_ms != 0 || !capacity_take(&service->capacity, &pursuit->resources, pursuit->gpus))
        return;
    pursuit->has_resources = true;
    pursuit->phase = PURSUIT_STORING;
    free(attempt->gpus);
    attempt->gpus = pursuit->resources.gpus > 0 ? xstrdup(pursuit->gpus) : NULL;
    store_attempt(service, live, trial, pursuit);
    start = xcalloc(1, sizeof *start);
    *start = (struct stored_start){ live->id, pursuit->number, pursuit->attempt };
    store_barrier(service, live, start_stored, start);
}

void pursuit_start_waiting(struct service *service)
{
    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];

        for (struct pursuit *pursuit = live->pursuits; pursuit != NULL; pursuit = pursuit->next) {
            if (pursuit->phase != PURSUIT_WAITING)
                continue;
            try_start(service, live, pursuit);
            if (pursuit->phase == PURSUIT_WAITING)
                break;
        }
    }
}

void pursuit_start(struct service *service, struct live *live, const struct trial *trial)
{
    const struct attempt *attempt = trial_attempt(trial);
    struct pursuit *pursuit = pursuit_find(live, trial->number), **last = &live->pursuits;

    if (pursuit != NULL && pursuit->attempt == attempt->number)
        return; /* it was found running */
    pursuit_end(service, live, trial->number);
    pursuit = xcalloc(1, sizeof *pursuit);
    pursuit->number = trial->number;
    pursuit->attempt = attempt->number;
    pursuit_make_key(pursuit->key);
    while (*last != NULL)
        last = &(*last)->next;
    *last = pursuit;
    if (live->spec->by_clients) {
        workers_take(live, pursuit);
    } else if (pursuit_prepare(service, live, trial, pursuit) < 0) {
        char *message = xstrdup(fail_message());

        pursuit_tell_ended(service, live, trial->number, attempt->number, ATTEMPT_FAILED, message);
        free(message);
        return;
    }
    try_start(service, live, pursuit);
}

void pursuit_stop(struct service *service, struct live *live, const struct trial *trial)
{
    struct pursuit *pursuit = pursuit_find(live, trial->number);
    const struct attempt *attempt = trial_attempt(trial);
    struct attempt_tag tag;

    if (pursuit == NULL || pursuit->phase == PURSUIT_WAITING) {
        pursuit_tell_ended(service, live, trial->number, attempt != NULL ? attempt->number : 0, ATTEMPT_STOPPED,
                           "stopped before it began");
        return;
    }
    pursuit->stop_wanted = true;
    tag = pursuit_tag(live, pursuit);
    if (pursuit->phase == PURSUIT_HANDED && !live->spec->by_clients)
        engine_thread_stop(service->engine, &tag, false);
}
