/*
 * hone run: from an Experiment file to the best trial.
 */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/background.h"
#include "cli/follow.h"
#include "cli/result.h"
#include "cli/sources.h"

struct run {
    struct session session;
    struct sources sources;
    size_t n; /* experiments */
    struct followed *items;
    bool has_finished;      /* every one had, before we came */
    bool goes_on_elsewhere; /* another process conducts what we found; it does so without us */
};

/* Is the experiment among those that are to run? */
static bool is_wanted(const struct command *command, const char *name)
{
    return !command->value[OPTION_NAME] || text_equal(command->value[OPTION_NAME], name);
}

static int check_support(const struct command *command, const struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->n_specs; i++)
        if (bundle->specs[i]->missing && is_wanted(command, bundle->specs[i]->name))
            return fail(ERR_UNSUPPORTED, "experiment %s is valid, but this build lacks %s", bundle->specs[i]->name,
                        bundle->specs[i]->missing);
    return 0;
}

/* Find every fault here, where all of them can be shown, before the service is asked. */
static int check_sources(const struct command *command, const struct sources *sources)
{
    struct faults faults = { 0 };
    struct bundle bundle = { 0 };
    struct text out = { 0 };
    int status;

    bundle_parse(&bundle, sources->files, sources->n_files, sources->images, command->value[OPTION_NAMESPACE],
                 command->n_given[OPTION_STRICT] > 0, &faults);
    if (command->n_given[OPTION_STRICT] > 0)
        faults_make_strict(&faults);
    if (faults.n_errors > 0) {
        faults_print(&faults, &out);
        fputs(text_string(&out), stderr);
        status = fail(ERR_INVALID, "%s cannot run: %zu error%s", sources->files[0].shown, faults.n_errors,
                      faults.n_errors == 1 ? "" : "s");
    } else {
        status = check_support(command, &bundle);
    }
    text_release(&out);
    bundle_release(&bundle);
    faults_release(&faults);
    return status;
}

static void tell_outcome(const char *name, const struct node *created, struct arena *arena)
{
    const struct node *warnings = node_get(created, "warnings"), *notes = node_get(created, "notes");
    const char *outcome = show(arena, created, "outcome", "");

    for (size_t k = 0; warnings && k < warnings->length && !output_is_quiet(); k++)
        if (warnings->items[k]->kind == NODE_TEXT)
            print_lines(stderr, warnings->items[k]->text, 0);
    for (size_t k = 0; notes && k < notes->length; k++)
        say("%s", node_to_text(arena, notes->items[k]));
    if (text_equal(outcome, "same"))
        say("%s is known: going on with it", name);
    else if (text_equal(outcome, "edited"))
        say("%s is known: going on with its new budget", name);
}

static int create(struct run *run, bool claim)
{
    struct session *session = &run->session;
    const struct command *command = session->command;
    struct node *body = sources_body(&run->sources, &session->arena);
    const struct node *answer, *list;

    if (command->value[OPTION_NAMESPACE])
        node_set(&session->arena, body, "namespace", node_text(&session->arena, command->value[OPTION_NAMESPACE]));
    if (command->value[OPTION_NAME])
        node_set(&session->arena, body, "name", node_text(&session->arena, command->value[OPTION_NAME]));
    node_set(&session->arena, body, "strict", node_boolean(&session->arena, command->n_given[OPTION_STRICT] > 0));
    node_set(&session->arena, body, "claim", node_boolean(&session->arena, claim));
    TRY(session_call(session, "experiment.create", body, NULL, &answer));
    list = node_get(answer, "experiments");
    if (!list || list->kind != NODE_LIST || list->length == 0)
        return fail(ERR_NOT_FOUND, "%s holds no experiment", run->sources.files[0].shown);
    run->n = list->length;
    run->items = xcalloc(run->n, sizeof *run->items);
    run->has_finished = true;
    run->goes_on_elsewhere = !client_is_owner(session->client) || session->database == NULL;
    for (size_t i = 0; i < run->n; i++) {
        const struct node *one = list->items[i];
        const char *outcome = show(&session->arena, one, "outcome", "");

        run->items[i].target.namespace = show(&session->arena, one, "namespace", "default");
        run->items[i].target.name = show(&session->arena, one, "name", "");
        run->has_finished = run->has_finished && text_equal(outcome, "finished");
        run->goes_on_elsewhere = run->goes_on_elsewhere &&
                                 (session->database == NULL || !text_equal(outcome, "created"));
        tell_outcome(run->items[i].target.name, one, &session->arena);
    }
    return 0;
}

static void add_quoted(struct text *out, const char *word)
{
    text_add_char(out, ' ');
    if (*word &&
        strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_") == strlen(word)) {
        text_add(out, word);
        return;
    }
    text_add_char(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            text_add(out, "'\\''");
        else
            text_add_char(out, *word);
    }
    text_add_char(out, '\'');
}

