/*
 * Hyperband whose new configurations come from differential evolution.
 */
#include "suggest/resource_settings.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    [MIN_RESOURCE] = { "min_resource", NUMBER(1, 0, INFINITY), "resource of the lowest rung" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_dehb = {
    .name = "dehb",
    .summary = "Hyperband whose new configurations come from differential evolution",
    .settings = settings,
    .check = check_resource_settings,
};
