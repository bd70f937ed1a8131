/*
 * What changes goes to the writer; whoever must know that it is on disk is called.
 */
#ifndef HONE_SERVICE_STORE_H
#define HONE_SERVICE_STORE_H

#include "db/events.h"
#include "service/live.h"

/* Called on the loop's thread when the write is on disk (status 0) or has failed. service is NULL when the service has ended:
   only free the owner. */
typedef void stored_function(struct service *service, void *owner, int status, const char *message);

void store_experiment(struct service *service, struct live *live);
void store_trial(struct service *service, struct live *live, const struct trial *trial);
void store_event(struct service *service, const struct live *live, int64_t trial, int kind, const char *detail);
/* Call stored(owner) when all that was queued for the experiment before is on disk, or ERR_IO when it is not. */
void store_barrier(struct service *service, const struct live *live, stored_function *stored, void *owner);
/* Wait until all that is queued, and what follows from it, is on disk or has failed. */
void store_flush(struct service *service);
void store_completed(struct service *service);  /* when the writer's descriptor is readable */
void store_retry_soon(struct service *service); /* store_again is due in a second */
void store_again(struct service *service);      /* after a failed write: everything that is marked */
/* The trial and its running attempt with its key. */
void store_attempt(struct service *service, struct live *live, const struct trial *trial,
                   const struct pursuit *pursuit);

#endif
