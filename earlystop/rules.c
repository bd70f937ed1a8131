/*
 * The table of early-stopping rules.
 *
 * In this build they are known by name with their settings; what judges comes with its own file.
 */
#include "earlystop/rule.h"

#include <math.h>

#include "base/text.h"

static const struct setting medianstop_settings[] = {
    { "min_trials_required", INTEGER(3, 1, INFINITY), "finished trials before the rule judges" },
    { "start_step", INTEGER(4, 1, INFINITY), "reports of a trial before it is judged" },
    { 0 },
};

static const struct setting percentile_settings[] = {
    { "percentile", NUMBER(25, 0, 100), "a trial that is not among the best so many percent stops" },
    { "min_trials_required", INTEGER(3, 1, INFINITY), "finished trials before the rule judges" },
    { "start_step", INTEGER(4, 1, INFINITY), "reports of a trial before it is judged" },
    { 0 },
};

static const struct setting threshold_settings[] = {
    { "lower", NULLABLE_NUMBER(NAN, -INFINITY, INFINITY), "a trial below it stops" },
    { "upper", NULLABLE_NUMBER(NAN, -INFINITY, INFINITY), "a trial above it stops" },
    { "start_step", INTEGER(1, 1, INFINITY), "reports of a trial before it is judged" },
    { 0 },
};

static const struct setting patient_settings[] = {
    { "patience", REQUIRED_INTEGER(1, INFINITY), "reports without progress after which a trial stops" },
    { "min_delta", NUMBER(0, 0, INFINITY), "what counts as progress" },
    { 0 },
};

static const struct setting wilcoxon_settings[] = {
    { "p_threshold", NUMBER(0.1, 0, 1), "stops when the signed-rank test against the best trial is below it" },
    { "start_step", INTEGER(2, 1, INFINITY), "paired reports before a trial is judged" },
    { 0 },
};

static const struct setting curve_settings[] = {
    { "start_step", INTEGER(6, 1, INFINITY), "reports of a trial before its curve is extrapolated" },
    { 0 },
};

static const struct setting rung_settings[] = {
    { "eta", NUMBER(3, 1 + 1e-6, INFINITY), "one trial in eta goes beyond a rung" },
    { "min_resource", NUMBER(1, 0, INFINITY), "step of the lowest rung" },
    { 0 },
};

static const struct setting hyperband_settings[] = {
    { "eta", NUMBER(3, 1 + 1e-6, INFINITY), "one trial in eta goes beyond a rung" },
    { "min_resource", NUMBER(1, 0, INFINITY), "step of the lowest rung" },
    { "max_resource", REQUIRED_NUMBER(0, INFINITY), "step at which a trial is complete" },
    { 0 },
};

static const struct earlystop_rule medianstop = {
    .name = "medianstop",
    .summary = "stops a trial whose best value is worse than the median of the others' running averages",
    .settings = medianstop_settings,
};

static const struct earlystop_rule percentile = {
    .name = "percentile",
    .summary = "stops a trial that is not among the best share at its step",
    .settings = percentile_settings,
};

static const struct earlystop_rule threshold = {
    .name = "threshold",
    .summary = "stops a trial whose value leaves a range",
    .settings = threshold_settings,
};

static const struct earlystop_rule patient = {
    .name = "patient",
    .summary = "stops a trial that makes no progress for a while",
    .settings = patient_settings,
};

static const struct earlystop_rule wilcoxon = {
    .name = "wilcoxon",
    .summary = "stops a trial that is surely worse than the best one, fold by fold",
    .settings = wilcoxon_settings,
};

static const struct earlystop_rule curve = {
    .name = "curve",
    .summary = "stops a trial whose extrapolated curve does not reach the best",
    .settings = curve_settings,
};

static const struct earlystop_rule asha = {
    .name = "asha",
    .summary = "asynchronous successive halving: only the best share goes beyond a rung",
    .settings = rung_settings,
};

static const struct earlystop_rule hyperband = {
    .name = "hyperband",
    .summary = "brackets of successive halving, each with another lowest rung",
    .settings = hyperband_settings,
};

const struct earlystop_rule *const earlystop_rules[] = {
    &medianstop, &percentile, &threshold, &patient, &wilcoxon, &curve, &asha, &hyperband, NULL,
};

enum { N_ROWS = sizeof earlystop_rules / sizeof earlystop_rules[0] };

const struct earlystop_rule *earlystop_rule_find(const char *name, const char **nearest)
{
    const char *names[N_ROWS] = { NULL };

    if (nearest != NULL)
        *nearest = NULL;
    for (size_t i = 0; earlystop_rules[i] != NULL; i++) {
        if (text_equal(earlystop_rules[i]->name, name))
            return earlystop_rules[i];
        names[i] = earlystop_rules[i]->name;
    }
    if (nearest != NULL && name != NULL)
        *nearest = text_nearest(name, names);
    return NULL;
}
