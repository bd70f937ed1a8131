/*
 * Calls of clients and agents: who asked, the table of operations, and answers, given at once or later.
 */
#ifndef HONE_SERVICE_CALL_H
#define HONE_SERVICE_CALL_H

#include "base/node.h"
#include "service/keyring.h"
#include "service/live.h"

enum { CALLER_SIZE = 255 };

/* Who asked, to answer later. */
struct caller {
    void *socket;                   /* it came in by this one */
    char name[PRINCIPAL_NAME_SIZE]; /* as the gate knows it; "" by the ipc socket */
    uint8_t identity[CALLER_SIZE];
    size_t length;
    int64_t id;
    const char *op;  /* as in its table; NULL: unknown */
    int64_t came_us; /* steady */
};

struct call {
    struct caller caller;
    const struct principal *who; /* while the call is handled */
    const struct node *body;
    struct arena *arena;
    const char *subject; /* for the audit, where the body alone does not say it; NULL: it does */
};

struct handler {
    const char *op;
    enum client_role least; /* that may call it */
    /* 0: replied, or will be; negative: the loop replies with fail_message(). */
    int (*handle)(struct service *service, struct call *call);
};
extern const struct handler experiment_handlers[], insight_handlers[], trial_handlers[], worker_handlers[],
    agent_handlers[], service_handlers[]; /* ended by zeros */

/* Two rows of experiment_handlers that have files of their own. */
int experiment_create_call(struct service *service, struct call *call);
int experiment_delete_call(struct service *service, struct call *call);

/* Decode, find the handler, run it; always replies, now or later. */
void dispatch(struct service *service, const struct caller *from, const void *bytes, size_t length);
/* Do the same call again in the next round: what it needs is on its way to the disk. */
void call_again(struct service *service, const struct call *call, const char *op);
void reply(struct service *service, const struct caller *caller, const struct node *body);
void reply_error(struct service *service, const struct caller *caller, int status, const char *message);

/* Who that is now: this user, or a client as the gate named it; NULL: it is not known any more. */
const struct principal *call_principal(struct service *service, bool is_local, const char *name);
/* ERR_DENIED: the caller has no business in that namespace. */
int call_enter(const struct call *call, const char *namespace);
/* The experiment that body's namespace and name mean; or of a trial's full name. */
int call_experiment(struct service *service, struct call *call, struct live **live);
int call_trial(struct service *service, struct call *call, struct live **live, struct trial **trial);
/* The attempt that body's experiment, number, attempt and key mean, by its holder. ERR_CONFLICT: it is no longer wanted. */
int call_pursuit(struct service *service, struct call *call, struct live **live, struct pursuit **pursuit);
/* A text of the body; NULL fallback makes it required. */
int call_text(const struct call *call, const char *key, const char *fallback, const char **value);
int64_t call_integer(const struct call *call, const char *key, int64_t fallback);

/* Those who wait for an experiment's likely best. */
struct waiter {
    struct waiter *next;
    struct caller caller;
};
/* It is known: answer them. */
void experiment_considered(struct service *service, struct live *live);

#endif
