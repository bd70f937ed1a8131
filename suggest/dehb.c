/*
 * Hyperband whose new configurations come from differential evolution.
 */
#include "suggest/resource_settings.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_dehb = {
    .name = "dehb",
    .summary = "Hyperband whose new configurations come from differential evolution",
    .settings = settings,
    .check = check_resource_settings,
};
