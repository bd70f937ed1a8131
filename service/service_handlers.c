/*
 * Operations on the service itself: hello, backup; events since and the audit trail have files of their own.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "base/wire.h"
#include "service/audit.h"
#include "service/call.h"
#include "service/core.h"
#include "service/events.h"
#include "service/publisher.h"

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
    node_set(call->arena, body, "events",
             node_text(call->arena, publisher_address(service->publisher, call->caller.socket != service->router)));
    reply(service, &call->caller, body);
    return 0;
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
    { "events", ROLE_VIEWER, events_call },
    { "audit", ROLE_ADMIN, audit_call },
    { "backup", ROLE_ADMIN, backup },
    { 0 },
};
