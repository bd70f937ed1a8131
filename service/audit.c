/*
 * The audit trail: every operation that takes an editor or more, and every one that was denied.
 */
#include "service/audit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "db/audit.h"
#include "service/core.h"

enum { ENTRIES_LIMIT = 1000 };

struct audit_write {
    struct write write;
    struct arena arena;
    struct audit_row row;
};

static int run(struct db *db, struct write *write)
{
    return audit_append(db, &((struct audit_write *)write)->row);
}

static void done(struct write *write)
{
    struct audit_write *own = (struct audit_write *)write;

    if (write->status < 0)
        log_error("audit.lost", "who=%s op=%s: %s", own->row.who, own->row.op, write->message);
    arena_release(&own->arena);
    free(own);
}

/* What the body says it is about. */
static const char *subject_of(const struct node *body, struct arena *arena)
{
    const char *namespace = node_to_text(arena, node_get(body, "namespace"));
    const char *name = node_to_text(arena, node_get(body, "name")),
               *trial = node_to_text(arena, node_get(body, "trial"));
    const char *files = node_get(body, "files") != NULL ? "files" : NULL,
               *path = node_to_text(arena, node_get(body, "path"));

    if (name == NULL && trial == NULL)
        return files != NULL ? files : path;
    return arena_printf(arena, "%s/%s%s%s", namespace != NULL ? namespace : "", name != NULL ? name : "",
                        trial != NULL ? " " : "", trial != NULL ? trial : "");
}

void audit_note(struct service *service, const struct call *call, const char *op, const struct handler *handler,
                int status)
{
    const char *name = call->who != NULL ? call->who->name : call->caller.name;
    struct audit_write *own;

    if (status != ERR_DENIED && (handler == NULL || handler->least < ROLE_EDITOR))
        return;
    own = xcalloc(1, sizeof *own);
    own->write.run = run;
    own->write.done = done;
    own->row = (struct audit_row){
        .time_us = clock_wall_us(),
        .who = arena_strdup(&own->arena, *name != '\0' ? name : "local"),
        .op = arena_strdup(&own->arena, op),
        .subject = call->subject != NULL ? call->subject : subject_of(call->body, &own->arena),
        .outcome = status_name(status < 0 ? status : 0),
    };
    if (own->row.subject != NULL)
        own->row.subject = arena_strdup(&own->arena, own->row.subject);
    log_info("audit", "who=%s op=%s outcome=%s", own->row.who, own->row.op, own->row.outcome);
    writer_queue(service->writer, &own->write);
}

int audit_call(struct service *service, struct call *call)
{
    struct node *body = node_map(call->arena), *list = node_set(call->arena, body, "entries", node_list(call->arena));
    int64_t max = call_integer(call, "max", ENTRIES_LIMIT);
    struct audit_row *rows;
    size_t n;

    TRY(audit_load(service->reader, call_integer(call, "since", 0),
                   max < 1               ? 1
                   : max > ENTRIES_LIMIT ? ENTRIES_LIMIT
                                         : (size_t)max,
                   call->arena, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        struct node *entry = node_add(call->arena, list, node_map(call->arena));
        char time[CLOCK_TEXT_SIZE];

        node_set(call->arena, entry, "sequence", node_integer(call->arena, rows[i].sequence));
        node_set(call->arena, entry, "time", node_text(call->arena, clock_format_us(rows[i].time_us, time)));
        node_set(call->arena, entry, "who", node_text(call->arena, rows[i].who));
        node_set(call->arena, entry, "op", node_text(call->arena, rows[i].op));
        node_set(call->arena, entry, "subject", node_text(call->arena, rows[i].subject));
        node_set(call->arena, entry, "outcome", node_text(call->arena, rows[i].outcome));
    }
    reply(service, &call->caller, body);
    return 0;
}
