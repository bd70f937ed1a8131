/*
 * What `hone run` says at the end: the best trials, the best parameters, and why trials failed.
 */
#ifndef HONE_CLI_RESULT_H
#define HONE_CLI_RESULT_H

#include "cli/session.h"

/* Table of the best trials and the best parameters on stdout, failures on stderr. experiment: node as in docs/json.md. */
int result_print(struct session *session, const struct target *target, const struct node *experiment);
/* The best trial's parameters, one a line, on stdout. */
void result_print_best(const struct node *experiment);
/* Reason, attempts and last lines of output of a trial (with attempts), on file. */
void result_print_failure(FILE *file, const struct node *trial);
/* {experiment, trial, objective, assignments} of the best trial; NULL: there is none. */
struct node *result_best(const struct node *experiment, struct arena *arena);
/* EXIT_DONE or EXIT_EXPERIMENT_FAILED by the experiment's state. */
enum exit_code result_exit(const struct node *experiment);

#endif
