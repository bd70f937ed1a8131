/*
 * Opening the database's client, and finding what was named.
 */
#include "cli/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

int session_database(const struct command *command, char **path)
{
    const char *given = command->value[OPTION_DATABASE], *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *joined = NULL;

    if (!given || !*given)
        given = getenv("HONE_DB");
    if (given && *given) {
        *path = file_absolute(NULL, given);
        return 0;
    }
    if (state && *state == '/')
        joined = xasprintf("%s/hone/hone.db", state);
    else if (home && *home == '/')
        joined = xasprintf("%s/.local/state/hone/hone.db", home);
    else
        return fail(ERR_IO, "no place for the database: give --db FILE, or set HONE_DB or HOME");
    *path = joined;
    return 0;
}

const char *session_server(const struct command *command)
{
    const char *given = command->value[OPTION_SERVER];

    if (given == NULL && command->value[OPTION_DATABASE] == NULL)
        given = getenv("HONE_SERVER");
    return given != NULL && *given != '\0' ? given : NULL;
}

bool session_is_empty(const struct command *command)
{
    char *path = NULL;
    bool is_empty = session_server(command) == NULL && session_database(command, &path) == 0 && path &&
                    access(path, F_OK) != 0;

    free(path);
    return is_empty;
}

int session_open(const struct command *command, enum session_kind kind, struct session *session)
{
    struct client_options options = { .conduct = kind == SESSION_CONDUCT || kind == SESSION_SERVE,
                                      .timeout_ms = session->timeout_ms,
                                      .no_exec = command->n_given[OPTION_NO_EXEC] > 0,
                                      .listen = session->listen,
                                      .keys = session->keys,
                                      .http = kind == SESSION_SERVE ? command->value[OPTION_HTTP] : NULL };

    session->command = command;
    options.server = session_server(command);
    if (options.server != NULL) {
        const char *key = command->value[OPTION_KEY];

        options.credentials = key != NULL ? key : getenv("HONE_KEY");
        return client_open(&options, &session->client);
    }
    TRY(session_database(command, &session->database));
    if (kind == SESSION_READ && access(session->database, F_OK) != 0)
        return fail(ERR_NOT_FOUND, "no experiments yet: there is no database %s (`hone run FILE` makes it)",
                    session->database);
    options.database = session->database;
    return client_open(&options, &session->client);
}

void session_close(struct session *session)
{
    client_close(session->client);
    free(session->database);
    free(session->keys);
    arena_release(&session->arena);
    *session = (struct session){ 0 };
}

int session_call(struct session *session, const char *op, struct node *body, struct arena *arena,
                 const struct node **answer)
{
    const struct node *ignored;

    if (!arena)
        arena = &session->arena;
    if (!body)
        body = node_map(arena);
    return client_call(session->client, op, body, arena, answer ? answer : &ignored);
}

struct node *target_body(const struct target *target, struct arena *arena)
{
    struct node *body = node_map(arena);

    node_set(arena, body, "namespace", node_text(arena, target->namespace));
    node_set(arena, body, "name", node_text(arena, target->name));
    if (target->trial)
        node_set(arena, body, "trial", node_text(arena, target->trial));
    return body;
}

static int list_experiments(struct session *session, const char *namespace, bool only_names, const struct node **list)
{
    struct node *body = node_map(&session->arena);
    const struct node *answer;

    if (namespace)
        node_set(&session->arena, body, "namespace", node_text(&session->arena, namespace));
    node_set(&session->arena, body, "only_names", node_boolean(&session->arena, only_names));
    TRY(session_call(session, "experiment.list", body, NULL, &answer));
    *list = node_get(answer, "experiments");
    if (!*list || (*list)->kind != NODE_LIST)
        return fail(ERR_INVALID, "the answer to experiment.list holds no list of experiments");
    return 0;
}

int session_experiments(struct session *session, bool only_names, const struct node **list)
{
    return list_experiments(session, session->command->value[OPTION_NAMESPACE], only_names, list);
}

/* Split NAMESPACE/NAME; *namespace stays when there is none. */
static void split_name(struct arena *arena, const char *given, const char **namespace, const char **name)
{
    const char *slash = strchr(given, '/');

    *name = given;
    if (slash && slash > given && slash[1]) {
        *namespace = arena_strndup(arena, given, (size_t)(slash - given));
        *name = slash + 1;
    }
}

