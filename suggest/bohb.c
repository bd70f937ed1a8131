/*
 * Hyperband whose new configurations come from a density model.
 */
#include "suggest/resource_settings.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_bohb = {
    .name = "bohb",
    .summary = "Hyperband whose new configurations come from a density model",
    .settings = settings,
    .check = check_resource_settings,
};
