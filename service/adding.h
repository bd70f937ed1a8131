/*
 * Trials that clients add: points to try next, and trials that were done elsewhere.
 */
#ifndef HONE_SERVICE_ADDING_H
#define HONE_SERVICE_ADDING_H

#include "service/call.h"

/* {trials: [{values, state?, metrics?, message?, notes?}], token?}: answered {numbers} when stored. The same token again adds nothing. */
int adding_call(struct service *service, struct call *call);
/* Those that waited until nothing was being asked for. */
void adding_serve(struct service *service, struct live *live);
/* The experiment's space has grown. */
void adding_widen(struct live *live, size_t n_old, size_t n_new);
void adding_release(struct live *live);

#endif
