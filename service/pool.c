/*
 * Threads take the line that has waited longest, do one job of it, and put it at the end again while it has more.
 */
#include "service/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct line {
    struct line *next; /* in the ready list */
    struct pool *pool;
    void *owner;
    void (*bury)(void *owner);
    struct job *first, **last;
    bool is_busy;   /* ready or on a thread */
    bool is_dead;   /* buried by the thread that has it, or takes it next */
    bool is_single; /* of one job, and over with it */
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct line *ready, **ready_last;
    bool is_ending;
    size_t n_threads;
    pthread_t threads[];
};

/* Under the lock: the jobs that have not begun are no longer the line's. */
static struct job *take_jobs(struct line *line)
{
    struct job *first = line->first;

    line->first = NULL;
    line->last = &line->first;
    return first;
}

static void drop_jobs(struct job *job)
{
    for (struct job *next; job != NULL; job = next) {
        next = job->next;
        job->drop(job);
    }
}

static void bury(struct line *line)
{
    drop_jobs(take_jobs(line));
    if (line->bury != NULL)
        line->bury(line->owner);
    free(line);
}

/* Under the lock: it waits for a thread from now on. */
static void make_ready(struct line *line)
{
    struct pool *pool = line->pool;

    line->is_busy = true;
    line->next = NULL;
    *pool->ready_last = line;
    pool->ready_last = &line->next;
    pthread_cond_signal(&pool->wake);
}

/* Under the lock: the line whose turn it is; waits for one. NULL: the pool ends. */
static struct line *take_line(struct pool *pool)
{
    struct line *line;

    while (pool->ready == NULL && !pool->is_ending)
        pthread_cond_wait(&pool->wake, &pool->lock);
    line = pool->ready;
    if (line == NULL)
        return NULL;
    pool->ready = line->next;
    if (pool->ready == NULL)
        pool->ready_last = &pool->ready;
    return line;
}

/* Under the lock, which is given up meanwhile: its first job. */
static void do_one(struct pool *pool, struct line *line)
{
    struct job *job = pool->is_ending || line->is_dead ? NULL : line->first;

    if (job == NULL)
        return;
    line->first = job->next;
    if (line->first == NULL)
        line->last = &line->first;
    pthread_mutex_unlock(&pool->lock);
    job->run(line->owner, job);
    pthread_mutex_lock(&pool->lock);
}

static void *work(void *owner)
{
    struct pool *pool = owner;
    struct line *line;

    pthread_mutex_lock(&pool->lock);
    while ((line = take_line(pool)) != NULL) {
        do_one(pool, line);
        line->is_busy = false;
        if (line->first != NULL && !line->is_dead && !pool->is_ending) {
            make_ready(line);
        } else if (line->is_dead || line->is_single) {
            pthread_mutex_unlock(&pool->lock);
            bury(line);
            pthread_mutex_lock(&pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct pool *pool_create(size_t n_threads)
{
    struct pool *pool = xcalloc(1, sizeof *pool + n_threads * sizeof *pool->threads);

    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->ready_last = &pool->ready;
    for (pool->n_threads = 0; pool->n_threads < n_threads; pool->n_threads++)
        if (pthread_create(&pool->threads[pool->n_threads], NULL, work, pool) != 0)
            abort();
    return pool;
}

void pool_destroy(struct pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_ending = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

struct line *line_create(struct pool *pool, void *owner, void (*bury_owner)(void *owner))
{
    struct line *line = xcalloc(1, sizeof *line);

    line->pool = pool;
    line->owner = owner;
    line->bury = bury_owner;
    line->last = &line->first;
    return line;
}

void line_add(struct line *line, struct job *job)
{
    pthread_mutex_lock(&line->pool->lock);
    job->next = NULL;
    *line->last = job;
    line->last = &job->next;
    if (!line->is_busy)
        make_ready(line);
    pthread_mutex_unlock(&line->pool->lock);
}

void line_destroy(struct line *line)
{
    struct pool *pool;
    struct job *jobs;
    bool is_busy;

    if (line == NULL)
        return;
    pool = line->pool; /* a busy line may be gone as soon as the lock is */
    pthread_mutex_lock(&pool->lock);
    line->is_dead = true;
    jobs = take_jobs(line);
    is_busy = line->is_busy;
    pthread_mutex_unlock(&pool->lock);
    drop_jobs(jobs);
    if (!is_busy)
        bury(line);
}

void pool_run(struct pool *pool, struct job *job)
{
    struct line *line = line_create(pool, NULL, NULL);

    line->is_single = true;
    line_add(line, job);
}
