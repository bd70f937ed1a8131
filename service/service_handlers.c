/*
 * Operations on the service itself: hello, events since, backup.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/wire.h"
#include "db/events.h"
#include "db/experiments.h"
#include "service/audit.h"
#include "service/call.h"
#include "service/core.h"

enum { EVENTS_LIMIT = 1000, EVENTS_WAIT_MS = 10000, PARKED_LIMIT = 1000 };

/* A passive owner gives way to whoever wants to run trials. */
static int hello(struct service *service, struct call *call)
{
    struct node *body = node_map(call->arena);
    bool conduct = false;

    node_to_boolean(node_get(call->body, "conduct"), &conduct);
    if (conduct && !service->conduct)
        service->is_leaving = true;
    node_set(call->arena, body, "version", node_text(call->arena, HONE_VERSION));
    node_set(call->arena, body, "wire", node_integer(call->arena, WIRE_VERSION));
    node_set(call->arena, body, "pid", node_integer(call->arena, getpid()));
    node_set(call->arena, body, "conduct", node_boolean(call->arena, service->conduct));
    node_set(call->arena, body, "leaving", node_boolean(call->arena, service->is_leaving));
    node_set(call->arena, body, "database", node_text(call->arena, service->database));
    node_set(call->arena, body, "schema", node_integer(call->arena, db_schema_version()));
    reply(service, &call->caller, body);
    return 0;
}

/* --- events --- */

struct parked {
    struct parked *next;
    struct caller caller;
    int64_t since, experiment_id, until_ms;
    size_t max;
};

static struct node *event_node(struct service *service, const struct event_row *row, struct arena *arena)
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
        node_add(&arena, events, event_node(service, &rows[i], &arena));
    if (n > 0 || is_last)
        reply(service, &parked->caller, body);
    arena_release(&arena);
    return n > 0 || is_last;
}

static int events(struct service *service, struct call *call)
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

void events_serve(struct service *service, int64_t now_ms)
{
    bool has_new = service->has_new_events;

    service->has_new_events = false;
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

/* --- backup: on a connection of its own, beside the loop --- */

struct backup_call {
    struct engine_call call;
    struct letter letter;
    struct caller caller;
    char *database, *target, *message;
    int64_t bytes;
    int status;
};

static void backup_written(struct service *service, struct letter *letter)
{
    struct backup_call *backup = (struct backup_call *)((char *)letter - offsetof(struct backup_call, letter));
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);

    if (service != NULL && backup->status < 0) {
        reply_error(service, &backup->caller, backup->status, backup->message);
    } else if (service != NULL) {
        node_set(&arena, body, "path", node_text(&arena, backup->target));
        node_set(&arena, body, "bytes", node_integer(&arena, backup->bytes));
        reply(service, &backup->caller, body);
    }
    arena_release(&arena);
    free(backup->database);
    free(backup->target);
    free(backup->message);
    free(backup);
}

static void run_backup(const struct engine *engine, void *state, struct mailbox *mailbox, struct engine_call *call)
{
    struct backup_call *backup = (struct backup_call *)call;
    struct db *db = NULL;
    struct stat written;

    (void)engine;
    (void)state;
    backup->status = db_open(backup->database, DB_READER, &db);
    if (backup->status == 0)
        backup->status = db_backup(db, backup->target);
    if (backup->status < 0)
        backup->message = xstrdup(fail_message());
    else if (stat(backup->target, &written) == 0)
        backup->bytes = written.st_size;
    db_close(db);
    mailbox_post(mailbox, &backup->letter);
}

static int backup(struct service *service, struct call *call)
{
    struct backup_call *backup_call;
    const char *path;

    TRY(call_text(call, "path", NULL, &path));
    if (*path != '/')
        return fail(ERR_INVALID, "path: expected an absolute path, got \"%s\"", path);
    backup_call = xcalloc(1, sizeof *backup_call);
    backup_call->call.run = run_backup;
    backup_call->letter.open = backup_written;
    backup_call->caller = call->caller;
    backup_call->database = xstrdup(service->database);
    backup_call->target = xstrdup(path);
    engine_thread_call(service->engine, &backup_call->call);
    return 0;
}

const struct handler service_handlers[] = {
    { "hello", ROLE_VIEWER, hello },
    { "events", ROLE_VIEWER, events },
    { "audit", ROLE_ADMIN, audit_call },
    { "backup", ROLE_ADMIN, backup },
    { 0 },
};
