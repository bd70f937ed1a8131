/*
 * Asynchronous successive halving: promotes what is good without waiting for a rung to fill.
 */
#include "suggest/resource_settings.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    [MIN_RESOURCE] = { "min_resource", NUMBER(1, 0, INFINITY), "resource of the lowest rung" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_asha = {
    .name = "asha",
    .summary = "asynchronous successive halving: promotes what is good without waiting for a rung to fill",
    .settings = settings,
    .check = check_resource_settings,
};
