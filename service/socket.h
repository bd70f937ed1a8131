/*
 * The service's sockets: what all of them are set to.
 */
#ifndef HONE_SERVICE_SOCKET_H
#define HONE_SERVICE_SOCKET_H

/* A ROUTER within our limits, not yet bound. NULL: zmq_errno() says why. */
void *socket_router(void *context);
/* An XPUB whose subscriptions the owner lets in (ZMQ_XPUB_MANUAL). */
void *socket_publisher(void *context);

#endif
