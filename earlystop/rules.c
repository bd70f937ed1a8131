/*
 * The table of early-stopping rules.
 */
#include "base/text.h"
#include "earlystop/entries.h"

const struct earlystop_rule *const earlystop_rules[] = {
    &earlystop_medianstop, &earlystop_percentile, &earlystop_threshold,
    &earlystop_patient,    &earlystop_wilcoxon,   &earlystop_curve,
    &earlystop_asha,       &earlystop_hyperband,  NULL,
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
