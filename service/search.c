/*
 * Threads take a study from the ready list, do one job of it, and put it back while there are more.
 */
#include "service/search.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "suggest/regret.h"

enum job_kind { JOB_ASK, JOB_START, JOB_FINISH, JOB_CONSIDER };

struct job {
    struct job *next;
    enum job_kind kind;
    int64_t number;
    enum outcome outcome;
    bool wants_likely; /* to consider, as the next two */
    int64_t patience;
    uint64_t seed;
    double numbers[]; /* to start: values (n); to finish also losses (n_objectives), violations (n_constraints) */
};

struct search {
    struct search *next; /* in the ready list */
    struct search_pool *pool;
    struct study *study;
    size_t n, n_objectives, n_constraints;
    bool is_noisy;
    int64_t experiment_id;
    struct job *first, **last;
    bool is_busy; /* ready or on a thread */
    bool is_dead;
};

struct search_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct search *ready, **ready_last;
    struct search_task *tasks, **tasks_last;
    bool is_ending;
    struct mailbox *mailbox;
    struct search_listener listener;
    size_t n_threads;
    pthread_t threads[];
};

static void answer(struct search *search, int64_t number)
{
    struct search_answer *out = xcalloc(1, sizeof *out + search->n * sizeof *out->values);

    out->letter.open = search->pool->listener.answered;
    out->experiment_id = search->experiment_id;
    out->number = number;
    out->suggestion.resource = NAN;
    out->status = study_ask(search->study, number, out->values, &out->suggestion);
    if (out->status < 0)
        snprintf(out->message, sizeof out->message, "%s", fail_message());
    mailbox_post(search->pool->mailbox, &out->letter);
}

static void consider(struct search *search, const struct job *job)
{
    const struct history *history = study_history(search->study);
    struct search_opinion *out = xcalloc(1, sizeof *out);

    out->letter.open = search->pool->listener.considered;
    out->experiment_id = search->experiment_id;
    out->n_finished = job->number;
    out->has_likely = job->wants_likely;
    if (job->wants_likely)
        likely_best_find(history, &out->likely);
    if (job->patience > 0)
        out->stops = regret_stops(history, search->is_noisy, (size_t)job->patience, job->seed, out->why) == 1;
    mailbox_post(search->pool->mailbox, &out->letter);
}

static void do_job(struct search *search, const struct job *job)
{
    const double *losses = job->numbers + search->n, *violations = losses + search->n_objectives;

    switch (job->kind) {
    case JOB_ASK:
        answer(search, job->number);
        break;
    case JOB_START:
        study_start(search->study, job->number, job->numbers, NAN, 0);
        break;
    case JOB_FINISH:
        study_finish(search->study, job->number, job->numbers, job->outcome, losses, violations);
        break;
    case JOB_CONSIDER:
        consider(search, job);
        break;
    }
}

static void bury(struct search *search)
{
    while (search->first != NULL) {
        struct job *job = search->first;

        search->first = job->next;
        free(job);
    }
    study_destroy(search->study);
    free(search);
}

/* Under the lock: it waits for a thread from now on. */
static void make_ready(struct search_pool *pool, struct search *search)
{
    search->is_busy = true;
    search->next = NULL;
    *pool->ready_last = search;
    pool->ready_last = &search->next;
    pthread_cond_signal(&pool->wake);
}

/* Under the lock, given up meanwhile: the first task that waits, if there is one. */
static void run_one_task(struct search_pool *pool)
{
    struct search_task *task = pool->tasks;

    if (task == NULL || pool->is_ending)
        return;
    pool->tasks = task->next;
    if (pool->tasks == NULL)
        pool->tasks_last = &pool->tasks;
    pthread_mutex_unlock(&pool->lock);
    task->run(task);
    mailbox_post(pool->mailbox, &task->letter);
    pthread_mutex_lock(&pool->lock);
}

/* Under the lock: the next search and its first job; waits, and runs tasks while no search is ready. NULL: the pool ends. */
static struct search *take(struct search_pool *pool, struct job **job)
{
    struct search *search;

    while (pool->ready == NULL && !pool->is_ending) {
        if (pool->tasks == NULL)
            pthread_cond_wait(&pool->wake, &pool->lock);
        run_one_task(pool);
    }
    search = pool->ready;
    if (search == NULL)
        return NULL;
    pool->ready = search->next;
    if (pool->ready == NULL)
        pool->ready_last = &pool->ready;
    *job = search->first;
    if (*job != NULL) {
        search->first = (*job)->next;
        if (search->first == NULL)
            search->last = &search->first;
    }
    return search;
}

