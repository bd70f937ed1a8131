/*
 * From bytes to a handler and back: decode, find the row, run it; every question is answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base/status.h"
#include "base/wire.h"
#include "db/experiments.h"
#include "service/audit.h"
#include "service/call.h"
#include "service/core.h"
#include "service/gate.h"
#include "service/metrics.h"
#include "service/pursuit.h"

static const struct handler *const tables[] = { service_handlers, experiment_handlers, insight_handlers,
                                                trial_handlers,   worker_handlers,     agent_handlers };

static const struct handler *find(const char *op)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct handler *handler = tables[i]; handler->op != NULL; handler++)
            if (strcmp(handler->op, op) == 0)
                return handler;
    return NULL;
}

static void send_to(const struct caller *caller, const struct text *bytes)
{
    /* Nobody there any more is no error of ours: whoever asked has gone. */
    if (zmq_send(caller->socket, caller->identity, caller->length, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
        zmq_send(caller->socket, bytes->data, bytes->length, ZMQ_DONTWAIT) < 0)
        log_debug("reply.lost", "id=%lld: %s", (long long)caller->id, zmq_strerror(zmq_errno()));
}

void reply(struct service *service, const struct caller *caller, const struct node *body)
{
    struct text bytes = { 0 };

    wire_encode_reply(caller->id, body, &bytes);
    metrics_answered(service->metrics, caller, 0);
    send_to(caller, &bytes);
    text_release(&bytes);
}

void reply_error(struct service *service, const struct caller *caller, int status, const char *message)
{
    struct text bytes = { 0 };

    wire_encode_error(caller->id, status, message, NULL, &bytes);
    metrics_answered(service->metrics, caller, status);
    send_to(caller, &bytes);
    text_release(&bytes);
}

struct again {
    struct letter letter;
    struct caller caller;
    struct text bytes;
};

static void ask_again(struct service *service, struct letter *letter)
{
    struct again *again = (struct again *)letter;

    if (service != NULL)
        dispatch(service, &again->caller, again->bytes.data, again->bytes.length);
    text_release(&again->bytes);
    free(again);
}

void call_again(struct service *service, const struct call *call, const char *op)
{
    struct again *again = xcalloc(1, sizeof *again);

    again->letter.open = ask_again;
    again->caller = call->caller;
    wire_encode_request(call->caller.id, op, call->body, &again->bytes);
    mailbox_post(service->mailbox, &again->letter);
}

/* Keys may have been taken away since it connected. */
const struct principal *call_principal(struct service *service, bool is_local, const char *name)
{
    if (is_local)
        return &principal_local;
    return service->gate != NULL && name != NULL ? gate_principal(service->gate, name) : NULL;
}

static int handle(struct service *service, struct call *call, const char *op)
{
    const struct handler *handler = find(op);
    int status;

    call->caller.op = handler != NULL ? handler->op : NULL;
    if (call->who == NULL)
        status = fail(ERR_DENIED, "the key of %s is no longer known here", call->caller.name);
    else if (handler == NULL)
        status = fail(ERR_UNSUPPORTED, "no operation %s", op);
    else if (call->who->role < handler->least)
        status = fail(ERR_DENIED, "%s has the role %s; %s takes %s", call->who->name, role_names[call->who->role], op,
                      role_names[handler->least]);
    else
        status = handler->handle(service, call);
    audit_note(service, call, op, handler, status);
    return status;
}

int call_enter(const struct call *call, const char *namespace)
{
    if (principal_may_enter(call->who, namespace))
        return 0;
    return fail(ERR_DENIED, "%s has no business in namespace %s", call->who->name, namespace);
}

void dispatch(struct service *service, const struct caller *from, const void *bytes, size_t length)
{
    struct arena arena = { 0 };
    struct request request = { 0 };
    struct call call = { .caller = *from, .arena = &arena };
    int status = wire_decode_request(bytes, length, &arena, &request);

    call.caller.id = request.id;
    call.caller.came_us = clock_steady_us();
    call.body = request.body;
    call.who = call_principal(service, from->socket == service->router, from->name);
    if (status == 0)
        status = handle(service, &call, request.op);
    else
        metrics_refused(service->metrics, "message");
    if (status < 0)
        reply_error(service, &call.caller, status, fail_message());
    arena_release(&arena);
}

