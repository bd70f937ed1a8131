/*
 * Studies at work on a small pool of threads: one study on one thread at a time, its jobs in the order they were given; and
 * what else takes its time.
 */
#ifndef HONE_SERVICE_SEARCH_H
#define HONE_SERVICE_SEARCH_H

#include "service/mailbox.h"
#include "suggest/study.h"

struct search_pool;
struct search;

/* What a study answers to an ask; opened on the loop's thread. */
struct search_answer {
    struct letter letter;
    int64_t experiment_id, number;
    int status; /* of study_ask */
    char message[512];
    struct suggestion suggestion; /* x NULL */
    double values[];              /* (n) */
};

/* answered: the letter's open(). */
struct search_pool *search_pool_create(size_t n_threads, struct mailbox *mailbox,
                                       void (*answered)(struct service *service, struct letter *letter));
void search_pool_destroy(struct search_pool *pool); /* after every search_destroy */

/* Work beside the studies: run() on a thread of the pool, then its letter is posted. When the pool ends first, the letter is posted without. */
struct search_task {
    struct letter letter;
    struct search_task *next;
    void (*run)(struct search_task *task);
};
void search_pool_run(struct search_pool *pool, struct search_task *task);

/* Takes study. */
struct search *search_create(struct search_pool *pool, struct study *study, int64_t experiment_id);
/* Forgets what is queued; the study dies as soon as no thread works on it. */
void search_destroy(struct search *search);

void search_ask(struct search *search, int64_t number);
/* The trial with this number and these values (n, copied) was begun by other means than an ask. */
void search_start(struct search *search, int64_t number, const double *values);
/* values (n), losses (n_objectives) and violations (n_constraints) are copied. */
void search_tell(struct search *search, int64_t number, const double *values, enum outcome outcome,
                 const double *losses, const double *violations);

#endif
