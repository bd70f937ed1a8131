/*
 * The settings that hyperband, asha, bohb and dehb share: how much of a resource a trial gets.
 *
 * The parameter that resource_name names takes the trial's resource as its value (study.h). Its feasibleSpace holds all of
 * them, or is a single value: a placeholder, as in Katib's example, which bounds nothing.
 */
#ifndef HONE_SUGGEST_RESOURCE_SETTINGS_H
#define HONE_SUGGEST_RESOURCE_SETTINGS_H

#include "base/rungs.h"
#include "suggest/entries.h"

enum { ETA, R_L, RESOURCE_NAME, MIN_RESOURCE };

#define RUNG_SETTINGS                                                                                                 \
    [ETA] = { "eta", NUMBER(3, -INFINITY, INFINITY), "one in eta goes on, to eta times the resource; 0 or less: 3" }, \
    [R_L] = { "r_l", NUMBER(NAN, -INFINITY, INFINITY), "largest resource of a trial, above 0; required" },            \
    [RESOURCE_NAME] = { "resource_name", TEXT(NULL),                                                                  \
                        "the parameter that takes the resource (epochs, say); required" },                            \
    [MIN_RESOURCE] = { "min_resource", NUMBER(NAN, -INFINITY, INFINITY), "resource of the lowest rung; at most r_l" }

/* What the trials of one experiment climb. */
struct resource {
    size_t parameter;   /* index of the one that takes the resource */
    double n_points;    /* configurations: points of the space without that parameter; INFINITY if any is continuous */
    struct rungs rungs; /* their levels */
};

/* What Katib requires is checked here, not by its row, so that the complaint is Katib's. */
const char *check_resource_settings(const struct suggest_problem *problem, const struct setting_value *values,
                                    struct arena *arena);
/* Of settings that were checked. min_resource is by default 1, or r_l where that is less, or what the parameter's range begins with. */
struct resource read_resource_settings(const struct suggest_problem *problem, const struct setting_value *values);

#endif
