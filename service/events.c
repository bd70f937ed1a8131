/*
 * The operation `events`, and those who wait for its answer.
 */
#include "service/events.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/experiments.h"
#include "service/core.h"

enum { EVENTS_LIMIT = 1000, EVENTS_WAIT_MS = 10000, PARKED_LIMIT = 1000 };

struct parked {
    struct parked *next;
    struct caller caller;
    int64_t since, experiment_id, until_ms;
    size_t max;
};

struct node *events_node(struct service *service, const struct event_row *row, struct arena *arena)
{
    struct node *node = node_map(arena);
    const struct live *live = live_by_id(service, row->experiment_id);
    struct experiment_row experiment;
    char time[CLOCK_TEXT_SIZE];

    node_set(arena, node, "sequence", node_integer(arena, row->sequence));
    node_set(arena, node, "time", node_text(arena, clock_format_us(row->time_us, time)));
    if (live != NULL) {
        node_set(arena, node, "namespace", node_text(arena, live->spec->namespace));
        node_set(arena, node, "name", node_text(arena, live->spec->name));
    } else if (experiments_find(service->reader, NULL, NULL, row->experiment_id, arena, &experiment) == 0) {
        node_set(arena, node, "namespace", node_text(arena, experiment.namespace));
        node_set(arena, node, "name", node_text(arena, experiment.name));
    }
    if (row->trial > 0)
        node_set(arena, node, "trial", node_integer(arena, row->trial));
    node_set(arena, node, "kind", node_text(arena, event_kind_name(row->kind)));
    if (row->detail != NULL)
        node_set(arena, node, "detail", node_text(arena, row->detail));
    return node;
}

/* Answer if there is something to say or no time left. 1: answered; 0: nothing yet. */
static int answer_events(struct service *service, const struct parked *parked, bool is_last)
{
    struct arena arena = { 0 };
    struct node *body = node_map(&arena), *events = node_set(&arena, body, "events", node_list(&arena));
    struct event_row *rows;
    size_t n = 0;
    int status = events_load(service->reader, parked->since, parked->experiment_id, parked->max, &arena, &rows, &n);

    if (status < 0) {
        arena_release(&arena);
        return status;
    }
    for (size_t i = 0; i < n; i++)
        node_add(&arena, events, events_node(service, &rows[i], &arena));
    if (n > 0 || is_last)
        reply(service, &parked->caller, body);
    arena_release(&arena);
    return n > 0 || is_last;
}

int events_call(struct service *service, struct call *call)
{
    struct parked parked = { .caller = call->caller, .since = call_integer(call, "since", 0) };
    int64_t wait_ms = call_integer(call, "wait_ms", 0), max = call_integer(call, "max", EVENTS_LIMIT);
    struct live *live;
    struct parked *kept;
    size_t n = 0;
    int answered;

    if (node_get(call->body, "name") != NULL) {
        TRY(call_experiment(service, call, &live));
        parked.experiment_id = live->id;
    } else if (call->who->n_namespaces > 0) {
        return fail(ERR_DENIED, "%s sees only some namespaces: say which experiment's events", call->who->name);
    }
    for (const struct parked *at = service->parked; at != NULL; at = at->next)
        n++;
    if (wait_ms > EVENTS_WAIT_MS)
        wait_ms = EVENTS_WAIT_MS;
    parked.max = max < 1 ? 1 : max > EVENTS_LIMIT ? EVENTS_LIMIT : (size_t)max;
    parked.until_ms = clock_steady_ms() + wait_ms;
    TRY(answered = answer_events(service, &parked, wait_ms <= 0 || n >= PARKED_LIMIT));
    if (answered == 1)
        return 0;
    kept = xmalloc(sizeof *kept);
    *kept = parked;
    kept->next = service->parked;
    service->parked = kept;
    return 0;
}

void events_serve(struct service *service, int64_t now_ms, bool has_new)
{
    for (struct parked **at = &service->parked; *at != NULL;) {
        struct parked *parked = *at;
        bool is_last = now_ms >= parked->until_ms;
        int answered = has_new || is_last ? answer_events(service, parked, is_last) : 0;

        if (answered == 0) {
            at = &parked->next;
            continue;
        }
        if (answered < 0)
            reply_error(service, &parked->caller, answered, fail_message());
        *at = parked->next;
        free(parked);
    }
}

int64_t events_next_ms(const struct service *service)
{
    int64_t next = 0;

    for (const struct parked *parked = service->parked; parked != NULL; parked = parked->next)
        if (next == 0 || parked->until_ms < next)
            next = parked->until_ms;
    return next;
}

void events_release(struct service *service)
{
    while (service->parked != NULL) {
        struct parked *parked = service->parked;

        service->parked = parked->next;
        free(parked);
    }
}