static int interrupted(struct run *run)
{
    const struct command *command = run->session.command;
    const char *name = run->items[0].target.name;
    struct text again = { 0 };

    if (run->goes_on_elsewhere) {
        say("interrupted; %s goes on with %s (hone stop %s ends it)",
            run->session.database == NULL ? "the service" : "another hone", name, name);
        return EXIT_INTERRUPTED;
    }
    for (int i = 0; i < command->argc; i++)
        add_quoted(&again, command->argv[i]);
    say("interrupted: stopping the running trials, which will be repeated (Ctrl-C leaves at once)");
    say("to go on:%s", text_string(&again));
    text_release(&again);
    TRY(follow_release(&run->session, run->items, run->n));
    return EXIT_INTERRUPTED;
}

static int finish(struct run *run)
{
    struct session *session = &run->session;
    struct node *list = node_list(&session->arena);
    int result = EXIT_DONE;

    for (size_t i = 0; i < run->n; i++) {
        const struct node *experiment = run->items[i].experiment;

        if (result_exit(experiment) != EXIT_DONE)
            result = result_exit(experiment);
        if (session->command->n_given[OPTION_JSON] > 0)
            node_add(&session->arena, list, node_copy(&session->arena, experiment));
        else
            TRY(result_print(session, &run->items[i].target, experiment));
    }
    if (session->command->n_given[OPTION_JSON] > 0)
        print_json(run->n == 1 ? list->items[0] : list);
    return result;
}

static int wait_and_finish(struct run *run)
{
    struct progress *progress = progress_create(output_is_quiet());
    int status = follow(&run->session, run->items, run->n, progress);

    progress_destroy(progress);
    if (status == FOLLOW_INTERRUPTED)
        return interrupted(run);
    return status < 0 ? status : finish(run);
}

/* Hand the experiments to a background process; the client goes first, so that the other may own the database. */
static int start_background(struct run *run)
{
    struct session *session = &run->session;
    struct target *targets = arena_array(&session->arena, run->n, sizeof *targets);
    int64_t pid;

    for (size_t i = 0; i < run->n; i++)
        targets[i] = run->items[i].target;
    client_close(session->client);
    session->client = NULL;
    TRY(background_start(session->database, targets, run->n, &pid));
    say("process %lld works on %s; its log is %s.log", (long long)pid, targets[0].name, session->database);
    say("to follow: hone run %s; to look: hone trials %s; to end: hone stop %s", session->command->arguments[0],
        targets[0].name, targets[0].name);
    return 0;
}

static int detach(struct run *run)
{
    struct arena *arena = &run->session.arena;
    struct node *list = node_list(arena);
    const char *name = run->items[0].target.name;

    if (run->has_finished)
        say("%s has finished; hone best %s shows its result", name, name);
    else if (run->session.database == NULL)
        say("the service works on %s; to look: hone trials %s; to end: hone stop %s", name, name, name);
    else
        TRY(start_background(run));
    for (size_t i = 0; i < run->n; i++)
        node_add(arena, list, target_body(&run->items[i].target, arena));
    if (run->session.command->n_given[OPTION_JSON] > 0)
        print_json(list);
    return EXIT_DONE;
}

static int open_file(struct run *run, const char *path, enum session_kind kind)
{
    const struct command *command = run->session.command;

    TRY(sources_read(command, path, &run->sources));
    TRY(check_sources(command, &run->sources));
    return session_open(command, kind, &run->session);
}

static int run_file(struct run *run)
{
    const struct command *command = run->session.command;
    bool is_detached = command->n_given[OPTION_DETACH] > 0;

    TRY(open_file(run, command->arguments[0], is_detached ? SESSION_CREATE : SESSION_CONDUCT));
    TRY(create(run, !is_detached || run->session.database == NULL));
    return is_detached ? detach(run) : wait_and_finish(run);
}

static int create_file(struct run *run)
{
    const struct command *command = run->session.command;
    const char *path = command->value[OPTION_FILE] != NULL ? command->value[OPTION_FILE]
                       : command->n_arguments > 0          ? command->arguments[0]
                                                           : NULL;
    struct node *list = node_list(&run->session.arena);
    bool is_served;

    if (path == NULL)
        return fail(ERR_INVALID, "create needs a file: hone create -f FILE");
    TRY(open_file(run, path, SESSION_CREATE));
    is_served = !client_is_owner(run->session.client);
    TRY(create(run, is_served));
    for (size_t i = 0; i < run->n; i++) {
        say("%s %s", run->items[i].target.name,
            is_served ? "is handed to the service" : "is stored; hone serve, or hone run with its file, begins it");
        node_add(&run->session.arena, list, target_body(&run->items[i].target, &run->session.arena));
    }
    if (command->n_given[OPTION_JSON] > 0)
        print_json(list);
    return EXIT_DONE;
}

static int with_run(const struct command *command, int (*act)(struct run *run))
{
    struct run run = { .session.command = command };
    int result = act(&run);

    followed_release(run.items, run.n);
    free(run.items);
    sources_release(&run.sources);
    session_close(&run.session);
    return result;
}

int run_run(const struct command *command)
{
    follow_catch_signals();
    return with_run(command, run_file);
}

int create_run(const struct command *command)
{
    return with_run(command, create_file);
}
