/*
 * The way in over tcp: a CURVE socket, and the ZAP handler that lets in only clients of the keyring.
 *
 * Everything here belongs to the loop's thread.
 */
#ifndef HONE_SERVICE_GATE_H
#define HONE_SERVICE_GATE_H

#include "service/keyring.h"

struct gate;

/* Listen on "tcp://HOST:PORT" (PORT may be *) for the keyring's clients; takes the keyring. ERR_INVALID: no such address; ERR_IO:
   it cannot be listened on. */
int gate_open(void *context, struct keyring *keyring, const char *address, struct gate **gate);
void gate_close(struct gate *gate); /* accepts NULL */

/* Another socket for the same clients, at the next port or at any that is free; *port is newly allocated, ":PORT". */
int gate_listen_beside(struct gate *gate, void *socket, bool at_any_port, char **port);

void *gate_router(const struct gate *gate);        /* a ROUTER for questions */
void *gate_door(const struct gate *gate);          /* readable when somebody knocks: gate_answer */
int gate_answer(struct gate *gate);                /* all that knock; how many were refused */
const char *gate_address(const struct gate *gate); /* with the port that was found */

/* The client of that name, as the keyring says now; NULL: it may no longer ask. Valid until the next call of this room. */
const struct principal *gate_principal(struct gate *gate, const char *name);

#endif
