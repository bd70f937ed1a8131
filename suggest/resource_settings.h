/*
 * The settings that hyperband, asha, bohb and dehb share: how much of a resource a trial gets.
 */
#ifndef HONE_SUGGEST_RESOURCE_SETTINGS_H
#define HONE_SUGGEST_RESOURCE_SETTINGS_H

#include "suggest/entries.h"

enum { ETA, R_L, RESOURCE_NAME, MIN_RESOURCE };

#define RUNG_SETTINGS                                                                                                 \
    [ETA] = { "eta", NUMBER(3, -INFINITY, INFINITY), "one in eta goes on, to eta times the resource; 0 or less: 3" }, \
    [R_L] = { "r_l", NUMBER(NAN, -INFINITY, INFINITY), "largest resource of a trial, above 0; required" },            \
    [RESOURCE_NAME] = { "resource_name", TEXT(NULL), "the parameter that takes the resource (epochs, say); required" }

/* What Katib requires is checked here, not by its row, so that the complaint is Katib's. */
const char *check_resource_settings(const struct suggest_problem *problem, const struct setting_value *values,
                                    struct arena *arena);

#endif
