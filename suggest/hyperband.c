/*
 * Brackets of successive halving.
 */
#include "suggest/resource_settings.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    { 0 },
};

const struct suggest_method suggest_hyperband = {
    .name = "hyperband",
    .summary = "brackets of successive halving",
    .settings = settings,
    .check = check_resource_settings,
    .any_setting = true,
};
