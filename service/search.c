/*
 * The jobs of a study.
 */
#include "service/search.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "suggest/regret.h"

struct search {
    struct pool *pool;
    struct line *line;
    struct study *study;
    struct search_options options;
    atomic_bool is_progress_asked; /* a question about it waits for its turn */
};

struct study_job {
    struct job job;
    int64_t number; /* of the trial; to find the likely best: how many have finished */
    enum outcome outcome;
    double numbers[]; /* to start: values (n); to finish also losses (n_objectives), violations (n_constraints) */
};

static void drop(struct job *job)
{
    free(job);
}

static struct study_job *job_create(void (*run)(void *owner, struct job *job), int64_t number, size_t n_numbers)
{
    struct study_job *own = xcalloc(1, sizeof *own + n_numbers * sizeof *own->numbers);

    own->job.run = run;
    own->job.drop = drop;
    own->number = number;
    return own;
}

/* --- points --- */

static void run_ask(void *owner, struct job *job)
{
    struct search *search = owner;
    int64_t number = ((struct study_job *)job)->number;
    size_t n = study_history(search->study)->space->n;
    struct search_answer *out = xcalloc(1, sizeof *out + n * sizeof *out->values);
    int64_t began_us;

    free(job);
    out->n = n;
    out->letter.open = search->options.answered;
    out->experiment_id = search->options.experiment_id;
    out->number = number;
    out->suggestion.resource = NAN;
    began_us = clock_steady_us();
    out->status = study_ask(search->study, number, out->values, &out->suggestion);
    out->seconds = (double)(clock_steady_us() - began_us) / 1e6;
    if (out->status < 0)
        snprintf(out->message, sizeof out->message, "%s", fail_message());
    mailbox_post(search->options.mailbox, &out->letter);
}

void search_ask(struct search *search, int64_t number)
{
    line_add(search->line, &job_create(run_ask, number, 0)->job);
}

static void run_start(void *owner, struct job *job)
{
    struct search *search = owner;
    struct study_job *own = (struct study_job *)job;

    study_start(search->study, own->number, own->numbers, NAN, 0);
    free(own);
}

void search_start(struct search *search, int64_t number, const double *values)
{
    size_t n = study_history(search->study)->space->n;
    struct study_job *own = job_create(run_start, number, n);

    memcpy(own->numbers, values, n * sizeof *values);
    line_add(search->line, &own->job);
}

static void run_finish(void *owner, struct job *job)
{
    struct search *search = owner;
    const struct history *history = study_history(search->study);
    struct study_job *own = (struct study_job *)job;
    const double *losses = own->numbers + history->space->n;

    study_finish(search->study, own->number, own->numbers, own->outcome, losses, losses + history->n_objectives);
    free(own);
}

void search_tell(struct search *search, int64_t number, const double *values, enum outcome outcome,
                 const double *losses, const double *violations)
{
    const struct history *history = study_history(search->study); /* its shape never changes */
    size_t n = history->space->n, m = history->n_objectives, k = history->n_constraints;
    struct study_job *own = job_create(run_finish, number, n + m + k);

    own->outcome = outcome;
    memcpy(own->numbers, values, n * sizeof *values);
    memcpy(own->numbers + n, losses, m * sizeof *losses);
    memcpy(own->numbers + n + m, violations, k * sizeof *violations);
    line_add(search->line, &own->job);
}

/* --- the whole of it --- */

static struct search_opinion *opinion_of(const struct search *search)
{
    struct search_opinion *out = xcalloc(1, sizeof *out);

    out->letter.open = search->options.considered;
    out->experiment_id = search->options.experiment_id;
    return out;
}

static void run_likely(void *owner, struct job *job)
{
    struct search *search = owner;
    struct search_opinion *out = opinion_of(search);

    out->n_finished = ((struct study_job *)job)->number;
    out->has_likely = true;
    likely_best_find(study_history(search->study), &out->likely);
    mailbox_post(search->options.mailbox, &out->letter);
    free(job);
}

void search_find_likely(struct search *search, int64_t n_finished)
{
    line_add(search->line, &job_create(run_likely, n_finished, 0)->job);
}

static void run_progress(void *owner, struct job *job)
{
    struct search *search = owner;
    const struct search_options *options = &search->options;
    struct search_opinion *out = opinion_of(search);

    atomic_store(&search->is_progress_asked, false);
    out->stops = regret_stops(study_history(search->study), options->is_noisy, (size_t)options->patience, options->seed,
                              out->why) == 1;
    if (out->stops)
        mailbox_post(options->mailbox, &out->letter);
    else
        free(out);
    free(job);
}

void search_find_progress(struct search *search)
{
    if (search->options.patience > 0 && !atomic_exchange(&search->is_progress_asked, true))
        line_add(search->line, &job_create(run_progress, 0, 0)->job);
}

struct read_job {
    struct job job;
    struct history *history;
    struct job *then;
};

/* Row by row, as they came. */
static void copy_rows(const struct history *from, struct history *to)
{
    size_t n = from->space->n;

    for (size_t row = 0; row < from->n_finished; row++) {
        history_start(to, from->number[row], history_values(from, row), from->resource[row], from->parent[row]);
        history_finish(to, from->number[row], NULL, from->outcome[row], from->loss + row * from->n_objectives,
                       from->violation + row * from->n_constraints);
    }
    for (size_t row = 0; row < from->n_running; row++)
        history_start(to, from->running_number[row], from->running_values + row * n, from->running_resource[row],
                      from->running_parent[row]);
}

static void run_read(void *owner, struct job *job)
{
    struct search *search = owner;
    struct read_job *read = (struct read_job *)job;

    copy_rows(study_history(search->study), read->history);
    pool_run(search->pool, read->then);
    free(read);
}

static void drop_read(struct job *job)
{
    struct read_job *read = (struct read_job *)job;

    read->then->drop(read->then);
    free(read);
}

void search_read(struct search *search, struct history *history, struct job *then)
{
    struct read_job *read = xcalloc(1, sizeof *read);

    *read = (struct read_job){ .job = { .run = run_read, .drop = drop_read }, .history = history, .then = then };
    line_add(search->line, &read->job);
}

/* --- beginning and end --- */

static void bury(void *owner)
{
    struct search *search = owner;

    study_destroy(search->study);
    if (search->options.release != NULL)
        search->options.release(search->options.lender);
    free(search);
}

struct search *search_create(struct pool *pool, struct study *study, const struct search_options *options)
{
    struct search *search = xcalloc(1, sizeof *search);

    search->pool = pool;
    search->study = study;
    search->options = *options;
    search->line = line_create(pool, search, bury);
    return search;
}

void search_destroy(struct search *search)
{
    if (search != NULL)
        line_destroy(search->line);
}
