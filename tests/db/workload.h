/*
 * What an experiment writes: trials with 10 parameters begin and end, eight at a time, each reporting one value.
 */
#ifndef HONE_TESTS_DB_WORKLOAD_H
#define HONE_TESTS_DB_WORKLOAD_H

#include <math.h>

#include "base/rng.h"
#include "base/status.h"
#include "db/events.h"
#include "db/observations.h"
#include "db/trials.h"

enum {
    PACKED_ASSIGNMENTS = 91, /* a msgpack array of ten doubles */
    PACKED_OBSERVATION = 36, /* one report of 18 digits: count, time, latest */
    PARALLEL = 8
};

struct step {
    int64_t trial, began_us, now_us;
    bool is_end;
};

struct workload {
    int64_t n_trials, n_begun, now_us;
    size_t n_running;
    struct step running[PARALLEL];
    struct rng rng;
};

/* Fill with bytes that do not compress. */
static inline void workload_bytes(struct rng *rng, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_word(rng);
}

/* The next thing that happens, one millisecond to three seconds later; false at the end. */
static inline bool workload_next(struct workload *work, struct step *step)
{
    work->now_us += 1000 + (int64_t)rng_below(&work->rng, 3000000);
    if (work->n_running < PARALLEL && work->n_begun < work->n_trials) {
        *step = (struct step){ .trial = ++work->n_begun, .began_us = work->now_us, .now_us = work->now_us };
        work->running[work->n_running++] = *step;
        return true;
    }
    if (work->n_running == 0)
        return false;
    size_t i = rng_below(&work->rng, work->n_running);
    *step = work->running[i];
    step->is_end = true;
    step->now_us = work->now_us;
    work->running[i] = work->running[--work->n_running];
    return true;
}

static inline int workload_event(struct db *db, int64_t experiment_id, const struct step *step, int kind)
{
    struct event_row event = {
        .time_us = step->now_us, .experiment_id = experiment_id, .trial = step->trial, .kind = kind
    };

    return events_append(db, &event);
}

static inline int workload_begin(struct db *db, const struct step *step, struct trial_row *trial,
                                 struct attempt_row *attempt)
{
    TRY(trials_store(db, trial));
    TRY(workload_event(db, trial->experiment_id, step, EVENT_TRIAL_CREATED));
    trial->started_us = attempt->started_us = step->now_us + 700;
    trial->state = 1;
    attempt->key = "0123456789abcdef0123456789abcdef";
    TRY(trials_store(db, trial));
    TRY(attempts_store(db, attempt));
    return workload_event(db, trial->experiment_id, step, EVENT_TRIAL_STARTED);
}

static inline int workload_end(struct db *db, const struct step *step, struct trial_row *trial,
                               struct attempt_row *attempt, struct rng *rng, uint8_t observation[PACKED_OBSERVATION])
{
    const struct observation_row report = {
        .sequence = 1, .time_us = step->now_us - 900, .step = 1, .value = "0.9230769230769231"
    };

    TRY(observations_append(db, trial->experiment_id, step->trial, 1, &report, 1));
    workload_bytes(rng, observation, PACKED_OBSERVATION);
    trial->state = 2;
    trial->finish_order = step->trial;
    trial->started_us = attempt->started_us = step->began_us + 700;
    trial->ended_us = attempt->ended_us = step->now_us;
    trial->observation = observation;
    trial->observation_length = PACKED_OBSERVATION;
    attempt->end = 1;
    attempt->wall_s = 1e-6 * (double)(step->now_us - step->began_us);
    attempt->cpu_s = 0.7 * attempt->wall_s;
    attempt->peak_memory = 150000000;
    TRY(attempts_store(db, attempt));
    TRY(trials_store(db, trial));
    return workload_event(db, trial->experiment_id, step, EVENT_TRIAL_ENDED);
}

static inline int workload_store(struct db *db, int64_t experiment_id, const struct step *step)
{
    struct rng rng = rng_stream(1, (uint64_t)step->trial, "workload");
    uint8_t assignments[PACKED_ASSIGNMENTS], observation[PACKED_OBSERVATION];
    struct trial_row trial = { .experiment_id = experiment_id,
                               .number = step->trial,
                               .why = "uniform random draw",
                               .created_us = step->began_us,
                               .resource = NAN,
                               .assignments = assignments,
                               .assignments_length = sizeof assignments };
    struct attempt_row attempt = { .experiment_id = experiment_id, .trial = step->trial, .number = 1 };

    workload_bytes(&rng, assignments, sizeof assignments);
    return step->is_end ? workload_end(db, step, &trial, &attempt, &rng, observation)
                        : workload_begin(db, step, &trial, &attempt);
}

#endif
