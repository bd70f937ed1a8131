/*
 * Options of sockets (libzmq 4.3: zmq_setsockopt(3)).
 */
#include "service/socket.h"

#include <stdint.h>
#include <zmq.h>

#include "base/message.h"

enum { LINGER_MS = 500, HANDSHAKE_MS = 5000, QUEUED = 100000, UNHEARD = 10000, SUBSCRIPTION_LIMIT = 1024 };

void *socket_router(void *context)
{
    void *router = zmq_socket(context, ZMQ_ROUTER);
    int linger = LINGER_MS, mandatory = 1, hwm = QUEUED, handshake = HANDSHAKE_MS;
    int64_t limit = MESSAGE_SIZE_LIMIT;

    if (router == NULL)
        return NULL;
    zmq_setsockopt(router, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(router, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
    zmq_setsockopt(router, ZMQ_MAXMSGSIZE, &limit, sizeof limit);
    zmq_setsockopt(router, ZMQ_SNDHWM, &hwm, sizeof hwm);
    zmq_setsockopt(router, ZMQ_RCVHWM, &hwm, sizeof hwm);
    zmq_setsockopt(router, ZMQ_HANDSHAKE_IVL, &handshake, sizeof handshake);
    return router;
}

void *socket_publisher(void *context)
{
    void *publisher = zmq_socket(context, ZMQ_XPUB);
    int linger = 0, manual = 1, hwm = UNHEARD, handshake = HANDSHAKE_MS;
    int64_t limit = SUBSCRIPTION_LIMIT;

    if (publisher == NULL)
        return NULL;
    zmq_setsockopt(publisher, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(publisher, ZMQ_XPUB_MANUAL, &manual, sizeof manual);
    zmq_setsockopt(publisher, ZMQ_MAXMSGSIZE, &limit, sizeof limit);
    zmq_setsockopt(publisher, ZMQ_SNDHWM, &hwm, sizeof hwm);
    zmq_setsockopt(publisher, ZMQ_HANDSHAKE_IVL, &handshake, sizeof handshake);
    return publisher;
}
