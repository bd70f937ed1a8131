/*
 * Attempts under way: each from the wish to start it until its end is known.
 */
#ifndef HONE_SERVICE_PURSUIT_H
#define HONE_SERVICE_PURSUIT_H

#include "experiment/lifecycle.h"
#include "service/live.h"
#include "service/mailbox.h"
#include "trialrunner/capacity.h"
#include "trialrunner/engines/engine.h"
#include "trialrunner/order.h"

enum { KEY_SIZE = 33 };

struct pursuit {
    struct pursuit *next;
    int64_t number, attempt;
    enum pursuit_phase {
        PURSUIT_WAITING, /* for cores, memory or GPUs */
        PURSUIT_STORING, /* its row is on the way to the disk */
        PURSUIT_HANDED,  /* the engine has it, or the client that runs it */
        PURSUIT_LATE, /* that client's lease has run out: the attempt is lost unless it comes back before another begins */
    } phase;
    bool stop_wanted; /* before the engine had it */
    bool has_resources;
    int n_restarts; /* of its agent */
    char key[KEY_SIZE];
    char gpus[256];
    struct resources resources;
    size_t n_roles;
    int first_port, n_ports;    /* n_ports 0: none are taken */
    int64_t *progress;          /* (n_roles) highest sequence that has been stored */
    int64_t lease_ms, until_ms; /* of a client, renewed by whatever it says, on the steady clock */
    struct asker *asker;        /* that client, until it has its answer */
    struct arena arena;         /* of order, until the engine takes both */
    struct order order;
};

struct pursuit *pursuit_find(const struct live *live, int64_t number); /* NULL: none */
void pursuit_destroy(struct pursuit *pursuit);
void pursuit_drop(struct live *live, int64_t number); /* out of the list, and destroyed; none is no error */

/* --- pursuit.c --- */

void pursuit_make_key(char key[KEY_SIZE]);
/* Begin a trial's last attempt, as soon as there is room; one that was found running is left alone. */
void pursuit_start(struct service *service, struct live *live, const struct trial *trial);
/* End it; its end is told at once when it has not begun. */
void pursuit_stop(struct service *service, struct live *live, const struct trial *trial);
/* Trials in the order of each experiment; the first that does not fit keeps later ones of its experiment waiting. */
void pursuit_start_waiting(struct service *service);
void pursuit_give_back(struct service *service, struct pursuit *pursuit);  /* what it had taken */
void pursuit_give_ports(struct service *service, struct pursuit *pursuit); /* when it is over: its plan names them */
/* Given back and dropped; others may have its room. */
void pursuit_end(struct service *service, struct live *live, int64_t number);

/* --- pursuit_order.c --- */

/* Render and plan into the pursuit's arena. */
int pursuit_prepare(struct service *service, struct live *live, const struct trial *trial, struct pursuit *pursuit);
void pursuit_hand_over(struct service *service, struct live *live, struct pursuit *pursuit, bool only_adopt);
struct attempt_tag pursuit_tag(const struct live *live, const struct pursuit *pursuit);

/* --- pursuit_news.c --- */

void pursuit_happened(struct service *service, struct letter *letter); /* engine_news */
/* Find again what ran when the last service ended. */
void pursuit_adopt(struct service *service, struct live *live);
/* The agent has said how its attempt ended. */
void pursuit_ended(struct service *service, struct live *live, const struct fact *ended);
void pursuit_tell_started(struct service *service, struct live *live, const struct pursuit *pursuit);
void pursuit_tell_ended(struct service *service, struct live *live, int64_t number, int64_t attempt,
                        enum attempt_end end, const char *message);

#endif
