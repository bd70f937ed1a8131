/*
 * One search: a method, its history, and the promise that no point comes twice.
 *
 * Not thread-safe: one thread at a time. Deterministic: seed, trial number and the recorded history (order of finishing,
 * and which trials run) decide the answer, so a study rebuilt from the database goes on as if it had never stopped.
 */
#ifndef HONE_SUGGEST_STUDY_H
#define HONE_SUGGEST_STUDY_H

#include "suggest/method.h"

struct study;

/* problem->space must outlive the study; values (one a settings row) are copied, so the method may keep what it is given. A
   random_state among them that is given takes the place of seed. */
struct study *study_create(const struct suggest_problem *problem, const struct suggest_method *method,
                           const struct setting_value *values, uint64_t seed);
void study_destroy(struct study *study);

/* Ask for trial number, which must not run yet: values (space->n) and out->{resource, parent, why} are filled, and out->x
   unless it is NULL (the coordinates of values, NAN where inactive). The parameter that a setting resource_name names takes
   the resource as its value, even beyond its feasibleSpace, as in Katib. The trial is running from then on. A point that is
   finished or running is asked for again with another draw, then replaced: in a finite space by the first free one from a
   random start, else by a random one. 0, SUGGEST_EXHAUSTED, or ERR_NUMERIC. */
int study_ask(struct study *study, int64_t number, double *values, struct suggestion *out);
/* A trial that was handed out before this study was built (replay), or by other means. */
void study_start(struct study *study, int64_t number, const double *values, double resource, int64_t parent);
void study_finish(struct study *study, int64_t number, const double *values, enum outcome outcome, const double *loss,
                  const double *violation);

const struct history *study_history(const struct study *study);

#endif
