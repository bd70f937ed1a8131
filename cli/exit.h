/*
 * Exit codes of `hone`: what a script can tell apart.
 */
#ifndef HONE_CLI_EXIT_H
#define HONE_CLI_EXIT_H

enum exit_code {
    EXIT_DONE = 0,
    EXIT_OTHER = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,
    EXIT_CONFLICT = 4,
    EXIT_UNREACHABLE = 5,
    EXIT_DENIED = 6,
    EXIT_INVALID = 7,           /* the Experiment file is wrong; every fault is on stderr */
    EXIT_EXPERIMENT_FAILED = 8, /* waited, and the experiment did not succeed */
    EXIT_INTERRUPTED = 130,
};

/* Of a code of base/status.h; 0 and above is EXIT_DONE. */
enum exit_code exit_of_status(int status);

#endif
