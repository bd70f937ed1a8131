/*
 * An experiment and its study: what is asked, told and answered between them.
 */
#ifndef HONE_SERVICE_INQUIRY_H
#define HONE_SERVICE_INQUIRY_H

#include "service/live.h"
#include "service/mailbox.h"

/* Its study as it was, if it has none yet: all that has finished is replayed. */
void inquiry_open(struct service *service, struct live *live);
/* The point of that trial; FACT_SUGGESTED, FACT_EXHAUSTED or FACT_SUGGEST_FAILED follows. */
void inquiry_ask(struct service *service, struct live *live, int64_t number);
/* That trial has finished; with stopAfterNoProgress, FACT_STALLED may follow. */
void inquiry_tell(struct live *live, const struct trial *trial);
/* Find the likely best of a noisy experiment; experiment_considered follows. */
void inquiry_find_likely(struct service *service, struct live *live);

void inquiry_answered(struct service *service, struct letter *letter);   /* search_answer */
void inquiry_considered(struct service *service, struct letter *letter); /* search_opinion */

#endif
