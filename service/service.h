/*
 * The service: one loop that owns a database's live experiments, its socket and its timers.
 *
 * Beside the loop's thread there are the database's writer, one thread for the engine, and a small pool for search.
 */
#ifndef HONE_SERVICE_SERVICE_H
#define HONE_SERVICE_SERVICE_H

#include <stdbool.h>

struct service;
struct db_lock;

struct service_options {
    const char *database;
    struct db_lock *lock; /* held by the caller for as long as the service runs */
    bool conduct;         /* runs trials */
    bool no_exec;         /* but only those that clients run: it starts no command */
    const char *listen;   /* tcp://HOST:PORT for clients with keys; NULL: nobody comes in over tcp */
    const char *keys;     /* directory of keys, see keyring.h; with listen only */
    const char *http;     /* [HOST:]PORT for monitors, see http.h; NULL: none */
};

/* The endpoint on which the owner of a database listens: in a 0700 directory, a fixed function of its real path. Newly allocated. */
int service_endpoint(const char *database, char **endpoint);

/* Open the database, bind the socket, start the threads. */
int service_start(const struct service_options *options, struct service **service);
/* Ends the loop: replies that are due are sent, writes are finished, agents live on. */
void service_stop(struct service *service);
/* The address with its port; NULL: it does not listen on tcp. */
const char *service_listens_on(const struct service *service);
/* Where monitors ask; NULL: nowhere. */
const char *service_answers_on(const struct service *service);
/* Has the loop ended by itself (it gave way to a conducting client)? */
bool service_has_left(const struct service *service);

#endif
