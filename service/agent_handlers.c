/*
 * What agents say: hello, reports, a heartbeat, the end. Only the holder of the attempt's key is heard.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/observations.h"
#include "service/call.h"
#include "service/core.h"
#include "service/pursuit.h"
#include "service/reporting.h"
#include "service/store.h"

enum { REPORTS_LIMIT = 65536 }; /* in one message */

/* The attempt that the message is about. CONFLICT: it is no longer wanted. */
static int find_attempt(struct service *service, struct call *call, struct live **live, struct pursuit **pursuit)
{
    TRY(call_pursuit(service, call, live, pursuit));
    if ((*pursuit)->phase != PURSUIT_HANDED || (*live)->spec->by_clients)
        return fail(ERR_CONFLICT, "this attempt is no longer wanted");
    return 0;
}

static int hello(struct service *service, struct call *call)
{
    struct live *live;
    struct pursuit *pursuit;
    struct node *body = node_map(call->arena), *progress;

    TRY(find_attempt(service, call, &live, &pursuit));
    progress = node_set(call->arena, body, "progress", node_list(call->arena));
    for (size_t i = 0; i < pursuit->n_roles; i++)
        node_add(call->arena, progress, node_integer(call->arena, pursuit->progress[i]));
    reply(service, &call->caller, body);
    return 0;
}

static int beat(struct service *service, struct call *call)
{
    struct live *live;
    struct pursuit *pursuit;

    TRY(find_attempt(service, call, &live, &pursuit));
    reply(service, &call->caller, node_map(call->arena));
    return 0;
}

/* --- reports --- */

/* [role, sequence, time_us, step, metric, value] */
static int read_report(const struct node *node, const struct live *live, const struct pursuit *pursuit,
                       struct arena *arena, struct observation_row *row)
{
    int64_t numbers[5];
    const char *value;

    if (node->kind != NODE_LIST || node->length != 6)
        return fail(ERR_INVALID, "reports: expected lists of 6");
    for (size_t i = 0; i < 5; i++)
        if (!node_to_integer(node->items[i], &numbers[i]))
            return fail(ERR_INVALID, "reports: expected an integer at %zu, got %s", i, node_kind_name(node->items[i]));
    value = node_to_text(arena, node->items[5]);
    if (numbers[0] < 0 || numbers[0] >= (int64_t)pursuit->n_roles || numbers[1] < 1 || numbers[4] < 0 ||
        numbers[4] >= (int64_t)live->spec->objective.n_metrics || value == NULL || strlen(value) > METRIC_VALUE_LIMIT)
        return fail(ERR_INVALID, "reports: a role, sequence, metric or value is out of range");
    *row = (struct observation_row){
        .role = (int)numbers[0],
        .sequence = numbers[1],
        .time_us = numbers[2],
        .step = numbers[3],
        .metric = (int)numbers[4],
        .value = value,
    };
    return 0;
}

static void answer(struct reports *reports)
{
    struct arena arena = { 0 };

    reply(reports->service, &reports->caller, node_map(&arena));
    arena_release(&arena);
}

static int read_reports(const struct node *list, const struct live *live, const struct pursuit *pursuit,
                        struct reports *reports)
{
    for (; reports->n < list->length; reports->n++) {
        struct observation_row *row = &reports->rows[reports->n];

        TRY(read_report(list->items[reports->n], live, pursuit, &reports->arena, row));
        row->value = arena_strdup(&reports->arena, row->value);
    }
    return 0;
}

static int report(struct service *service, struct call *call)
{
    const struct node *list = node_get(call->body, "reports");
    struct live *live;
    struct pursuit *pursuit;
    struct reports *reports;
    int status;

    TRY(find_attempt(service, call, &live, &pursuit));
    if (list == NULL || list->kind != NODE_LIST || list->length > REPORTS_LIMIT)
        return fail(ERR_INVALID, "reports: expected a list of at most %d", REPORTS_LIMIT);
    reports = reports_create(service, call, live, pursuit, list->length);
    status = read_reports(list, live, pursuit, reports);
    if (status < 0)
        reports_destroy(reports);
    else
        reports_queue(reports, answer);
    return status;
}

/* --- the end --- */

static void end_stored(struct service *service, void *owner, int status, const char *message)
{
    struct caller *caller = owner;
    struct arena arena = { 0 };

    if (service != NULL && status < 0)
        reply_error(service, caller, status, message);
    else if (service != NULL)
        reply(service, caller, node_map(&arena));
    arena_release(&arena);
    free(caller);
}

static int end_of(const char *name)
{
    for (int i = 0; attempt_end_names[i] != NULL; i++)
        if (i != ATTEMPT_RUNNING && text_equal(attempt_end_names[i], name))
            return i;
    return fail(ERR_INVALID, "end: expected how the attempt ended, got \"%s\"", name);
}

static int end(struct service *service, struct call *call)
{
    struct live *live;
    struct pursuit *pursuit;
    struct fact fact = { .kind = FACT_ENDED, .now_us = clock_wall_us() };
    struct caller *caller;
    const char *name;
    int how;

    TRY(find_attempt(service, call, &live, &pursuit));
    TRY(call_text(call, "end", NULL, &name));
    TRY(how = end_of(name));
    fact.end = how;
    fact.number = pursuit->number;
    fact.attempt = pursuit->attempt;
    fact.message = node_to_text(call->arena, node_get(call->body, "message"));
    fact.tail = node_to_text(call->arena, node_get(call->body, "tail"));
    fact.job_reason = node_to_text(call->arena, node_get(call->body, "job_reason"));
    if (!node_to_real(node_get(call->body, "wall_s"), &fact.usage.wall_s))
        fact.usage.wall_s = 0;
    if (!node_to_real(node_get(call->body, "cpu_s"), &fact.usage.cpu_s))
        fact.usage.cpu_s = 0;
    fact.usage.peak_memory = call_integer(call, "peak_memory", 0);
    pursuit_ended(service, live, &fact);
    caller = xmalloc(sizeof *caller);
    *caller = call->caller;
    store_barrier(service, live, end_stored, caller);
    return 0;
}

const struct handler agent_handlers[] = {
    { "agent.hello", ROLE_WORKER, hello },
    { "agent.report", ROLE_WORKER, report },
    { "agent.beat", ROLE_WORKER, beat },
    { "agent.end", ROLE_WORKER, end },
    { 0 },
};
