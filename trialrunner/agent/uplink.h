/*
 * The line to the service: hello, reports until they are acknowledged, a beat, the end. While the service is away it waits.
 *
 * One question is under way at a time, beside a beat. An unanswered one is asked again; all of them are safe to repeat.
 */
#ifndef HONE_TRIALRUNNER_AGENT_UPLINK_H
#define HONE_TRIALRUNNER_AGENT_UPLINK_H

#include "base/node.h"
#include "trialrunner/agent/spool.h"
#include "trialrunner/order.h"

struct question {
    int64_t id;     /* 0: none */
    int64_t due_ms; /* when to send it (again); 0: it was not sent yet */
    size_t n_reports;
    struct text bytes;
};

struct uplink {
    void *context, *socket;
    int fd; /* readable: call uplink_turn */
    const struct order *order;
    struct spool *spool;
    struct arena arena; /* of the answer being read */
    struct question question, beat;
    int64_t last_id, beat_due_ms, pause_until_ms;
    int64_t heard_ms;       /* when the service last answered; at first, when we began */
    const struct node *end; /* body of agent.end, borrowed; NULL: not yet */
    bool is_greeted;
    bool is_refused; /* the attempt is no longer wanted */
    bool is_done;    /* the end has arrived */
};

int uplink_open(struct uplink *uplink, const struct order *order, struct spool *spool, int64_t now_ms);
/* Receive and send what can be. Call after every wait: the descriptor tells of changes only. */
void uplink_turn(struct uplink *uplink, int64_t now_ms);
int64_t uplink_due_ms(const struct uplink *uplink);
/* A body that begins as every body of an agent does: who speaks, and the key. */
struct node *uplink_body(const struct order *order, struct arena *arena);
void uplink_close(struct uplink *uplink);

#endif
