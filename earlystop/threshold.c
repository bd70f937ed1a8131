/*
 * The threshold rule: stop a trial whose value leaves a range or is no number.
 */
#include "earlystop/entries.h"

enum { LOWER, UPPER, START_STEP };

static const struct setting settings[] = {
    [LOWER] = { "lower", NULLABLE_NUMBER(NAN, -INFINITY, INFINITY), "a trial below it stops" },
    [UPPER] = { "upper", NULLABLE_NUMBER(NAN, -INFINITY, INFINITY), "a trial above it stops" },
    [START_STEP] = { "start_step", INTEGER(1, 1, INFINITY), "reports of a trial before it is judged" },
    { 0 },
};

static const char *check(const struct setting_value *values)
{
    if (isnan(values[LOWER].number) && isnan(values[UPPER].number))
        return "threshold needs lower, upper or both";
    if (values[LOWER].number > values[UPPER].number)
        return "lower must not be above upper";
    return NULL;
}

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    const struct curve *own = question->own;
    double value = shown(question, own->loss[own->n - 1]), lower = values[LOWER].number, upper = values[UPPER].number;

    if (own->n < (size_t)values[START_STEP].number)
        return false;
    if (isnan(value))
        snprintf(why, EARLYSTOP_WHY_SIZE, "the report at step %g is not a number", judged_step(question));
    else if (value < lower)
        snprintf(why, EARLYSTOP_WHY_SIZE, "%g at step %g is below %g", value, judged_step(question), lower);
    else if (value > upper)
        snprintf(why, EARLYSTOP_WHY_SIZE, "%g at step %g is above %g", value, judged_step(question), upper);
    else
        return false;
    return true;
}

const struct earlystop_rule earlystop_threshold = {
    .name = "threshold",
    .summary = "stops a trial whose value leaves a range",
    .settings = settings,
    .check = check,
    .judge = judge,
};
