/*
 * The table of verbs and the table of their options.
 */
#include "cli/verbs.h"

#define BIT(option) (UINT64_C(1) << (option))

const struct option_row option_rows[N_OPTIONS] = {
    [OPTION_NAMESPACE] = { "namespace", 'n', "NAMESPACE", "namespace of the experiments (default: default)" },
    [OPTION_DATABASE] = { "db", 0, "FILE",
                          "the database (default: $HONE_DB, else hone/hone.db under $XDG_STATE_HOME)" },
    [OPTION_SERVER] = { "server", 0, "ADDRESS",
                        "a service elsewhere in place of the database: tcp://HOST:PORT (default: $HONE_SERVER)" },
    [OPTION_KEY] = { "key", 0, "FILE", "the key for --server, of hone keygen (default: $HONE_KEY)" },
    [OPTION_QUIET] = { "quiet", 'q', NULL, "no progress and no remarks, only results and errors" },
    [OPTION_VERBOSE] = { "verbose", 'v', NULL, "log events on stderr; twice for more" },
    [OPTION_NO_COLOR] = { "no-color", 0, NULL, "no colours" },
    [OPTION_HELP] = { "help", 'h', NULL, "this help" },
    [OPTION_JSON] = { "json", 0, NULL, "results as JSON with stable keys" },
    [OPTION_OUTPUT] = { "output", 'o', "FORMAT", "format of the result" },
    [OPTION_WITH] = { "with", 0, "FILE", "further documents: ConfigMaps and Secrets (may be repeated)" },
    [OPTION_IMAGES] = { "images", 0, "FILE", "the image map (default: images.yaml beside the experiment's file)" },
    [OPTION_NAME] = { "name", 0, "NAME", "only the experiment of this name, if the file holds several" },
    [OPTION_STRICT] = { "strict", 0, NULL, "treat warnings as errors" },
    [OPTION_DETACH] = { "detach", 'd', NULL, "work in the background and return at once" },
    [OPTION_FOLLOW] = { "follow", 'f', NULL, "go on as more comes" },
    [OPTION_ROLE] = { "role", 0, "ROLE", "output of this role (default: the first)" },
    [OPTION_ATTEMPT] = { "attempt", 0, "N", "output of this attempt (default: the last)" },
    [OPTION_MAX_TRIALS] = { "max-trials", 0, "N", "new maxTrialCount" },
    [OPTION_PARALLEL] = { "parallel", 0, "N", "new parallelTrialCount" },
    [OPTION_MAX_FAILED] = { "max-failed", 0, "N", "new maxFailedTrialCount" },
    [OPTION_YES] = { "yes", 'y', NULL, "do not ask" },
    [OPTION_PURGE] = { "purge", 0, NULL, "forget its points and costs too, which later searches could learn from" },
    [OPTION_EVALUATOR] = { "evaluator", 0, "NAME",
                           "how: fanova (what explains the variance; the default) or ped-anova" },
    [OPTION_OBJECTIVE] = { "objective", 0, "METRIC", "for this objective (default: all together)" },
    [OPTION_LISTEN] = { "listen", 0, "ADDRESS", "listen for clients with keys: tcp://HOST:PORT" },
    [OPTION_KEYS] = { "keys", 0, "DIRECTORY", "the service's keys (default: keys beside the database)" },
    [OPTION_HTTP] = { "http", 0, "[HOST:]PORT", "answer GET /metrics, /healthz and /readyz (HOST: 127.0.0.1)" },
    [OPTION_LOG_FORMAT] = { "log-format", 0, "FORMAT", "of events on stderr: text (the default) or json" },
    [OPTION_ACCESS] = { "access", 0, "ROLE", "viewer, worker (the default), editor or admin" },
    [OPTION_FILE] = { "file", 'f', "FILE", "the experiments' file (- is standard input)" },
    [OPTION_FOR] = { "for", 0, "CONDITION",
                     "what to wait for: finished (the default), or Running, Succeeded, Failed, Stopped" },
    [OPTION_TIMEOUT] = { "timeout", 0, "SECONDS", "give up after so long (default: never)" },
    [OPTION_SINCE] = { "since", 0, "N", "only entries after this number" },
    [OPTION_NO_EXEC] = { "no-exec", 0, NULL, "start no commands: only experiments whose trials clients run" },
    [OPTION_ATTACHED] = { "attached", 0, NULL,
                          "end when standard input does: for a program that starts the service for itself" },
    [OPTION_WAIT] = { "wait", 0, "SECONDS", "how long to wait for a trial (default: 10)" },
    [OPTION_LEASE] = { "lease", 0, "SECONDS", "how long the trial stays yours without a word of you (default: 60)" },
    [OPTION_STATE] = { "state", 0, "STATE", "complete (the default), failed, infeasible, pruned or stopped" },
    [OPTION_MESSAGE] = { "message", 0, "TEXT", "why, for whoever looks at the trial" },
    [OPTION_NAMESPACES] = { "namespaces", 0, "A,B", "only these namespaces (default: all)" },
};

