/*
 * What an experiment has seen, here and elsewhere, for methods and models to learn from.
 */
#ifndef HONE_SERVICE_PAST_H
#define HONE_SERVICE_PAST_H

#include "service/live.h"
#include "suggest/history.h"

/* Trials of elsewhere (numbers below 0), finished trials in their order, then what runs, into an empty history over a space like the
   experiment's. */
void past_fill(const struct live *live, struct history *history);
enum outcome past_outcome(const struct trial *trial);
/* (OBJECTIVES_LIMIT) of a finished trial: as merit_losses, but of one that was stopped early those of its last reports. */
void past_losses(const struct experiment *experiment, const struct trial *trial, double *losses);
/* The seed of the file, or one that stays with the experiment: its uid's. */
uint64_t past_seed(const struct live *live);

/* Remap the trials that spec.hone.warmStart names into live->warm; what became of them, one source a line. ERR_NOT_FOUND and
   ERR_INVALID name the source. */
int warm_gather(struct service *service, struct live *live, struct text *lines);

#endif
