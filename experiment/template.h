/*
 * trialTemplate -> manifest of one trial: ${trialParameters.X} and trial metadata put in place.
 *
 * Placeholders are replaced inside the texts of the tree, never in serialised JSON or YAML, so a value cannot break out.
 * A whole plain scalar that is a placeholder in a ConfigMap's template becomes the number it holds, as in Katib.
 */
#ifndef HONE_EXPERIMENT_TEMPLATE_H
#define HONE_EXPERIMENT_TEMPLATE_H

#include "experiment/spec.h"

struct trial_identity {
    const char *name, *namespace;
};

/* Note placeholders without a trial parameter, trial parameters without a placeholder, references to nothing, search parameters
   that nothing refers to, and placeholders of conditional parameters where they cannot be left out. file and template_path are
   those of spec.trialTemplate; manifest_file and manifest_path those of the manifest (elsewhere with a ConfigMap). */
void template_check(const struct spec *spec, const char *file, const char *template_path, const char *manifest_file,
                    const char *manifest_path, struct faults *faults);

enum { TEMPLATE_SIZE_LIMIT = 16 << 20 }; /* bytes of text in a rendered manifest */

/* assignments: texts by assignment.h (NULL for an inactive parameter). An item of a list `args` or `command`, or of
   `env`, that holds the placeholder of an inactive parameter is left out. ERR_INVALID when a placeholder has no value or two keys become one, ERR_LIMIT past TEMPLATE_SIZE_LIMIT. */
int template_render(const struct spec *spec, const struct trial_identity *identity, const char *const *assignments,
                    struct arena *arena, struct node **manifest);

#endif
