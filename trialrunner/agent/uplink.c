/*
 * A DEALER that queues nothing for a peer that is not there, so that nothing stale piles up: what is due is kept here.
 */
#include "trialrunner/agent/uplink.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/wire.h"

enum {
    REPORTS_AT_ONCE = 512,
    BEAT_MS = 2000,
    ANSWER_MS = 2000,
    PAUSE_MS = 500,
    ANSWER_LIMIT = 1 << 20,
    RECONNECT_MS = 20,
    RECONNECT_LONGEST_MS = 500,
};

static int set_option(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value);
}

static int connect_socket(struct uplink *uplink)
{
    int64_t longest_answer = ANSWER_LIMIT;
    size_t size = sizeof uplink->fd;

    uplink->socket = zmq_socket(uplink->context, ZMQ_DEALER);
    if (uplink->socket == NULL || set_option(uplink->socket, ZMQ_LINGER, 0) < 0 ||
        set_option(uplink->socket, ZMQ_IMMEDIATE, 1) < 0 ||
        set_option(uplink->socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) < 0 ||
        set_option(uplink->socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_LONGEST_MS) < 0 ||
        zmq_setsockopt(uplink->socket, ZMQ_MAXMSGSIZE, &longest_answer, sizeof longest_answer) < 0 ||
        zmq_connect(uplink->socket, uplink->order->address) < 0 ||
        zmq_getsockopt(uplink->socket, ZMQ_FD, &uplink->fd, &size) < 0)
        return fail(ERR_IO, "connect to %s: %s", uplink->order->address, zmq_strerror(zmq_errno()));
    return 0;
}

int uplink_open(struct uplink *uplink, const struct order *order, struct spool *spool, int64_t now_ms)
{
    *uplink = (struct uplink){
        .fd = -1, .order = order, .spool = spool, .beat_due_ms = now_ms + BEAT_MS, .heard_ms = now_ms
    };
    uplink->context = zmq_ctx_new();
    if (uplink->context == NULL)
        return fail(ERR_IO, "ZeroMQ: %s", zmq_strerror(zmq_errno()));
    return connect_socket(uplink);
}

void uplink_close(struct uplink *uplink)
{
    if (uplink->socket != NULL)
        zmq_close(uplink->socket);
    if (uplink->context != NULL)
        zmq_ctx_term(uplink->context);
    text_release(&uplink->question.bytes);
    text_release(&uplink->beat.bytes);
    arena_release(&uplink->arena);
    *uplink = (struct uplink){ .fd = -1 };
}

/* --- questions --- */

struct node *uplink_body(const struct order *order, struct arena *arena)
{
    struct node *body = node_map(arena);

    node_set(arena, body, "experiment", node_integer(arena, order->experiment_id));
    node_set(arena, body, "number", node_integer(arena, order->number));
    node_set(arena, body, "attempt", node_integer(arena, order->attempt));
    node_set(arena, body, "key", node_text(arena, order->key));
    return body;
}

static void add_report(struct arena *arena, struct node *reports, const struct spooled *report)
{
    struct node *row = node_add(arena, reports, node_list(arena));

    node_add(arena, row, node_integer(arena, report->role));
    node_add(arena, row, node_integer(arena, report->sequence));
    node_add(arena, row, node_integer(arena, report->time_us));
    node_add(arena, row, node_integer(arena, report->step));
    node_add(arena, row, node_integer(arena, (int64_t)report->metric));
    node_add(arena, row, node_text(arena, report->value));
}

static struct node *reports_body(struct uplink *uplink, struct arena *arena, size_t *n)
{
    struct node *body = uplink_body(uplink->order, arena);
    struct node *reports = node_set(arena, body, "reports", node_list(arena));

    *n = uplink->spool->n < REPORTS_AT_ONCE ? uplink->spool->n : REPORTS_AT_ONCE;
    for (size_t i = 0; i < *n; i++)
        add_report(arena, reports, spool_at(uplink->spool, i));
    return body;
}

static void ask(struct uplink *uplink, struct question *question, const char *op, const struct node *body)
{
    text_clear(&question->bytes);
    question->id = ++uplink->last_id;
    question->due_ms = 0;
    wire_encode_request(question->id, op, body, &question->bytes);
}

/* The next thing to say, if nothing is being said. */
static void ask_next(struct uplink *uplink, int64_t now_ms)
{
    struct arena arena = { 0 };
    struct node *body;

    if (uplink->question.id != 0 || uplink->is_refused || uplink->is_done || now_ms < uplink->pause_until_ms)
        return;
    if (!uplink->is_greeted) {
        body = uplink_body(uplink->order, &arena);
        node_set(&arena, body, "pid", node_integer(&arena, getpid()));
        ask(uplink, &uplink->question, "agent.hello", body);
    } else if (uplink->spool->n > 0) {
        body = reports_body(uplink, &arena, &uplink->question.n_reports);
        ask(uplink, &uplink->question, "agent.report", body);
    } else if (uplink->end != NULL) {
        ask(uplink, &uplink->question, "agent.end", uplink->end);
    }
    arena_release(&arena);
}