static void *work(void *owner)
{
    struct search_pool *pool = owner;
    struct search *search;
    struct job *job = NULL;

    pthread_mutex_lock(&pool->lock);
    while ((search = take(pool, &job)) != NULL) {
        bool is_dead = search->is_dead;

        pthread_mutex_unlock(&pool->lock);
        if (!is_dead && job != NULL)
            do_job(search, job);
        free(job);
        pthread_mutex_lock(&pool->lock);
        search->is_busy = false;
        if (search->is_dead)
            bury(search);
        else if (search->first != NULL)
            make_ready(pool, search);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct search_pool *search_pool_create(size_t n_threads, struct mailbox *mailbox,
                                       const struct search_listener *listener)
{
    struct search_pool *pool = xcalloc(1, sizeof *pool + n_threads * sizeof *pool->threads);

    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->ready_last = &pool->ready;
    pool->tasks_last = &pool->tasks;
    pool->mailbox = mailbox;
    pool->listener = *listener;
    for (pool->n_threads = 0; pool->n_threads < n_threads; pool->n_threads++)
        if (pthread_create(&pool->threads[pool->n_threads], NULL, work, pool) != 0)
            abort();
    return pool;
}

void search_pool_destroy(struct search_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_ending = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    while (pool->tasks != NULL) {
        struct search_task *task = pool->tasks;

        pool->tasks = task->next;
        mailbox_post(pool->mailbox, &task->letter);
    }
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void search_pool_run(struct search_pool *pool, struct search_task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&pool->lock);
    *pool->tasks_last = task;
    pool->tasks_last = &task->next;
    pthread_cond_signal(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
}

struct search *search_create(struct search_pool *pool, struct study *study, bool is_noisy, int64_t experiment_id)
{
    const struct history *history = study_history(study);
    struct search *search = xcalloc(1, sizeof *search);

    search->pool = pool;
    search->study = study;
    search->n = history->space->n;
    search->n_objectives = history->n_objectives;
    search->n_constraints = history->n_constraints;
    search->is_noisy = is_noisy;
    search->experiment_id = experiment_id;
    search->last = &search->first;
    return search;
}

void search_destroy(struct search *search)
{
    bool is_busy;
    struct search_pool *pool;

    if (search == NULL)
        return;
    pool = search->pool;
    pthread_mutex_lock(&pool->lock);
    search->is_dead = true;
    is_busy = search->is_busy;
    pthread_mutex_unlock(&pool->lock);
    if (!is_busy)
        bury(search);
}

static void queue(struct search *search, struct job *job)
{
    pthread_mutex_lock(&search->pool->lock);
    *search->last = job;
    search->last = &job->next;
    if (!search->is_busy)
        make_ready(search->pool, search);
    pthread_mutex_unlock(&search->pool->lock);
}

static struct job *job_create(enum job_kind kind, int64_t number, size_t n_numbers)
{
    struct job *job = xcalloc(1, sizeof *job + n_numbers * sizeof *job->numbers);

    job->kind = kind;
    job->number = number;
    return job;
}

void search_ask(struct search *search, int64_t number)
{
    queue(search, job_create(JOB_ASK, number, 0));
}

void search_consider(struct search *search, int64_t n_finished, bool wants_likely, int64_t patience, uint64_t seed)
{
    struct job *job = job_create(JOB_CONSIDER, n_finished, 0);

    job->wants_likely = wants_likely;
    job->patience = patience;
    job->seed = seed;
    queue(search, job);
}

void search_start(struct search *search, int64_t number, const double *values)
{
    struct job *job = job_create(JOB_START, number, search->n);

    memcpy(job->numbers, values, search->n * sizeof *values);
    queue(search, job);
}

void search_tell(struct search *search, int64_t number, const double *values, enum outcome outcome,
                 const double *losses, const double *violations)
{
    size_t n = search->n, m = search->n_objectives, k = search->n_constraints;
    struct job *job = job_create(JOB_FINISH, number, n + m + k);

    job->outcome = outcome;
    memcpy(job->numbers, values, n * sizeof *values);
    memcpy(job->numbers + n, losses, m * sizeof *losses);
    memcpy(job->numbers + n + m, violations, k * sizeof *violations);
    queue(search, job);
}