#define TARGET_HELP                                                                                            \
    "NAME is an experiment, TRIAL one of its trials by name or number. A trial's full name alone is enough.\n" \
    "A name may be written NAMESPACE/NAME; without a namespace the only experiment of that name is taken.\n"

const struct verb verbs[] = {
    { "init", "[FILE]", "write a commented Experiment file to start from",
      "FILE is experiment.yaml unless given, - is standard output. An existing file is never overwritten.\n", 0, 1,
      ARGUMENT_FILE, BIT(OPTION_JSON), NULL, false, init_run },
    { "run", "FILE", "run the experiments of a file and wait for the best trial",
      "FILE is a Katib Experiment (- is standard input). A database that knows the experiment goes on with it.\n"
      "Ctrl-C stops the running trials, to be repeated by the same command later; a second one leaves at once.\n",
      1, 1, ARGUMENT_FILE,
      BIT(OPTION_WITH) | BIT(OPTION_IMAGES) | BIT(OPTION_NAME) | BIT(OPTION_STRICT) | BIT(OPTION_DETACH) |
          BIT(OPTION_JSON),
      NULL, false, run_run },
    { "create", "[-f] FILE", "hand the experiments of a file to the service and return",
      "As run does, without waiting. Where no service runs they are stored until one does.\n", 0, 1, ARGUMENT_FILE,
      BIT(OPTION_FILE) | BIT(OPTION_WITH) | BIT(OPTION_IMAGES) | BIT(OPTION_NAME) | BIT(OPTION_STRICT) |
          BIT(OPTION_JSON),
      NULL, false, create_run },
    { "wait", "NAME", "wait for an experiment",
      "Exit code 8: it has finished otherwise than was waited for; 5: the time is over.\n", 1, 1, ARGUMENT_EXPERIMENT,
      BIT(OPTION_FOR) | BIT(OPTION_TIMEOUT) | BIT(OPTION_JSON), NULL, false, wait_run },
    { "events", "[NAME]", "what has happened, oldest first", "-f goes on as things happen.\n", 0, 1,
      ARGUMENT_EXPERIMENT, BIT(OPTION_FOLLOW) | BIT(OPTION_SINCE) | BIT(OPTION_JSON), NULL, false, events_run },
    { "validate", "FILE...", "say all that is wrong with Experiment files",
      "Needs no database. Unknown keys are warnings, with --strict errors.\n", 1, SIZE_MAX, ARGUMENT_FILE,
      BIT(OPTION_WITH) | BIT(OPTION_IMAGES) | BIT(OPTION_STRICT) | BIT(OPTION_JSON), NULL, false, validate_run },
    { "explain", "[FIELD]", "what a field of an Experiment means: spec.objective.type", NULL, 0, 1, ARGUMENT_FIELD,
      BIT(OPTION_JSON), NULL, false, explain_run },
    { "get", "[NAME]", "list the experiments, or show one", "-o yaml gives Katib's own form with its status.\n", 0, 1,
      ARGUMENT_EXPERIMENT, BIT(OPTION_JSON) | BIT(OPTION_OUTPUT), "table|json|yaml|csv|name", false, get_run },
    { "describe", "NAME [TRIAL]", "everything about an experiment or a trial", TARGET_HELP, 1, 2, ARGUMENT_EXPERIMENT,
      BIT(OPTION_JSON), NULL, false, describe_run },
    { "trials", "NAME", "the trials of an experiment", "-o yaml gives Katib's Trial documents.\n", 1, 1,
      ARGUMENT_EXPERIMENT, BIT(OPTION_JSON) | BIT(OPTION_OUTPUT), "table|json|yaml|csv|name", false, trials_run },
    { "best", "NAME", "the best trial and its parameters", NULL, 1, 1, ARGUMENT_EXPERIMENT, BIT(OPTION_JSON), NULL,
      false, best_run },
    { "importance", "NAME", "which parameters the objective depends on",
      "Shares of 1. ped-anova compares the best tenth of the trials with all of them; fanova divides the variance of\n"
      "the objective over the whole space. Log parameters count in their log. Ten trials must have succeeded.\n",
      1, 1, ARGUMENT_EXPERIMENT, BIT(OPTION_EVALUATOR) | BIT(OPTION_OBJECTIVE) | BIT(OPTION_JSON), NULL, false,
      importance_run },
    { "logs", "NAME [TRIAL]", "what a trial printed", TARGET_HELP, 1, 2, ARGUMENT_EXPERIMENT,
      BIT(OPTION_FOLLOW) | BIT(OPTION_ROLE) | BIT(OPTION_ATTEMPT), NULL, false, logs_run },
    { "stop", "NAME [TRIAL]", "stop an experiment, or one trial", TARGET_HELP, 1, 2, ARGUMENT_EXPERIMENT,
      BIT(OPTION_JSON), NULL, false, stop_run },
    { "resume", "NAME", "let a stopped experiment go on", "With --detach it goes on in the background at once.\n", 1, 1,
      ARGUMENT_EXPERIMENT, BIT(OPTION_DETACH) | BIT(OPTION_JSON), NULL, false, resume_run },
    { "retry", "NAME TRIAL", "try the point of a trial once more, as a new trial", TARGET_HELP, 1, 2,
      ARGUMENT_EXPERIMENT, BIT(OPTION_JSON), NULL, false, retry_run },
    { "edit", "NAME", "change the budgets of an experiment", NULL, 1, 1, ARGUMENT_EXPERIMENT,
      BIT(OPTION_MAX_TRIALS) | BIT(OPTION_PARALLEL) | BIT(OPTION_MAX_FAILED) | BIT(OPTION_JSON), NULL, false,
      edit_run },
    { "delete", "NAME...", "delete experiments with their trials",
      "Asks first on a terminal. Points and costs are kept for later searches unless --purge is given.\n", 1, SIZE_MAX,
      ARGUMENT_EXPERIMENT, BIT(OPTION_YES) | BIT(OPTION_PURGE) | BIT(OPTION_JSON), NULL, false, delete_run },
    { "export", "NAME", "all results of an experiment for other programs",
      "csv has Katib's columns; yaml is the Experiment with its status, as kubectl would give it.\n", 1, 1,
      ARGUMENT_EXPERIMENT, BIT(OPTION_JSON) | BIT(OPTION_OUTPUT), "csv|json|yaml", false, export_run },
    { "ask", "NAME", "take a trial of an experiment to run it yourself",
      "The experiment has spec.hone.engine client. Prints a ticket and the parameters as a shell reads them:\n"
      "    while trial=$(hone ask NAME); do eval \"$trial\"; hone tell loss=$(train --lr=$lr); done\n"
      "Exit code 3: the experiment has no more trials; 5: none can be had now.\n",
      1, 1, ARGUMENT_EXPERIMENT, BIT(OPTION_WAIT) | BIT(OPTION_LEASE) | BIT(OPTION_JSON), NULL, false, ask_run },
    { "report", "[TICKET] METRIC=NUMBER... [step=N]", "say what a trial that you run has reached so far",
      "Renews its lease. Prints `stop` when the trial should stop. The ticket may be in HONE_TICKET.\n"
      "Inside a trial that the service runs with the collector Push no ticket is needed.\n",
      1, SIZE_MAX, ARGUMENT_NONE, BIT(OPTION_JSON), NULL, false, report_run },
    { "tell", "[TICKET] [METRIC=NUMBER...]", "say how a trial that you run has ended",
      "Saying the same again is no error. The ticket may be in HONE_TICKET.\n", 0, SIZE_MAX, ARGUMENT_NONE,
      BIT(OPTION_STATE) | BIT(OPTION_MESSAGE) | BIT(OPTION_JSON), NULL, false, tell_run },
    { "import", "NAME FILE", "add the trials of a CSV file to an experiment",
      "The titles are names of parameters and metrics, as hone export writes them; a column Status says how a trial "
      "ended.\n"
      "The same file a second time adds nothing.\n",
      2, 2, ARGUMENT_EXPERIMENT, 0, NULL, false, import_run },
    { "serve", "", "run experiments for clients until it is told to end",
      "Conducts every experiment of the database that is submitted to it. Clients of this machine reach it by the "
      "database's\n"
      "path; those elsewhere by --listen, with a key that hone keygen made. Ctrl-C or TERM ends it; trials that run "
      "are found\n"
      "again by the next one.\n",
      0, 0, ARGUMENT_NONE,
      BIT(OPTION_LISTEN) | BIT(OPTION_KEYS) | BIT(OPTION_HTTP) | BIT(OPTION_LOG_FORMAT) | BIT(OPTION_ATTACHED) |
          BIT(OPTION_NO_EXEC),
      NULL, false, serve_run },
    { "keygen", "CLIENT [FILE]", "make a key for a client of this service",
      "Writes what the client needs to FILE (CLIENT.key unless given; hand it over by a safe way) and lets the client "
      "in at\n"
      "once, also when the service runs. To take the key back remove CLIENT.pub from the directory.\n",
      1, 2, ARGUMENT_NONE, BIT(OPTION_KEYS) | BIT(OPTION_ACCESS) | BIT(OPTION_NAMESPACES), NULL, false, keygen_run },
    { "audit", "", "who changed what, and who was kept from it", NULL, 0, 0, ARGUMENT_NONE,
      BIT(OPTION_SINCE) | BIT(OPTION_JSON), NULL, false, audit_run },
    { "backup", "FILE", "copy the database while it is in use", NULL, 1, 1, ARGUMENT_FILE, BIT(OPTION_JSON), NULL,
      false, backup_run },
    { "version", "", "the version of this program", NULL, 0, 0, ARGUMENT_NONE, BIT(OPTION_JSON), NULL, false,
      version_run },
    { "completion", "bash|zsh|fish", "a completion script for the shell",
      "bash: source <(hone completion bash)\nzsh:  source <(hone completion zsh)\nfish: hone completion fish | "
      "source\n",
      1, 1, ARGUMENT_SHELL, 0, NULL, false, completion_run },
    { "help", "[VERB]", "help on a verb", NULL, 0, 1, ARGUMENT_VERB, 0, NULL, false, help_run },
    { "conduct", "NAME...", "conduct experiments until they have finished (what --detach starts)", NULL, 1, SIZE_MAX,
      ARGUMENT_EXPERIMENT, 0, NULL, true, conduct_run },
    { "__complete", "experiments|fields|verbs", "names for completion scripts", NULL, 1, 1, ARGUMENT_NONE, 0, NULL,
      true, complete_run },
    { 0 },
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (text_equal(verb->name, name))
            return verb;
    return NULL;
}

bool verb_takes(const struct verb *verb, int option)
{
    return option < N_GLOBAL_OPTIONS || (verb && verb->options & BIT(option));
}
