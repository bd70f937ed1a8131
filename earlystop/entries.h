/*
 * What the rules' own files share with the table: their entries, and how they speak of values.
 */
#ifndef HONE_EARLYSTOP_ENTRIES_H
#define HONE_EARLYSTOP_ENTRIES_H

#include <math.h>
#include <stdio.h>

#include "earlystop/rule.h"

/* The metric's own value of a loss, for the reason. */
static inline double shown(const struct earlystop_question *question, double loss)
{
    return question->is_maximized ? -loss : loss;
}

/* Step of the report that is judged. */
static inline double judged_step(const struct earlystop_question *question)
{
    return question->own->step[question->own->n - 1];
}

extern const struct earlystop_rule earlystop_medianstop, earlystop_percentile, earlystop_threshold, earlystop_patient,
    earlystop_wilcoxon, earlystop_curve, earlystop_asha, earlystop_hyperband;

#endif
