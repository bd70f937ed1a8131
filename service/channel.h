/*
 * A channel to a service: one DEALER socket, questions out, answers in.
 */
#ifndef HONE_SERVICE_CHANNEL_H
#define HONE_SERVICE_CHANNEL_H

#include "base/node.h"
#include "service/keyring.h"

struct channel;

/* credentials NULL: an ipc address. Connecting goes on in the background. ERR_INVALID: no such address. */
int channel_open(void *context, const char *address, const struct credentials *credentials, struct channel **channel);
void channel_close(struct channel *channel); /* accepts NULL */

int channel_send(struct channel *channel, int64_t id, const char *op, const struct node *body);
/* Has the other end gone since it was there? What was asked of it may be lost; a new channel is needed. */
bool channel_is_broken(const struct channel *channel);
/* Over tcp: nobody listens at the other end, or did not when it was tried last. */
bool channel_is_refused(const struct channel *channel);
/* The answer to id: 1 with its body, 0 when it did not come in time, or its error. Answers to other questions are dropped. ERR_DENIED
   when the two ends do not accept each other's keys: which of them is wrong. */
int channel_receive(struct channel *channel, int64_t id, int wait_ms, struct arena *arena, const struct node **answer);

#endif
