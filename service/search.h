/*
 * A study at work on the pool: its jobs in the order they were given, its answers as letters.
 */
#ifndef HONE_SERVICE_SEARCH_H
#define HONE_SERVICE_SEARCH_H

#include "service/mailbox.h"
#include "service/pool.h"
#include "suggest/likely_best.h"
#include "suggest/study.h"

struct search;

/* What a study answers to an ask; opened on the loop's thread. */
struct search_answer {
    struct letter letter;
    int64_t experiment_id, number;
    double seconds; /* that it took */
    int status;     /* of study_ask */
    char message[512];
    struct suggestion suggestion; /* x NULL */
    size_t n;                     /* parameters of the space that was searched */
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

struct search_options {
    int64_t experiment_id;
    struct mailbox *mailbox;
    bool is_noisy;
    int64_t patience; /* stopAfterNoProgress; 0: none */
    uint64_t seed;
    void (*answered)(struct service *service, struct letter *letter);   /* open() of a search_answer */
    void (*considered)(struct service *service, struct letter *letter); /* open() of a search_opinion */
    /* Called last, on whatever thread: what the study borrows may go. */
    void (*release)(void *lender);
    void *lender;
};

/* Takes study. */
struct search *search_create(struct pool *pool, struct study *study, const struct search_options *options);
/* Forgets what is queued, and never waits: the study dies, and options->release is called, as soon as no thread works on it. */
void search_destroy(struct search *search);

void search_ask(struct search *search, int64_t number);
/* The trial with this number and these values (n, copied) was begun by other means than an ask. */
void search_start(struct search *search, int64_t number, const double *values);
/* values (n), losses (n_objectives) and violations (n_constraints) are copied. */
void search_tell(struct search *search, int64_t number, const double *values, enum outcome outcome,
                 const double *losses, const double *violations);
/* Find the likely best of all that has been told so far: n_finished trials. */
void search_find_likely(struct search *search, int64_t n_finished);
/* Was it all in vain lately? An opinion follows only if it was. A question that is not yet answered stands for all later ones: it
   is about what is known when its turn comes. */
void search_find_progress(struct search *search);
/* Copy what the study knows into history (initialised over a space like its own), then run the job; both on the pool, and the job
   is on no line: it does not keep the study from answering. */
void search_read(struct search *search, struct history *history, struct job *then);

#endif
