/*
 * Early stopping as the loop sees it: reports go to the experiment's jury, its verdicts into the lifecycle.
 */
#ifndef HONE_SERVICE_STOPPING_H
#define HONE_SERVICE_STOPPING_H

#include "db/observations.h"
#include "service/live.h"
#include "service/mailbox.h"

/* The jury of an experiment with earlyStopping, if it has none yet, with all curves that are stored. */
int stopping_open(struct service *service, struct live *live);
/* These reports of a trial's last attempt count from now on. */
void stopping_reported(struct live *live, const struct trial *trial, const struct observation_row *rows, size_t n);
/* Post the letter when what was reported so far has been judged. */
void stopping_follow(struct service *service, struct live *live, struct letter *letter);
void stopping_finished(struct live *live, const struct trial *trial);
void stopping_decided(struct service *service, struct letter *letter); /* verdict */

#endif
