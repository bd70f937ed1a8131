/*
 * Trials as a table: name, number, state, every metric, every parameter, time.
 */
#ifndef HONE_CLI_TRIAL_TABLE_H
#define HONE_CLI_TRIAL_TABLE_H

#include "cli/output.h"

/* Trials (nodes as in docs/json.md) in the order given. exact: numbers with all their digits. */
void trial_table_fill(const struct node *const *trials, size_t n, bool exact, struct table *table);
/* Katib's export: Status, trialName, the metrics, the parameters; values by each metric's strategy. */
void trial_table_fill_katib(const struct node *const *trials, size_t n, struct table *table);
/* Which constraints a trial does not keep: `latency 7 is above 5`, `size is unknown`, joined by commas; "" when it keeps them all,
   NULL when there are none or it has not ended well. In the arena. */
const char *trial_infeasible(const struct node *trial, struct arena *arena);
/* The trials that have an objective and keep every constraint, best first; newly allocated, *n of them. */
const struct node **trial_table_rank(const struct node *trials, bool maximize, size_t *n);

#endif
