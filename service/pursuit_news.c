/*
 * What becomes of attempts: the engine and their agents say that they began, vanished, or ended; after a restart they are found again.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "db/observations.h"
#include "experiment/gjson.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/pursuit.h"
#include "service/store.h"
#include "service/workers.h"
#include "trialrunner/jobs/job_kind.h"

enum { RESTART_LIMIT = 5 }; /* agents of one attempt that may vanish before we give it up */

/* Which of the template's conditions hold for a job that ended so? */
static void judge_end(const struct live *live, struct fact *ended)
{
    const struct trial_template *template = &live->spec->template;
    struct arena arena = { 0 };
    const struct node *match;
    struct node *status;

    if (live->spec->by_clients) {
        ended->success = ended->end == ATTEMPT_SUCCEEDED;
        return;
    }
    if (ended->end != ATTEMPT_SUCCEEDED && ended->end != ATTEMPT_FAILED && ended->end != ATTEMPT_DEADLINE)
        return;
    if (template->kind->status == NULL) {
        ended->success = ended->end == ATTEMPT_SUCCEEDED;
        ended->failure = !ended->success;
        return;
    }
    status = template->kind->status(ended->end == ATTEMPT_SUCCEEDED, ended->job_reason, ended->message, &arena);
    if (gjson_condition(status, template->failure_condition, &arena, &ended->failure, &match) < 0)
        ended->failure = true;
    if (!ended->failure && gjson_condition(status, template->success_condition, &arena, &ended->success, &match) < 0)
        ended->failure = true;
    arena_release(&arena);
}

void pursuit_ended(struct service *service, struct live *live, const struct fact *fact)
{
    struct fact ended = *fact;

    pursuit_end(service, live, ended.number);
    judge_end(live, &ended);
    conductor_fact(service, live, &ended);
}

void pursuit_tell_ended(struct service *service, struct live *live, int64_t number, int64_t attempt,
                        enum attempt_end end, const char *message)
{
    struct fact fact = {
        .kind = FACT_ENDED,
        .now_us = clock_wall_us(),
        .number = number,
        .attempt = attempt,
        .end = end,
        .message = message,
    };

    pursuit_ended(service, live, &fact);
}

/* The agent of an attempt is gone, and has not said how it ended: another one clears up and reports. */
static void clear_up(struct service *service, struct live *live, struct pursuit *pursuit)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);

    if (!service->conduct && !pursuit->stop_wanted)
        return;
    if (pursuit->n_restarts++ >= RESTART_LIMIT) {
        pursuit_tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_LOST,
                           "its agent vanished again and again");
        return;
    }
    if (pursuit_prepare(service, live, trial, pursuit) < 0) {
        char *message = xstrdup(fail_message());

        pursuit_tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_LOST, message);
        free(message);
        return;
    }
    pursuit_hand_over(service, live, pursuit, false);
}

/* Its agent could not be started. That says nothing about the point (a full disk, no more processes): try again, a few times. */
static void start_later(struct service *service, struct live *live, struct pursuit *pursuit, const char *message)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);

    if (pursuit->stop_wanted || pursuit->n_restarts++ >= RESTART_LIMIT ||
        pursuit_prepare(service, live, trial, pursuit) < 0) {
        pursuit_tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_FAILED, message);
        return;
    }
    log_warning("trial.start", "trial=%s: %s; trying again", trial->name, message);
    pursuit_give_back(service, pursuit);
    pursuit->phase = PURSUIT_WAITING;
    store_retry_soon(service);
}

void pursuit_tell_started(struct service *service, struct live *live, const struct pursuit *pursuit)
{
    struct fact started = {
        .kind = FACT_STARTED,
        .now_us = clock_wall_us(),
        .number = pursuit->number,
        .attempt = pursuit->attempt,
    };

    if (pursuit->stop_wanted) { /* asked for while there was nobody to hear it */
        struct attempt_tag tag = pursuit_tag(live, pursuit);

        engine_thread_stop(service->engine, &tag, false);
    }
    conductor_fact(service, live, &started);
}

void pursuit_happened(struct service *service, struct letter *letter)
{
    struct engine_news *news = (struct engine_news *)letter;
    const struct engine_event *event = &news->event;
    struct live *live = service != NULL ? live_by_id(service, event->tag.experiment_id) : NULL;
    struct pursuit *pursuit = live != NULL ? pursuit_find(live, event->tag.number) : NULL;

    if (pursuit != NULL && pursuit->attempt == event->tag.attempt && pursuit->phase == PURSUIT_HANDED) {
        switch (event->kind) {
        case ENGINE_STARTED:
            pursuit_tell_started(service, live, pursuit);
            break;
        case ENGINE_GONE:
            clear_up(service, live, pursuit);
            break;
        case ENGINE_FAILED:
            start_later(service, live, pursuit, event->message);
            break;
        }
    }
    free(news);
}

void pursuit_adopt(struct service *service, struct live *live)
{
    for (struct pursuit *pursuit = live->pursuits, *next; pursuit != NULL; pursuit = next) {
        const struct trial *trial = experiment_trial(live->experiment, pursuit->number);

        next = pursuit->next;
        if (live->spec->by_clients) {
            workers_adopt(service, live, pursuit);
            continue;
        }
        if (pursuit_prepare(service, live, trial, pursuit) < 0) {
            char *message = xstrdup(fail_message());

            pursuit_tell_ended(service, live, pursuit->number, pursuit->attempt, ATTEMPT_LOST, message);
            free(message);
            continue;
        }
        if (observations_progress(service->reader, live->id, pursuit->number, pursuit->attempt, pursuit->progress,
                                  pursuit->n_roles) < 0)
            log_error("trial.adopt", "trial=%s: %s", trial->name, fail_message());
        capacity_retake(&service->capacity, &pursuit->resources, pursuit->gpus);
        pursuit->has_resources = true;
        pursuit_hand_over(service, live, pursuit, !service->conduct);
    }
}
