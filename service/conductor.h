/*
 * Conducts experiments: what happened goes through the lifecycle, and what it asks for is done.
 */
#ifndef HONE_SERVICE_CONDUCTOR_H
#define HONE_SERVICE_CONDUCTOR_H

#include "experiment/lifecycle.h"
#include "service/live.h"

/* Tell the experiment's lifecycle, and do what follows. Texts are copied if they must wait. */
void conductor_fact(struct service *service, struct live *live, const struct fact *fact);
/* Does this build know all that it uses? ERR_UNSUPPORTED names what is missing. */
int conductor_check_build(const struct spec *spec);
/* ERR_UNSUPPORTED names what it uses and this build lacks; ERR_DENIED: this service starts no commands. */
int conductor_check(const struct service *service, const struct spec *spec);
/* Begin to conduct: replay its history into a study, FACT_CLAIMED. ERR_UNSUPPORTED names what this build lacks. */
int conductor_claim(struct service *service, struct live *live);
void conductor_tick(struct service *service, int64_t now_us);
int64_t conductor_next_us(const struct service *service); /* 0: no timer */

#endif
