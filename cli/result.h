/*
 * What `hone run` says at the end: the best trials, the best parameters, and why trials failed.
 */
#ifndef HONE_CLI_RESULT_H
#define HONE_CLI_RESULT_H

#include "cli/session.h"

/* Table of the best trials and the best parameters on stdout, failures on stderr. experiment: node as in docs/json.md. */
int result_print(struct session *session, const struct target *target, const struct node *experiment);
/* The best trial's parameters, one a line, and the Pareto set of several objectives, on stdout. */
void result_print_best(const struct node *experiment);
/* Reason, attempts and last lines of output of a trial (with attempts), on file. */
void result_print_failure(FILE *file, const struct node *trial);
/* Why there is no best trial, in the arena. */
const char *result_absent(const struct node *experiment, struct arena *arena);
/* Its objectives: "loss = 0.1, size = 3". In the arena. */
const char *result_objectives(const struct node *trial, struct arena *arena);
/* {experiment, trial, objective, assignments, ...: docs/json.md} of the best trial; NULL: there is none. */
struct node *result_best(const struct node *experiment, struct arena *arena);
/* EXIT_DONE or EXIT_EXPERIMENT_FAILED by the experiment's state. */
enum exit_code result_exit(const struct node *experiment);

#endif
