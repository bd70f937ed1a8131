/*
 * Asynchronous successive halving: rungs at min_resource eta^k steps, and only the best one in eta goes beyond each.
 */
#include "earlystop/entries.h"
#include "earlystop/halving.h"

enum { ETA, MIN_RESOURCE };

static const struct setting settings[] = {
    [ETA] = { "eta", NUMBER(3, 1 + 1e-6, INFINITY), "one trial in eta goes beyond a rung" },
    [MIN_RESOURCE] = { "min_resource", NUMBER(1, 1e-9, INFINITY), "step of the lowest rung" },
    { 0 },
};

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    return halving_stops(question, values[MIN_RESOURCE].number, values[ETA].number, values, NULL, why);
}

const struct earlystop_rule earlystop_asha = {
    .name = "asha",
    .summary = "asynchronous successive halving: only the best share goes beyond a rung",
    .settings = settings,
    .judge = judge,
};
