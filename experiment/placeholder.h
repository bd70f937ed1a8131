/*
 * ${trialParameters.NAME} in texts, and ${trialSpec.WHAT} in references. Of this room only.
 */
#ifndef HONE_EXPERIMENT_PLACEHOLDER_H
#define HONE_EXPERIMENT_PLACEHOLDER_H

#include "experiment/spec.h"

struct placeholder {
    const char *start, *end; /* in the text: its dollar sign, and behind its brace */
    const char *name;        /* length bytes, not NUL-ended */
    size_t length;
};

/* The first placeholder at or behind text; false: none. */
bool placeholder_find(const char *text, struct placeholder *placeholder);
/* Index among the trial parameters of the template; n_parameters: none of that name. */
size_t placeholder_parameter(const struct trial_template *template, const struct placeholder *placeholder);

enum reference_kind {
    REFERENCE_PARAMETER,
    REFERENCE_NAME,
    REFERENCE_NAMESPACE,
    REFERENCE_KIND,
    REFERENCE_API_VERSION,
    REFERENCE_ANNOTATION,
    REFERENCE_LABEL,
    REFERENCE_UNKNOWN, /* ${trialSpec.other} */
};

/* What a trialParameters[].reference means; key (in the arena) of annotations and labels. */
enum reference_kind reference_parse(const char *reference, struct arena *arena, const char **key);

/* Members of these lists are left out when a placeholder in them has no value. */
bool placeholder_list_drops(const char *key);

#endif
