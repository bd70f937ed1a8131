/*
 * The client's end of a channel, and its monitor: libzmq itself is silent about refused keys and tries again for ever.
 */
#include "service/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/wire.h"

enum {
    WATCHED = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
              ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_CONNECT_RETRIED
};

struct channel {
    char *address;
    void *socket, *monitor;
    bool is_broken, is_refused;
};

static void set_up(struct channel *channel, const struct credentials *credentials)
{
    int linger = 0, yes = 1;

    zmq_setsockopt(channel->socket, ZMQ_LINGER, &linger, sizeof linger);
    if (credentials == NULL)
        return;
    zmq_setsockopt(channel->socket, ZMQ_CURVE_SERVERKEY, credentials->server, strlen(credentials->server));
    zmq_setsockopt(channel->socket, ZMQ_CURVE_PUBLICKEY, credentials->own.public_key,
                   strlen(credentials->own.public_key));
    zmq_setsockopt(channel->socket, ZMQ_CURVE_SECRETKEY, credentials->own.secret_key,
                   strlen(credentials->own.secret_key));
    zmq_setsockopt(channel->socket, ZMQ_IPV6, &yes, sizeof yes);
    zmq_setsockopt(channel->socket, ZMQ_TCP_KEEPALIVE, &yes, sizeof yes);
}

/* Before connecting, so that nothing is missed. */
static int watch(void *context, struct channel *channel)
{
    char name[64];
    int linger = 0;

    snprintf(name, sizeof name, "inproc://channel-%p", (void *)channel);
    channel->monitor = zmq_socket(context, ZMQ_PAIR);
    if (channel->monitor == NULL || zmq_socket_monitor(channel->socket, name, WATCHED) < 0 ||
        zmq_connect(channel->monitor, name) < 0)
        return fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    zmq_setsockopt(channel->monitor, ZMQ_LINGER, &linger, sizeof linger);
    return 0;
}

int channel_open(void *context, const char *address, const struct credentials *credentials, struct channel **out)
{
    struct channel *channel = xcalloc(1, sizeof *channel);
    int status = 0;

    channel->address = xstrdup(address);
    channel->socket = zmq_socket(context, ZMQ_DEALER);
    if (channel->socket == NULL)
        status = fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    if (status == 0)
        set_up(channel, credentials);
    if (status == 0 && credentials != NULL)
        status = watch(context, channel);
    if (status == 0 && zmq_connect(channel->socket, address) < 0)
        status = fail(zmq_errno() == EINVAL ? ERR_INVALID : ERR_UNREACHABLE, "%s: %s", address,
                      zmq_strerror(zmq_errno()));
    if (status < 0) {
        channel_close(channel);
        return status;
    }
    *out = channel;
    return 0;
}

void channel_close(struct channel *channel)
{
    if (channel == NULL)
        return;
    if (channel->monitor != NULL) {
        zmq_socket_monitor(channel->socket, NULL, 0);
        zmq_close(channel->monitor);
    }
    if (channel->socket != NULL)
        zmq_close(channel->socket);
    free(channel->address);
    free(channel);
}

bool channel_is_refused(const struct channel *channel)
{
    return channel->is_refused;
}

bool channel_is_broken(const struct channel *channel)
{
    return channel->is_broken;
}

int channel_send(struct channel *channel, int64_t id, const char *op, const struct node *body)
{
    struct text bytes = { 0 };
    int sent;

    wire_encode_request(id, op, body, &bytes);
    sent = zmq_send(channel->socket, bytes.data, bytes.length, ZMQ_DONTWAIT);
    text_release(&bytes);
    return sent < 0 ? fail(ERR_UNREACHABLE, "cannot ask the service: %s", zmq_strerror(zmq_errno())) : 0;
}

/* An event of the monitor is two frames: event and value (zmq_socket_monitor(3)), then an address. */
static int heed_monitor(struct channel *channel)
{
    uint16_t event = 0;
    char frame[256];
    int length = zmq_recv(channel->monitor, frame, sizeof frame, ZMQ_DONTWAIT), more = 0;
    size_t size = sizeof more;

    if (length >= (int)sizeof event)
        memcpy(&event, frame, sizeof event);
    for (zmq_getsockopt(channel->monitor, ZMQ_RCVMORE, &more, &size); more != 0;
         zmq_getsockopt(channel->monitor, ZMQ_RCVMORE, &more, &size))
        zmq_recv(channel->monitor, frame, sizeof frame, ZMQ_DONTWAIT);
    if (event == ZMQ_EVENT_DISCONNECTED)
        channel->is_broken = true;
    if (event == ZMQ_EVENT_CONNECT_RETRIED)
        channel->is_refused = true;
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        return fail(ERR_DENIED, "%s does not know this key: ask its keeper for one (hone keygen)", channel->address);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
        return fail(ERR_DENIED, "%s does not answer as a hone service with keys does: is its own key another one now?",
                    channel->address);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
        return fail(ERR_DENIED, "%s has another key than this one's `server`, or is no hone service", channel->address);
    return 0;
}

int channel_receive(struct channel *channel, int64_t id, int wait_ms, struct arena *arena, const struct node **answer)
{
    int64_t until = clock_steady_ms() + wait_ms;

    for (;;) {
        int64_t left = until - clock_steady_ms();
        zmq_pollitem_t items[] = { { channel->socket, 0, ZMQ_POLLIN, 0 }, { channel->monitor, -1, ZMQ_POLLIN, 0 } };
        zmq_msg_t message;
        int64_t answered = 0;
        int status;

        if (zmq_poll(items, channel->monitor != NULL ? 2 : 1, left > 0 ? (long)left : 0) <= 0)
            return 0; /* time is up, or a signal came */
        if (items[1].revents != 0)
            TRY(heed_monitor(channel));
        if (channel->is_broken)
            return 0;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, channel->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            continue;
        }
        status = wire_decode_reply(zmq_msg_data(&message), zmq_msg_size(&message), arena, &answered, answer);
        zmq_msg_close(&message);
        if (answered == id || (status < 0 && answered == 0)) /* 0: an answer that cannot be read */
            return status < 0 ? status : 1;
    }
}