static void ask_beat(struct uplink *uplink, int64_t now_ms)
{
    struct arena arena = { 0 };

    if (now_ms < uplink->beat_due_ms || uplink->is_refused || uplink->is_done || !uplink->is_greeted)
        return;
    uplink->beat_due_ms = now_ms + BEAT_MS;
    ask(uplink, &uplink->beat, "agent.beat", uplink_body(uplink->order, &arena));
    arena_release(&arena);
}

/* true: something was sent. */
static bool send_due(struct uplink *uplink, struct question *question, int64_t now_ms)
{
    if (question->id == 0 || now_ms < question->due_ms)
        return false;
    if (zmq_send(uplink->socket, question->bytes.data, question->bytes.length, ZMQ_DONTWAIT) < 0) {
        question->due_ms = 0; /* nobody is there: the descriptor will tell */
        return false;
    }
    question->due_ms = now_ms + ANSWER_MS;
    return true;
}

/* --- answers --- */

static void take_progress(struct uplink *uplink, const struct node *body)
{
    const struct node *list = node_get(body, "progress");
    size_t n = list != NULL && list->kind == NODE_LIST ? list->length : 0;
    int64_t *progress = xcalloc(n + 1, sizeof *progress);

    for (size_t i = 0; i < n; i++)
        if (!node_to_integer(list->items[i], &progress[i]))
            progress[i] = 0;
    spool_acknowledge(uplink->spool, progress, n);
    free(progress);
}

static void take_answer(struct uplink *uplink, const struct node *body)
{
    if (!uplink->is_greeted) {
        uplink->is_greeted = true;
        take_progress(uplink, body);
    } else if (uplink->question.n_reports > 0) {
        spool_drop(uplink->spool, uplink->question.n_reports);
    } else {
        uplink->is_done = true;
    }
    uplink->question.id = 0;
    uplink->question.n_reports = 0;
}

/* The service will never take it: going on is better than asking for ever. */
static bool is_final(int status)
{
    return status == ERR_INVALID || status == ERR_LIMIT || status == ERR_UNSUPPORTED;
}

static bool is_refusal(int status)
{
    return status == ERR_CONFLICT || status == ERR_NOT_FOUND || status == ERR_DENIED;
}

static void take_error(struct uplink *uplink, int status, int64_t now_ms)
{
    if (is_refusal(status)) {
        uplink->is_refused = true;
    } else if (is_final(status)) {
        log_error("agent.answer", "%s: %s", status_name(status), fail_message());
        take_answer(uplink, NULL);
    } else { /* ask anew, a little later */
        uplink->question.id = 0;
        uplink->question.n_reports = 0;
        uplink->pause_until_ms = now_ms + PAUSE_MS;
    }
}

static void take_message(struct uplink *uplink, const void *bytes, size_t length, int64_t now_ms)
{
    const struct node *body = NULL;
    int64_t id = 0;
    int status = wire_decode_reply(bytes, length, &uplink->arena, &id, &body);

    if (id != 0 && id == uplink->question.id && status < 0)
        take_error(uplink, status, now_ms);
    else if (id != 0 && id == uplink->question.id)
        take_answer(uplink, body);
    else if (id != 0 && id == uplink->beat.id && is_refusal(status))
        uplink->is_refused = true;
    if (id != 0 && id == uplink->beat.id)
        uplink->beat.id = 0;
    arena_release(&uplink->arena);
}

static bool receive(struct uplink *uplink, int64_t now_ms)
{
    zmq_msg_t message;
    bool received;

    zmq_msg_init(&message);
    received = zmq_msg_recv(&message, uplink->socket, ZMQ_DONTWAIT) >= 0;
    if (received)
        uplink->heard_ms = now_ms;
    if (received && !zmq_msg_more(&message))
        take_message(uplink, zmq_msg_data(&message), zmq_msg_size(&message), now_ms);
    zmq_msg_close(&message);
    return received;
}

void uplink_turn(struct uplink *uplink, int64_t now_ms)
{
    bool moved = true;

    while (moved) {
        moved = false;
        while (receive(uplink, now_ms))
            moved = true;
        ask_next(uplink, now_ms);
        ask_beat(uplink, now_ms);
        moved |= send_due(uplink, &uplink->question, now_ms);
        moved |= send_due(uplink, &uplink->beat, now_ms);
    }
}

int64_t uplink_due_ms(const struct uplink *uplink)
{
    int64_t due = uplink->is_greeted ? uplink->beat_due_ms : INT64_MAX;

    if (uplink->is_refused || uplink->is_done)
        return INT64_MAX;
    if (uplink->question.id != 0 && uplink->question.due_ms > 0 && uplink->question.due_ms < due)
        due = uplink->question.due_ms;
    if (uplink->question.id == 0 && uplink->pause_until_ms > 0 && uplink->pause_until_ms < due &&
        (!uplink->is_greeted || uplink->spool->n > 0 || uplink->end != NULL))
        due = uplink->pause_until_ms;
    return due;
}
