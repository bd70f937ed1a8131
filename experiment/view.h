/*
 * Experiments and trials as people and programs see them: trees for --json, tables and Katib's own status.
 */
#ifndef HONE_EXPERIMENT_VIEW_H
#define HONE_EXPERIMENT_VIEW_H

#include "experiment/experiment.h"

/* Keys: docs/json.md. A summary leaves out conditions and spec. */
struct node *view_experiment(const struct experiment *experiment, bool summary, struct arena *arena);
struct node *view_trial(const struct experiment *experiment, const struct trial *trial, struct arena *arena);
/* The Experiment as spec_to_node gives it, with the budget as edited. */
struct node *view_document(const struct experiment *experiment, struct arena *arena);
/* The Experiment with .status exactly as katib.md 5.1 (defaults filled in, uid, creationTimestamp). */
struct node *view_katib_experiment(const struct experiment *experiment, struct arena *arena);
/* A Trial resource with .spec and .status as katib.md 5.2. */
struct node *view_katib_trial(const struct experiment *experiment, const struct trial *trial, struct arena *arena);

#endif
