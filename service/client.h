/*
 * A client of a database's owner, wherever that is: this process or another.
 *
 * client_open takes the database's lock and runs a service inside this process if nobody else does; else it calls the owner.
 * When the owner leaves in mid-call the client takes over or finds the next one and asks again: every operation is safe to
 * repeat. Used from one thread.
 */
#ifndef HONE_SERVICE_CLIENT_H
#define HONE_SERVICE_CLIENT_H

#include <stdbool.h>

#include "base/node.h"

struct client;

struct client_options {
    const char *database;    /* path */
    const char *server;      /* tcp://HOST:PORT of a service elsewhere, in place of the database; NULL */
    const char *credentials; /* file of keys that server asks for */
    bool conduct;   /* this process may run trials; a verb that only reads does not, and gives way to one that does */
    int timeout_ms; /* of one call; 0: 30 s */
    bool no_exec;   /* of the service that it may run */
    const char *listen, *keys, *http; /* of the service that it may run, see service.h; NULL */
};

/* ERR_UNREACHABLE, ERR_UNSUPPORTED (a newer database), ERR_CORRUPT, ERR_IO as db.h. */
int client_open(const struct client_options *options, struct client **client);
/* Leaves the service it runs: agents live on, and another client may take over. */
void client_close(struct client *client);

/* Ask and wait. The answer's body in the arena. Errors are the service's own (codes of status.h with its message). */
int client_call(struct client *client, const char *op, const struct node *body, struct arena *arena,
                const struct node **answer);

/* Where the service inside this process listens on tcp; NULL: nowhere. */
const char *client_listens_on(const struct client *client);
const char *client_answers_on(const struct client *client); /* and HTTP */
/* Is the service inside this process? */
bool client_is_owner(const struct client *client);

#endif
