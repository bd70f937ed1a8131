/*
 * hone serve: the service for as long as it is wanted.
 */
#include "cli/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/status.h"
#include "cli/systemd.h"

int serve_keys(const struct command *command, char **path)
{
    char *database = NULL;

    if (command->value[OPTION_KEYS] != NULL) {
        *path = xstrdup(command->value[OPTION_KEYS]);
        return 0;
    }
    TRY(session_database(command, &database));
    *path = xasprintf("%s.keys", database);
    free(database);
    return 0;
}

/* Those that had begun go on. */
static int claim_unfinished(struct session *session)
{
    const struct node *list;
    size_t n = 0;

    TRY(session_experiments(session, false, &list));
    for (size_t i = 0; i < list->length; i++) {
        struct target target = { show(&session->arena, list->items[i], "namespace", ""),
                                 show(&session->arena, list->items[i], "name", ""), NULL };
        const char *state = show(&session->arena, list->items[i], "state", "");

        if (text_equal(state, "Succeeded") || text_equal(state, "Failed") || text_equal(state, "Stopped"))
            continue;
        if (session_call(session, "experiment.claim", target_body(&target, &session->arena), NULL, NULL) < 0)
            complain();
        else
            n++;
    }
    if (n > 0)
        say("%zu experiment%s on", n, n == 1 ? " goes" : "s go");
    return 0;
}

/* The loop answers: systemd may know. */
static void show_life(struct session *session)
{
    struct arena arena = { 0 };

    if (session_call(session, "hello", NULL, &arena, NULL) >= 0)
        systemd_notify("WATCHDOG=1");
    arena_release(&arena);
}

/* A signal, or with --attached the end of standard input: whoever held its other end has gone, however that came. */
static void wait_for_end(struct session *session, bool is_attached)
{
    const int watchdog_ms = systemd_watchdog_ms();
    char bytes[256];
    sigset_t mask;
    int signals;

    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signals = signalfd(-1, &mask, SFD_CLOEXEC);
    for (;;) {
        struct pollfd ends[] = { { .fd = signals, .events = POLLIN },
                                 { .fd = is_attached ? STDIN_FILENO : -1, .events = POLLIN } };

        int n = poll(ends, 2, watchdog_ms);

        if (n < 0 && errno != EINTR)
            break;
        if (n == 0)
            show_life(session);
        if (ends[0].revents != 0 || (ends[1].revents != 0 && read(STDIN_FILENO, bytes, sizeof bytes) <= 0))
            break;
    }
    close(signals);
}

static int serve(struct session *session)
{
    const char *address;

    TRY(session_open(session->command, SESSION_SERVE, session));
    if (!client_is_owner(session->client))
        return fail(ERR_CONFLICT, "another hone conducts %s already", session->database);
    TRY(claim_unfinished(session));
    address = client_listens_on(session->client);
    if (address != NULL)
        say("serving %s on %s", session->database, address);
    else
        say("serving %s on this machine", session->database);
    if (client_answers_on(session->client) != NULL)
        say("metrics on http://%s/metrics", client_answers_on(session->client));
    systemd_notify("READY=1");
    wait_for_end(session, session->command->n_given[OPTION_ATTACHED] > 0);
    systemd_notify("STOPPING=1");
    return EXIT_DONE;
}

static int find_format(const char *word)
{
    if (word == NULL || text_equal(word, "text"))
        return LOG_TEXT;
    return text_equal(word, "json") ? LOG_JSON : fail(ERR_INVALID, "--log-format: expected text or json, got %s", word);
}

int serve_run(const struct command *command)
{
    struct session session = { .command = command };
    int status, format;

    if (session_server(command) != NULL)
        return fail(ERR_INVALID, "hone serve works on a database of this machine: leave --server and HONE_SERVER away");
    TRY(format = find_format(command->value[OPTION_LOG_FORMAT]));
    log_set_format((enum log_format)format);
    session.listen = command->value[OPTION_LISTEN];
    status = serve_keys(command, &session.keys);
    if (status == 0)
        status = serve(&session);
    session_close(&session);
    return status;
}
