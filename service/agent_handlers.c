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
#include "service/stopping.h"
#include "service/store.h"

enum { REPORTS_LIMIT = 65536 }; /* in one message */

/* Same time whatever the difference. */
static bool keys_equal(const char *a, const char *b)
{
    unsigned char difference = strlen(a) != strlen(b);

    for (size_t i = 0; i < KEY_SIZE - 1 && a[i] != '\0' && b[i] != '\0'; i++)
        difference |= (unsigned char)(a[i] ^ b[i]);
    return difference == 0;
}

/* The attempt that the message is about. CONFLICT: it is no longer wanted. */
static int find_attempt(struct service *service, struct call *call, struct live **live, struct pursuit **pursuit)
{
    const char *key;

    TRY(call_text(call, "key", NULL, &key));
    *live = live_by_id(service, call_integer(call, "experiment", 0));
    *pursuit = *live != NULL && !(*live)->is_deleted ? pursuit_find(*live, call_integer(call, "number", 0)) : NULL;
    if (*pursuit == NULL || (*pursuit)->attempt != call_integer(call, "attempt", 0) ||
        (*pursuit)->phase != PURSUIT_HANDED || !keys_equal((*pursuit)->key, key)) {
        fail(ERR_CONFLICT, "this attempt is no longer wanted");
        return ERR_CONFLICT;
    }
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

struct report_write {
    struct write write;
    struct arena arena;
    struct service *service;
    struct caller caller;
    int64_t experiment_id, trial, attempt;
    size_t n;
    struct observation_row *rows;
};

static int run_reports(struct db *db, struct write *write)
{
    struct report_write *reports = (struct report_write *)write;

    return observations_append(db, reports->experiment_id, reports->trial, reports->attempt, reports->rows, reports->n);
}

/* On disk: now they count. */
static void count_reports(struct report_write *reports)
{
    struct live *live = live_by_id(reports->service, reports->experiment_id);
    struct pursuit *pursuit = live != NULL ? pursuit_find(live, reports->trial) : NULL;
    struct trial *trial;
    size_t n_new = 0;

    if (pursuit == NULL || pursuit->attempt != reports->attempt)
        return;
    trial = experiment_trial(live->experiment, reports->trial);
    for (size_t i = 0; i < reports->n; i++) {
        const struct observation_row *row = &reports->rows[i];

        if (row->sequence <= pursuit->progress[row->role])
            continue; /* said before */
        pursuit->progress[row->role] = row->sequence;
        observation_add(&trial->observation, row->metric, row->time_us, row->value);
        reports->rows[n_new++] = *row;
    }
    stopping_reported(live, trial, reports->rows, n_new);
}

static void reports_done(struct write *write)
{
    struct report_write *reports = (struct report_write *)write;
    struct arena arena = { 0 };

    if (write->status < 0) {
        reply_error(reports->service, &reports->caller, write->status, write->message);
    } else {
        count_reports(reports);
        reply(reports->service, &reports->caller, node_map(&arena));
    }
    arena_release(&arena);
    arena_release(&reports->arena);
    free(reports);
}

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

static int read_reports(struct call *call, const struct live *live, const struct pursuit *pursuit,
                        struct report_write *reports)
{
    const struct node *list = node_get(call->body, "reports");

    if (list == NULL || list->kind != NODE_LIST || list->length > REPORTS_LIMIT)
        return fail(ERR_INVALID, "reports: expected a list of at most %d", REPORTS_LIMIT);
    reports->rows = arena_array(&reports->arena, list->length + 1, sizeof *reports->rows);
    for (; reports->n < list->length; reports->n++) {
        TRY(read_report(list->items[reports->n], live, pursuit, &reports->arena, &reports->rows[reports->n]));
        reports->rows[reports->n].value = arena_strdup(&reports->arena, reports->rows[reports->n].value);
    }
    return 0;
}

static int report(struct service *service, struct call *call)
{
    struct live *live;
    struct pursuit *pursuit;
    struct report_write *reports;
    int status;

    TRY(find_attempt(service, call, &live, &pursuit));
    reports = xcalloc(1, sizeof *reports);
    reports->write.run = run_reports;
    reports->write.done = reports_done;
    reports->service = service;
    reports->caller = call->caller;
    reports->experiment_id = live->id;
    reports->trial = pursuit->number;
    reports->attempt = pursuit->attempt;
    status = read_reports(call, live, pursuit, reports);
    if (status < 0) {
        arena_release(&reports->arena);
        free(reports);
        return status;
    }
    writer_queue(service->writer, &reports->write);
    return 0;
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
