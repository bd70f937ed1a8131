/*
 * Following experiments by events: a long poll, and a fresh view when something happened.
 */
#include "cli/follow.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"

enum {
    WAIT_MS = 250,           /* of one long poll: how late an interrupt may be heard */
    NAP_MS = 50,             /* between two looks at events that come faster than they are shown */
    RELEASE_WAIT_MS = 60000, /* longer than the usual grace time of 30 s */
    STALE_MS = 5000,         /* look again after so long even without an event */
    EVENTS_AT_ONCE = 1000,
};

static volatile sig_atomic_t follow_interrupts;

/* The second one leaves at once: what is stored is stored, and agents live on. */
static void note_interrupt(int signal_number)
{
    (void)signal_number;
    static const char still_running[] =
        "hone: left at once; what still runs goes on, and the same command finds it again\n";

    if (follow_interrupts) {
        ssize_t written = write(STDERR_FILENO, still_running, sizeof still_running - 1);

        (void)written;
        _exit(EXIT_INTERRUPTED);
    }
    follow_interrupts = 1;
}

void follow_catch_signals(void)
{
    struct sigaction action = { .sa_handler = note_interrupt };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool follow_is_interrupted(void)
{
    return follow_interrupts != 0;
}

bool followed_is_finished(const struct followed *item)
{
    struct arena arena = { 0 };
    const char *state = show(&arena, item->experiment, "state", "");
    bool is_finished = text_equal(state, "Succeeded") || text_equal(state, "Failed") || text_equal(state, "Stopped");

    arena_release(&arena);
    return is_finished;
}

static int refresh(struct session *session, struct followed *item)
{
    struct arena arena = { 0 };
    const struct node *answer;
    int status = session_call(session, "experiment.get", target_body(&item->target, &arena), &arena, &answer);

    if (status == 0 && !node_get(answer, "experiment"))
        status = fail(ERR_INVALID, "the answer to experiment.get holds no experiment");
    if (status < 0) {
        arena_release(&arena);
        return status;
    }
    arena_release(&item->arena);
    item->arena = arena;
    item->experiment = node_get(answer, "experiment");
    return 0;
}

static int refresh_all(struct session *session, struct followed *items, size_t n, struct progress *progress,
                       bool *all_finished)
{
    const struct node **views;

    *all_finished = true;
    for (size_t i = 0; i < n; i++) {
        TRY(refresh(session, &items[i]));
        *all_finished = *all_finished && followed_is_finished(&items[i]);
    }
    if (!progress)
        return 0;
    views = xcalloc(n, sizeof(struct node *));
    for (size_t i = 0; i < n; i++)
        views[i] = items[i].experiment;
    progress_show(progress, views, n, clock_steady_ms());
    free(views);
    return 0;
}

/* Wait for events after *since, at most wait_ms; *news: there were some, *urgent: one was of an experiment itself. */
static int wait_for_events(struct session *session, const struct target *only, int64_t *since, int wait_ms, bool *news,
                           bool *urgent)
{
    struct arena arena = { 0 };
    struct node *body = only ? target_body(only, &arena) : node_map(&arena);
    const struct node *answer = NULL, *events;
    int status;

    node_set(&arena, body, "since", node_integer(&arena, *since));
    node_set(&arena, body, "max", node_integer(&arena, EVENTS_AT_ONCE));
    node_set(&arena, body, "wait_ms", node_integer(&arena, wait_ms));
    status = session_call(session, "events", body, &arena, &answer);
    events = node_get(answer, "events");
    for (size_t i = 0; status == 0 && events && i < events->length; i++) {
        node_to_integer(node_get(events->items[i], "sequence"), since);
        *news = true;
        *urgent = *urgent || text_starts_with(show(&arena, events->items[i], "kind", ""), "Experiment");
    }
    arena_release(&arena);
    return status;
}

int follow(struct session *session, struct followed *items, size_t n, struct progress *progress)
{
    int interval_ms = progress ? progress_interval_ms(progress) : 1000;
    int64_t since = 0, looked_ms = 0;
    bool all_finished = false, news = true, urgent = true;

    while (!follow_interrupts) {
        int64_t age_ms = clock_steady_ms() - looked_ms;

        if (urgent || age_ms >= STALE_MS || (news && age_ms >= interval_ms)) {
            TRY(refresh_all(session, items, n, progress, &all_finished));
            if (all_finished)
                return FOLLOW_FINISHED;
            looked_ms = clock_steady_ms();
            news = urgent = false;
        } else if (news) {
            poll(NULL, 0, interval_ms - age_ms < NAP_MS ? (int)(interval_ms - age_ms) : NAP_MS);
        }
        TRY(wait_for_events(session, n == 1 ? &items[0].target : NULL, &since, news ? 0 : WAIT_MS, &news, &urgent));
    }
    return FOLLOW_INTERRUPTED;
}

int follow_release(struct session *session, const struct followed *items, size_t n)
{
    int64_t running = 1, until = clock_steady_ms() + RELEASE_WAIT_MS;

    while (running > 0 && clock_steady_ms() < until) {
        struct arena arena = { 0 };
        int status = 0;

        running = 0;
        for (size_t i = 0; i < n && status == 0; i++) {
            const struct node *answer = NULL;
            int64_t own = 0;

            if (items[i].experiment && followed_is_finished(&items[i]))
                continue;
            status = session_call(session, "experiment.release", target_body(&items[i].target, &arena), &arena,
                                  &answer);
            node_to_integer(node_get(answer, "running"), &own);
            running += own;
        }
        arena_release(&arena);
        TRY(status);
        if (running > 0)
            poll(NULL, 0, 50);
    }
    return 0;
}

void followed_release(struct followed *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        arena_release(&items[i].arena);
}