int call_text(const struct call *call, const char *key, const char *fallback, const char **value)
{
    const struct node *node = node_get(call->body, key);

    *value = node_to_text(call->arena, node);
    if (*value == NULL)
        *value = fallback;
    if (*value == NULL) {
        fail(ERR_INVALID, "%s: expected a text, got %s", key, node_kind_name(node));
        return ERR_INVALID;
    }
    return 0;
}

int64_t call_integer(const struct call *call, const char *key, int64_t fallback)
{
    int64_t value;

    return node_to_integer(node_get(call->body, key), &value) ? value : fallback;
}

/* The one namespace that has an experiment of this name. */
static int find_namespace(struct service *service, struct call *call, const char *name, const char **namespace)
{
    struct experiment_row *rows;
    size_t n, n_found = 0;

    TRY(experiments_list(service->reader, NULL, call->arena, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        if (!text_equal(rows[i].name, name) || !principal_may_enter(call->who, rows[i].namespace))
            continue;
        *namespace = rows[i].namespace;
        n_found++;
    }
    if (n_found == 0)
        return fail(ERR_NOT_FOUND, "no experiment %s", name);
    if (n_found > 1)
        return fail(ERR_CONFLICT, "%zu namespaces have an experiment %s: say which with -n", n_found, name);
    return 0;
}

int call_experiment(struct service *service, struct call *call, struct live **live)
{
    const char *namespace, *name;

    TRY(call_text(call, "name", NULL, &name));
    TRY(call_text(call, "namespace", "", &namespace));
    if (*namespace == '\0')
        TRY(find_namespace(service, call, name, &namespace));
    TRY(call_enter(call, namespace));
    return live_find(service, namespace, name, live);
}

static struct trial *trial_of(const struct live *live, const char *word)
{
    int64_t number;

    if (number_parse_integer(word, &number))
        return experiment_trial(live->experiment, number);
    for (size_t i = 0; i < live->experiment->n_trials; i++)
        if (text_equal(live->experiment->trials[i]->name, word))
            return live->experiment->trials[i];
    return NULL;
}

int call_trial(struct service *service, struct call *call, struct live **live, struct trial **trial)
{
    const char *word, *name;
    int status;

    TRY(call_text(call, "trial", NULL, &word));
    TRY(call_text(call, "name", "", &name));
    if (*name == '\0') { /* <experiment>-<8 letters> */
        const char *dash = strrchr(word, '-');
        struct node *body = node_copy(call->arena, call->body);

        if (dash == NULL)
            return fail(ERR_NOT_FOUND, "no trial %s: expected a trial's name, or an experiment and a number", word);
        node_set(call->arena, body, "name", node_text(call->arena, arena_strndup(call->arena, word, dash - word)));
        call->body = body;
    }
    status = call_experiment(service, call, live);
    if (status == ERR_NOT_FOUND && *name == '\0')
        return fail(ERR_NOT_FOUND, "no trial %s", word);
    TRY(status);
    *trial = trial_of(*live, word);
    if (*trial == NULL)
        return fail(ERR_NOT_FOUND, "no trial %s in experiment %s/%s", word, (*live)->spec->namespace,
                    (*live)->spec->name);
    return 0;
}

/* Same time whatever the difference. */
static bool keys_equal(const char *a, const char *b)
{
    unsigned char difference = strlen(a) != strlen(b);

    for (size_t i = 0; i < KEY_SIZE - 1 && a[i] != '\0' && b[i] != '\0'; i++)
        difference |= (unsigned char)(a[i] ^ b[i]);
    return difference == 0;
}

int call_pursuit(struct service *service, struct call *call, struct live **live, struct pursuit **pursuit)
{
    const char *key;
    bool is_there;

    TRY(call_text(call, "key", NULL, &key));
    is_there = live_find_id(service, call_integer(call, "experiment", 0), live) == 0 && !(*live)->is_deleted;
    *pursuit = is_there ? pursuit_find(*live, call_integer(call, "number", 0)) : NULL;
    if (*pursuit == NULL || (*pursuit)->attempt != call_integer(call, "attempt", 0) ||
        !keys_equal((*pursuit)->key, key))
        return fail(ERR_CONFLICT, "this attempt is no longer wanted");
    return call_enter(call, (*live)->spec->namespace);
}
