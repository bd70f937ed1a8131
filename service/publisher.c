/*
 * Subscriptions are let in one by one (ZMQ_XPUB_MANUAL): the message that asks for one carries the name that the gate gave.
 */
#include "service/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "base/message.h"
#include "base/status.h"
#include "service/core.h"
#include "service/events.h"
#include "service/gate.h"
#include "service/socket.h"

enum { TOPIC_LIMIT = 512, EVENTS_A_ROUND = 1000 };

struct publisher {
    void *local, *remote; /* remote NULL: nobody comes in over tcp */
    char *address, *port;
    bool was_heard; /* somebody has subscribed */
    int64_t sent;   /* number of the last event */
};

static int open_local(struct service *service, struct publisher *publisher)
{
    publisher->address = xasprintf("%s.events", service->endpoint);
    publisher->local = socket_publisher(service->context);
    if (publisher->local == NULL)
        return fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    unlink(publisher->address + strlen("ipc://"));
    if (zmq_bind(publisher->local, publisher->address) < 0)
        return fail(ERR_IO, "cannot listen on %s: %s", publisher->address, zmq_strerror(zmq_errno()));
    return 0;
}

static int open_remote(struct service *service, bool at_any_port, struct publisher *publisher)
{
    if (service->gate == NULL)
        return 0;
    publisher->remote = socket_publisher(service->context);
    if (publisher->remote == NULL)
        return fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    return gate_listen_beside(service->gate, publisher->remote, at_any_port, &publisher->port);
}

int publisher_open(struct service *service, bool at_any_port, struct publisher **out)
{
    struct publisher *publisher = xcalloc(1, sizeof *publisher);
    int status = open_local(service, publisher);

    if (status == 0)
        status = open_remote(service, at_any_port, publisher);
    if (status == 0)
        status = events_last(service->reader, &publisher->sent);
    if (status < 0) {
        publisher_close(publisher);
        return status;
    }
    *out = publisher;
    return 0;
}

void publisher_close(struct publisher *publisher)
{
    if (publisher == NULL)
        return;
    if (publisher->local != NULL)
        zmq_close(publisher->local);
    if (publisher->remote != NULL)
        zmq_close(publisher->remote);
    free(publisher->address);
    free(publisher->port);
    free(publisher);
}

const char *publisher_address(const struct publisher *publisher, bool by_tcp)
{
    return by_tcp ? publisher->port : publisher->address;
}

void *publisher_socket(const struct publisher *publisher, bool by_tcp)
{
    return by_tcp ? publisher->remote : publisher->local;
}

/* --- subscriptions --- */

/* A topic that names no whole namespace is of all of them. */
static bool may_hear(const struct principal *who, const char *topic)
{
    const char *slash = strchr(topic, '/');
    char namespace[TOPIC_LIMIT];

    if (who == NULL)
        return false;
    if (slash == NULL)
        return who->n_namespaces == 0;
    snprintf(namespace, sizeof namespace, "%.*s", (int)(slash - topic), topic);
    return principal_may_enter(who, namespace);
}

static void heed(struct service *service, void *socket, zmq_msg_t *message)
{
    const char *bytes = zmq_msg_data(message), *name = zmq_msg_gets(message, "User-Id");
    size_t length = zmq_msg_size(message);
    char topic[TOPIC_LIMIT];

    if (length < 1 || length > TOPIC_LIMIT || (unsigned char)bytes[0] > 1)
        return;
    memcpy(topic, bytes + 1, length - 1);
    topic[length - 1] = '\0';
    if (bytes[0] == 0) {
        zmq_setsockopt(socket, ZMQ_UNSUBSCRIBE, topic, length - 1);
    } else if (may_hear(call_principal(service, socket == service->publisher->local, name), topic)) {
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, length - 1);
        service->publisher->was_heard = true;
    } else {
        log_warning("events.refused", "who=%s topic=%s", name != NULL ? name : "", topic);
    }
}

static void heed_all(struct service *service, void *socket)
{
    zmq_msg_t message;

    if (socket == NULL)
        return;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0)
        heed(service, socket, &message);
    zmq_msg_close(&message);
}

void publisher_subscribe(struct service *service)
{
    heed_all(service, service->publisher->local);
    heed_all(service, service->publisher->remote);
}

/* --- messages --- */

static void send(const struct publisher *publisher, const char *topic, const struct node *body)
{
    void *const sockets[] = { publisher->local, publisher->remote };
    struct text bytes = { 0 };

    message_encode(body, &bytes);
    for (size_t i = 0; i < 2 && (i == 0 || sockets[i] != NULL);
         i++) /* one that does not keep up misses it and sees that */
        if (zmq_send(sockets[i], topic, strlen(topic), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
            zmq_send(sockets[i], bytes.data, bytes.length, ZMQ_DONTWAIT);
    text_release(&bytes);
}

static void send_event(struct service *service, const struct event_row *row, struct arena *arena)
{
    struct node *node = events_node(service, row, arena);
    const char *namespace = node_to_text(arena, node_get(node, "namespace")),
               *name = node_to_text(arena, node_get(node, "name"));
    struct live *live = live_by_id(service, row->experiment_id);
    int64_t previous = live != NULL ? live->last_event : 0;

    if (namespace == NULL || name == NULL)
        return; /* purged since */
    node_set(arena, node, "previous", previous > 0 ? node_integer(arena, previous) : node_null(arena));
    if (live != NULL)
        live->last_event = row->sequence;
    if (service->publisher->was_heard)
        send(service->publisher, arena_printf(arena, "%s/%s", namespace, name), node);
}

void publisher_send_events(struct service *service)
{
    size_t n = EVENTS_A_ROUND;

    while (n == EVENTS_A_ROUND) {
        struct arena arena = { 0 };
        struct event_row *rows;

        if (events_load(service->reader, service->publisher->sent, 0, EVENTS_A_ROUND, &arena, &rows, &n) < 0) {
            log_error("events.read", "%s", fail_message());
            n = 0;
        }
        for (size_t i = 0; i < n; i++) {
            send_event(service, &rows[i], &arena);
            service->publisher->sent = rows[i].sequence;
        }
        arena_release(&arena);
    }
}

void publisher_send_reports(struct service *service, const struct live *live, int64_t trial,
                            const struct observation_row *rows, size_t n)
{
    struct arena arena = { 0 };
    const char *topic;

    if (!service->publisher->was_heard)
        return;
    topic = arena_printf(&arena, "%s/%s", live->spec->namespace, live->spec->name);
    for (size_t i = 0; i < n; i++) {
        struct node *node = node_map(&arena);

        node_set(&arena, node, "kind", node_text(&arena, "Reported"));
        node_set(&arena, node, "namespace", node_text(&arena, live->spec->namespace));
        node_set(&arena, node, "name", node_text(&arena, live->spec->name));
        node_set(&arena, node, "trial", node_integer(&arena, trial));
        node_set(&arena, node, "metric", node_text(&arena, live->spec->objective.metrics[rows[i].metric].name));
        node_set(&arena, node, "value", node_text(&arena, rows[i].value));
        if (rows[i].step >= 0)
            node_set(&arena, node, "step", node_integer(&arena, rows[i].step));
        send(service->publisher, topic, node);
    }
    arena_release(&arena);
}