static int no_experiment(struct session *session, const struct node *list, const char *name, const char *namespace)
{
    const char **names = arena_array(&session->arena, list->length + 1, sizeof *names);
    const char *near, *in = namespace ? " in namespace " : "";

    for (size_t i = 0; i < list->length; i++)
        names[i] = show(&session->arena, list->items[i], "name", "");
    near = text_nearest(name, names);
    namespace = namespace ? namespace : "";
    if (near)
        return fail(ERR_NOT_FOUND, "no experiment \"%s\"%s%s; did you mean %s?", name, in, namespace, near);
    return fail(ERR_NOT_FOUND, "no experiment \"%s\"%s%s; `hone get` lists them", name, in, namespace);
}

/* Fill target from the only experiment of the list that is called name; false: there is none. */
static int find_in(struct session *session, const struct node *list, const char *name, struct target *target)
{
    struct text namespaces = { 0 };
    bool in_default = false;
    size_t n = 0;

    for (size_t i = 0; i < list->length; i++) {
        if (!text_equal(show(&session->arena, list->items[i], "name", ""), name))
            continue;
        target->namespace = show(&session->arena, list->items[i], "namespace", "default");
        target->name = arena_strdup(&session->arena, name);
        in_default = in_default || text_equal(target->namespace, "default");
        text_printf(&namespaces, "%s%s", n++ > 0 ? ", " : "", target->namespace);
    }
    if (n > 1 && in_default)
        target->namespace = "default";
    else if (n > 1)
        fail(ERR_CONFLICT, "experiment \"%s\" is in the namespaces %s: say which with -n", name,
             text_string(&namespaces));
    text_release(&namespaces);
    return n > 1 && !in_default ? ERR_CONFLICT : n > 0;
}

int session_find(struct session *session, const char *given, struct target *target)
{
    const char *namespace = session->command->value[OPTION_NAMESPACE], *name;
    const struct node *list;
    int found;

    *target = (struct target){ 0 };
    split_name(&session->arena, given, &namespace, &name);
    TRY(list_experiments(session, namespace, true, &list));
    found = find_in(session, list, name, target);
    if (found == 0)
        return no_experiment(session, list, name, namespace);
    return found < 0 ? found : 0;
}

/* A trial's name is its experiment's, a dash and a suffix without dashes. */
static const char *experiment_of_trial(struct arena *arena, const char *trial)
{
    const char *dash = strrchr(trial, '-');

    return dash && dash > trial && dash[1] ? arena_strndup(arena, trial, (size_t)(dash - trial)) : NULL;
}

int session_find_target(struct session *session, struct target *target)
{
    const struct command *command = session->command;
    const char *given = command->arguments[0], *owner = experiment_of_trial(&session->arena, given), *namespace, *trial;
    struct target found = { 0 };
    int status = session_find(session, given, target);

    if (status == 0 && command->n_arguments > 1)
        target->trial = command->arguments[1];
    if (status != ERR_NOT_FOUND || command->n_arguments > 1 || !owner || session_find(session, owner, &found) < 0) {
        if (status == ERR_NOT_FOUND)
            return session_find(session, given, target); /* for the message about what was given */
        return status;
    }
    *target = found;
    namespace = NULL;
    split_name(&session->arena, given, &namespace, &trial);
    target->trial = trial;
    return 0;
}

int session_trials(struct session *session, const struct target *target, const char *form, const struct node **trials)
{
    struct node *all = node_list(&session->arena);
    const struct node *answer, *page;

    do {
        struct node *body = target_body(target, &session->arena);

        node_set(&session->arena, body, "form", node_text(&session->arena, form));
        node_set(&session->arena, body, "after", node_integer(&session->arena, (int64_t)all->length));
        TRY(session_call(session, "trial.list", body, NULL, &answer));
        page = node_get(answer, "trials");
        if (!page || page->kind != NODE_LIST)
            return fail(ERR_INVALID, "the answer to trial.list holds no list of trials");
        for (size_t i = 0; i < page->length; i++)
            node_add(&session->arena, all, page->items[i]);
    } while (page->length > 0);
    *trials = all;
    return 0;
}
