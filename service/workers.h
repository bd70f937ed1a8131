/*
 * Clients that run trials: who waits for one, who holds one, and until when.
 *
 * A client asks and is answered when an attempt of a trial is on disk for it. It holds that by a lease which everything it says
 * renews. A lease that runs out loses the attempt, and the trial is repeated by whoever asks next; until then the one who had it may
 * come back, and nothing is lost.
 */
#ifndef HONE_SERVICE_WORKERS_H
#define HONE_SERVICE_WORKERS_H

#include "service/call.h"
#include "service/pursuit.h"

/* A client that waits. */
struct asker {
    struct asker *next;
    struct caller caller;
    char key[KEY_SIZE]; /* that its attempt shall have: asking again with it gives the same trial */
    int64_t lease_ms, until_ms;
};

/* Clients that come make the service conduct the experiment. */
int workers_claim(struct service *service, struct live *live);
/* Asks for a trial of an experiment that is conducted; answered now or later. Takes asker. */
void workers_ask(struct service *service, struct live *live, struct asker *asker);
/* Whatever else a holder says. ERR_CONFLICT: the attempt is no longer its own. */
int workers_find(struct service *service, struct call *call, struct live **live, struct pursuit **pursuit);
/* Shall it stop? {stop, why?} */
struct node *workers_wish(const struct live *live, const struct pursuit *pursuit, struct arena *arena);

/* Parameter i of a trial, which is active: {value, text}. */
struct node *workers_value(const struct live *live, const struct trial *trial, size_t i, struct arena *arena);

/* Entry i of a map of metrics: which one, and its value as it was said, a number or the text of one. ERR_INVALID. */
int workers_metric(const struct live *live, const struct node *map, size_t i, struct arena *arena, int *metric,
                   const char **value);

/* Of pursuits: for whom; it is on disk; it was found running after a restart. */
void workers_take(struct live *live, struct pursuit *pursuit);
void workers_hand(struct service *service, struct live *live, struct pursuit *pursuit);
void workers_adopt(struct service *service, struct live *live, struct pursuit *pursuit);

/* There will be no trial: those who wait hear why. */
void workers_dismiss(struct service *service, struct live *live, const char *message);
/* Those who waited long enough, those who wait in vain, leases that have run out. */
void workers_tick(struct service *service, int64_t now_ms);
int64_t workers_next_ms(const struct service *service); /* 0: nothing is due */

#endif
