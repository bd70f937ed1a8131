/*
 * Early stopping of an experiment: the learning curves of its trials, and a rule that judges the running ones as they report. Both live
 * on the pool; the loop says what was reported, verdicts come back as letters.
 *
 * With several objectives the rule is asked for each, and a trial is stopped when the last answers say that it is hopeless in all.
 */
#ifndef HONE_SERVICE_JURY_H
#define HONE_SERVICE_JURY_H

#include "experiment/spec.h"
#include "service/mailbox.h"
#include "service/pool.h"

struct jury;

/* Opened on the loop's thread: stop that attempt. */
struct verdict {
    struct letter letter;
    int64_t experiment_id, number, attempt;
    char why[512]; /* one line */
};

struct jury_report {
    size_t objective;
    double step; /* below 0: none was said, the reports are counted */
    double loss; /* NAN: not a number */
};

/* At which reports a running trial is judged. */
enum jury_when {
    JURY_EACH,
    JURY_LAST, /* of each objective: they have been reported before a restart */
    JURY_NEVER,
};

/* decided: open() of a verdict. Nothing of spec is kept. */
struct jury *jury_create(struct pool *pool, const struct spec *spec, uint64_t seed, int64_t experiment_id,
                         struct mailbox *mailbox, void (*decided)(struct service *service, struct letter *letter));
void jury_destroy(struct jury *jury); /* never waits */

/* Reports of an attempt, in their order, copied; those of a later attempt take the place of an earlier one's. */
void jury_hear(struct jury *jury, int64_t number, int64_t attempt, const struct jury_report *reports, size_t n,
               enum jury_when when);
/* Post the letter when all that was heard so far has been judged. */
void jury_follow(struct jury *jury, struct letter *letter);
/* The trial has ended: it is judged no more, and is_complete if its training came to its own end. */
void jury_close(struct jury *jury, int64_t number, bool is_complete);

#endif
