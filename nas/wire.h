/*
 * What trials of architecture search are given, in the very words of Katib: json.dumps with ' for ".
 */
#ifndef HONE_NAS_WIRE_H
#define HONE_NAS_WIRE_H

#include "base/setting.h"
#include "base/text.h"
#include "nas/choices.h"
#include "nas/genotype.h"

/* enas: nn_config of that architecture ({'num_layers': ...}); `architecture` itself is macro_print. */
void wire_nn_config(const struct node *nas_config, const struct nas_choices *choices, const struct macro *macro,
                    struct text *out);
/* darts: search-space, ['max_pooling_3x3', ...]. */
void wire_search_space(const struct node *nas_config, struct text *out);
/* darts: algorithm-settings, one a row of defaults, then those without a row; given (NULL: none) is the list of {name, value}. */
void wire_settings(const struct setting *defaults, const struct node *given, struct text *out);

#endif
