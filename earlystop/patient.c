/*
 * The patient rule: stop a trial that has not improved on its own best for so many reports.
 */
#include "earlystop/entries.h"

enum { PATIENCE, MIN_DELTA };

static const struct setting settings[] = {
    [PATIENCE] = { "patience", REQUIRED_INTEGER(1, INFINITY), "reports without progress after which a trial stops" },
    [MIN_DELTA] = { "min_delta", NUMBER(0, 0, INFINITY), "an improvement of no more than this is none" },
    { 0 },
};

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    const struct curve *own = question->own;
    size_t patience = (size_t)fmin(values[PATIENCE].number, 1e15);

    if (own->n <= patience)
        return false;
    double before = own->best[own->n - 1 - patience], now = own->best[own->n - 1];
    if (!isnan(now) && (isnan(before) || now < before - values[MIN_DELTA].number))
        return false;
    snprintf(why, EARLYSTOP_WHY_SIZE, "no progress in %zu reports: best so far %g at step %g", patience,
             shown(question, now), judged_step(question));
    return true;
}

const struct earlystop_rule earlystop_patient = {
    .name = "patient",
    .summary = "stops a trial that makes no progress for a while",
    .settings = settings,
    .judge = judge,
};
