/*
 * One step of successive halving, for the rules whose rungs are steps.
 */
#ifndef HONE_EARLYSTOP_HALVING_H
#define HONE_EARLYSTOP_HALVING_H

#include "earlystop/rule.h"

/* Which of the others are compared with: those of the same bracket. */
typedef bool halving_peer(const struct earlystop_question *question, const struct setting_value *values,
                          int64_t number);

/* Has the last report brought the trial to a rung (lowest eta^k, the step at or past it), and is it not among the best one in
   eta that have come there? NAN never is. peer NULL: all are compared with. */
bool halving_stops(const struct earlystop_question *question, double lowest, double eta,
                   const struct setting_value *values, halving_peer *peer, char *why);

#endif
