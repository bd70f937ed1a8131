/*
 * The service: what its loop's thread owns, and what every file of the room reads.
 */
#ifndef HONE_SERVICE_CORE_H
#define HONE_SERVICE_CORE_H

#include <pthread.h>

#include "db/writer.h"
#include "service/engine_thread.h"
#include "service/live.h"
#include "service/mailbox.h"
#include "service/pool.h"
#include "service/service.h"
#include "trialrunner/capacity.h"
#include "trialrunner/ports.h"

struct gate;
struct http;
struct parked; /* a question about events that waits for one */
struct metrics;
struct publisher;

struct service {
    char *database, *endpoint, *directory, *volumes, *agent, *python; /* python: NULL: none */
    bool conduct, no_exec, is_leaving, has_left;
    void *context, *router;
    struct gate *gate; /* NULL: nobody comes in over tcp */
    struct publisher *publisher;
    struct http *http; /* NULL: nobody looks */
    struct metrics *metrics;
    int stop_descriptor;
    struct mailbox *mailbox;
    struct writer *writer;
    struct db *reader;
    struct engine_thread *engine;
    struct pool *pool; /* of studies, juries and models */
    struct capacity capacity;
    struct ports ports;
    size_t n_lives, lives_capacity;
    struct live **lives;
    struct parked *parked;
    bool has_new_events;
    int64_t retry_ms; /* steady time at which what failed for lack of room is tried again; 0: nothing did */
    pthread_t thread;
    bool has_thread;
};

#endif
