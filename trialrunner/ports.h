/*
 * TCP ports of this machine for the roles of trials: runs of neighbours, given to one attempt at a time.
 *
 * Below the kernel's ephemeral ports (32768 and up), so that no connection of anybody happens to have one. A port that somebody else
 * listens on is passed over.
 */
#ifndef HONE_TRIALRUNNER_PORTS_H
#define HONE_TRIALRUNNER_PORTS_H

#include <stdbool.h>
#include <stddef.h>

enum { PORT_FIRST = 23000, PORT_END = 32000 };

struct ports {
    bool is_taken[PORT_END - PORT_FIRST];
    int next; /* where to look first, so that a port rests before it is used again */
};

/* Begin to look anywhere: another service may be looking as well. */
void ports_begin(struct ports *ports, unsigned anywhere);
/* n neighbours, from *first on. ERR_LIMIT: there are none. */
int ports_take(struct ports *ports, size_t n, int *first);
void ports_give(struct ports *ports, int first, size_t n);

#endif
