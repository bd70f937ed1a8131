/*
 * A line to a service: one DEALER socket, questions out, answers in.
 */
#ifndef HONE_SERVICE_LINE_H
#define HONE_SERVICE_LINE_H

#include "base/node.h"
#include "service/keyring.h"

struct line;

/* credentials NULL: an ipc address. Connecting goes on in the background. ERR_INVALID: no such address. */
int line_open(void *context, const char *address, const struct credentials *credentials, struct line **line);
void line_close(struct line *line); /* accepts NULL */

int line_send(struct line *line, int64_t id, const char *op, const struct node *body);
/* Has the other end gone since it was there? What was asked of it may be lost; a new line is needed. */
bool line_is_broken(const struct line *line);
/* The answer to id: 1 with its body, 0 when it did not come in time, or its error. Answers to other questions are dropped. ERR_DENIED
   when the two ends do not accept each other's keys: which of them is wrong. */
int line_receive(struct line *line, int64_t id, int wait_ms, struct arena *arena, const struct node **answer);

#endif
