/*
 * Studies at work on a small pool of threads: one study on one thread at a time, its jobs in the order they were given; and
 * what else takes its time.
 */
#ifndef HONE_SERVICE_SEARCH_H
#define HONE_SERVICE_SEARCH_H

#include "service/mailbox.h"
#include "suggest/likely_best.h"
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

/* What follows from the whole of a study; opened on the loop's thread. */
struct search_opinion {
    struct letter letter;
    int64_t experiment_id;
    int64_t n_finished; /* as it was given with the question */
    bool has_likely;
    struct likely_best likely;
    bool stops; /* stopAfterNoProgress says so */
    char why[SUGGEST_WHY_SIZE];
};

/* What a pool's threads say, each the open() of its letter. */
struct search_listener {
    void (*answered)(struct service *service, struct letter *letter);   /* search_answer */
    void (*considered)(struct service *service, struct letter *letter); /* search_opinion */
};

struct search_pool *search_pool_create(size_t n_threads, struct mailbox *mailbox,
                                       const struct search_listener *listener);
void search_pool_destroy(struct search_pool *pool); /* after every search_destroy */

/* Work beside the studies: run() on a thread of the pool, then its letter is posted. When the pool ends first, the letter is posted without. */
struct search_task {
    struct letter letter;
    struct search_task *next;
    void (*run)(struct search_task *task);
};
void search_pool_run(struct search_pool *pool, struct search_task *task);

/* Takes study. */
struct search *search_create(struct search_pool *pool, struct study *study, bool is_noisy, int64_t experiment_id);
/* Consider all that has been told so far: the likely best, and (patience > 0) whether that many trials were in vain. */
void search_consider(struct search *search, int64_t n_finished, bool wants_likely, int64_t patience, uint64_t seed);
/* Forgets what is queued; the study dies as soon as no thread works on it. */
void search_destroy(struct search *search);

void search_ask(struct search *search, int64_t number);
/* The trial with this number and these values (n, copied) was begun by other means than an ask. */
void search_start(struct search *search, int64_t number, const double *values);
/* values (n), losses (n_objectives) and violations (n_constraints) are copied. */
void search_tell(struct search *search, int64_t number, const double *values, enum outcome outcome,
                 const double *losses, const double *violations);

#endif
