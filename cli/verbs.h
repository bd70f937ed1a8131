/*
 * The verbs of `hone`: one table that drives parsing, help and completion.
 *
 * To add a verb: write its file, add its row in verbs.c.
 */
#ifndef HONE_CLI_VERBS_H
#define HONE_CLI_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum option_id {
    OPTION_NAMESPACE,
    OPTION_DATABASE,
    OPTION_SERVER,
    OPTION_KEY,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_NO_COLOR,
    OPTION_HELP,
    N_GLOBAL_OPTIONS, /* those above are taken by every verb */
    OPTION_JSON = N_GLOBAL_OPTIONS,
    OPTION_OUTPUT,
    OPTION_WITH,
    OPTION_IMAGES,
    OPTION_NAME,
    OPTION_STRICT,
    OPTION_DETACH,
    OPTION_FOLLOW,
    OPTION_ROLE,
    OPTION_ATTEMPT,
    OPTION_MAX_TRIALS,
    OPTION_PARALLEL,
    OPTION_MAX_FAILED,
    OPTION_YES,
    OPTION_PURGE,
    OPTION_EVALUATOR,
    OPTION_OBJECTIVE,
    OPTION_LISTEN,
    OPTION_KEYS,
    OPTION_HTTP,
    OPTION_LOG_FORMAT,
    OPTION_ACCESS,
    OPTION_NAMESPACES,
    OPTION_FILE,
    OPTION_FOR,
    OPTION_TIMEOUT,
    OPTION_SINCE,
    OPTION_ATTACHED,
    OPTION_NO_EXEC,
    OPTION_WAIT,
    OPTION_LEASE,
    OPTION_STATE,
    OPTION_MESSAGE,
    N_OPTIONS
};

struct option_row {
    const char *name;     /* without the dashes */
    char letter;          /* 0: none */
    const char *argument; /* "FILE"; NULL: a flag */
    const char *help;
};
extern const struct option_row option_rows[N_OPTIONS];

enum argument_kind { ARGUMENT_NONE, ARGUMENT_FILE, ARGUMENT_EXPERIMENT, ARGUMENT_VERB, ARGUMENT_SHELL, ARGUMENT_FIELD };

struct command;

struct verb {
    const char *name;        /* NULL ends the table */
    const char *arguments;   /* "NAME [TRIAL]", for people */
    const char *summary;     /* one line */
    const char *details;     /* further lines of help; NULL: none */
    size_t least, most;      /* arguments */
    enum argument_kind kind; /* what completion offers for them */
    uint64_t options;        /* bits 1 << enum option_id beside the global ones */
    const char *formats;     /* of --output: "table|json|yaml"; the first is the default; NULL: it has no --output */
    bool is_hidden;
    /* An exit code, or a negative status whose message has not been printed. */
    int (*run)(const struct command *command);
};

/* All verbs, in the order of `hone help`, ended by zeros. */
extern const struct verb verbs[];
const struct verb *verb_find(const char *name); /* NULL: no such verb */

/* A parsed command line. Everything is borrowed from argv. */
struct command {
    const struct verb *verb; /* NULL: none was given */
    int argc;
    char **argv; /* as main got it */
    unsigned n_given[N_OPTIONS];
    const char *value[N_OPTIONS]; /* the last one given; NULL: none */
    size_t n_with;
    const char **with; /* every --with */
    size_t n_arguments;
    const char *const *arguments;
    bool wants_version; /* `hone --version` */
};

/* ERR_INVALID: what is wrong with it, the nearest name suggested. Release in either case. argv is reordered. */
int command_parse(int argc, char **argv, struct command *command);
void command_release(struct command *command);
/* The format asked for by --json, --output, or the verb's default: one of verb->formats. */
const char *command_format(const struct command *command);
bool verb_takes(const struct verb *verb, int option);

/* `hone help` (verb NULL) and `hone help VERB`. */
void help_write(const struct verb *verb, struct text *out);
/* The completion script for bash, zsh or fish. ERR_INVALID for another shell. */
int completion_write(const char *shell, struct text *out);

int help_run(const struct command *command);
int init_run(const struct command *command);
int run_run(const struct command *command);
int create_run(const struct command *command);
int wait_run(const struct command *command);
int events_run(const struct command *command);
int validate_run(const struct command *command);
int explain_run(const struct command *command);
int get_run(const struct command *command);
int describe_run(const struct command *command);
int trials_run(const struct command *command);
int best_run(const struct command *command);
int importance_run(const struct command *command);
int logs_run(const struct command *command);
int stop_run(const struct command *command);
int resume_run(const struct command *command);
int edit_run(const struct command *command);
int delete_run(const struct command *command);
int export_run(const struct command *command);
int backup_run(const struct command *command);
int version_run(const struct command *command);
int completion_run(const struct command *command);
int ask_run(const struct command *command);
int report_run(const struct command *command);
int tell_run(const struct command *command);
int retry_run(const struct command *command);
int import_run(const struct command *command);
int audit_run(const struct command *command);
int serve_run(const struct command *command);
int keygen_run(const struct command *command);
int conduct_run(const struct command *command);
int complete_run(const struct command *command);

#endif
