/*
 * A small pool of threads that take turns with lines of work: the jobs of one line are done one at a time in their order, and of
 * the lines that have any each gets one job done before the first gets its next.
 */
#ifndef HONE_SERVICE_POOL_H
#define HONE_SERVICE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;
struct line;

/* First member of every job. One of the two is called, once, and frees the job; owner is the line's. */
struct job {
    struct job *next;
    void (*run)(void *owner, struct job *job); /* on a thread of the pool */
    void (*drop)(struct job *job);             /* its line, or the pool, ended before */
};

struct pool *pool_create(size_t n_threads);
/* After every line_destroy. Jobs that were given to pool_run and have not begun are dropped. */
void pool_destroy(struct pool *pool);
/* A job that belongs to no line: owner is NULL. */
void pool_run(struct pool *pool, struct job *job);

/* bury frees the owner: when the line is destroyed, or as soon as no thread works on it any more. */
struct line *line_create(struct pool *pool, void *owner, void (*bury)(void *owner));
void line_add(struct line *line, struct job *job);
/* Drops the jobs that have not begun; never waits. NULL is no line. */
void line_destroy(struct line *line);

#endif
