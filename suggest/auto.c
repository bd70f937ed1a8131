/*
 * The method that chooses the method.
 */
#include "suggest/entries.h"

static const struct setting settings[] = {
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_auto = {
    .name = "auto",
    .summary = "chooses the method from the space, the budget and what was seen",
    .settings = settings,
    .check = check_parameters,
};
