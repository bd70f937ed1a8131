/*
 * Clearing up after an agent that was killed: what is left of its roles dies.
 */
#ifndef HONE_TRIALRUNNER_AGENT_RECOVER_H
#define HONE_TRIALRUNNER_AGENT_RECOVER_H

/* Kill everything that carries the attempt's tag or stands in `started`; returns when it is dead. *wall_s: how long the attempt ran,
   as far as its files tell. */
void recover_clear_up(const char *directory, double *wall_s);

#endif
