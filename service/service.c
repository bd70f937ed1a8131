/*
 * The loop: questions, finished writes, letters from the other threads, timers.
 */
#include "service/service.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/message.h"
#include "base/status.h"
#include "service/call.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/events.h"
#include "service/gate.h"
#include "service/http.h"
#include "service/inquiry.h"
#include "service/metrics.h"
#include "service/publisher.h"
#include "service/pursuit.h"
#include "service/socket.h"
#include "service/store.h"
#include "service/workers.h"

enum { POOL_THREADS = 2, MESSAGES_A_ROUND = 256 };

/* --- questions --- */

/* One message of two parts, identity and bytes. 1: handled; 0: none waits. */
static int receive(struct service *service, void *socket)
{
    struct caller from = { .socket = socket };
    zmq_msg_t message;
    const char *name;
    int length = zmq_recv(socket, from.identity, sizeof from.identity, ZMQ_DONTWAIT);

    if (length < 0)
        return 0;
    from.length = (size_t)length > sizeof from.identity ? sizeof from.identity : (size_t)length;
    zmq_msg_init(&message);
    for (int more = 1; more != 0;
         more = zmq_msg_more(&message)) { /* the last part counts: REQ sockets send an empty one first */
        if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0)
            break;
    }
    name = zmq_msg_gets(&message, "User-Id");
    if (name != NULL)
        snprintf(from.name, sizeof from.name, "%s", name);
    dispatch(service, &from, zmq_msg_data(&message), zmq_msg_size(&message));
    zmq_msg_close(&message);
    return 1;
}

static void receive_all(struct service *service, void *socket)
{
    for (int i = 0; i < MESSAGES_A_ROUND && receive(service, socket) == 1; i++)
        ;
}

/* --- the loop --- */

/* Milliseconds until the first timer, -1: none. */
static long until_next(const struct service *service)
{
    int64_t now_ms = clock_steady_ms(), wake_us = conductor_next_us(service), next_ms = 0;
    const int64_t timers_ms[] = {
        wake_us != 0 ? now_ms + (wake_us - clock_wall_us()) / 1000 + 1 : 0,
        events_next_ms(service),
        workers_next_ms(service),
        service->retry_ms,
    };

    for (size_t i = 0; i < sizeof timers_ms / sizeof *timers_ms; i++)
        if (timers_ms[i] != 0 && (next_ms == 0 || timers_ms[i] < next_ms))
            next_ms = timers_ms[i];
    if (next_ms == 0)
        return -1;
    return next_ms > now_ms ? (long)(next_ms - now_ms) : 0;
}

/* To those who subscribed, and to those who asked. */
static void serve_events(struct service *service)
{
    bool has_new = service->has_new_events;

    service->has_new_events = false;
    publisher_subscribe(service);
    if (has_new)
        publisher_send_events(service);
    events_serve(service, clock_steady_ms(), has_new);
}

static void *loop(void *owner)
{
    struct service *service = owner;
    zmq_pollitem_t items[] = {
        { service->router, 0, ZMQ_POLLIN, 0 },
        { NULL, service->stop_descriptor, ZMQ_POLLIN, 0 },
        { NULL, writer_descriptor(service->writer), ZMQ_POLLIN, 0 },
        { NULL, mailbox_descriptor(service->mailbox), ZMQ_POLLIN, 0 },
        { publisher_socket(service->publisher, false), 0, ZMQ_POLLIN, 0 },
        { service->gate != NULL ? gate_router(service->gate) : NULL, -1, ZMQ_POLLIN, 0 },
        { service->gate != NULL ? gate_door(service->gate) : NULL, -1, ZMQ_POLLIN, 0 },
        { publisher_socket(service->publisher, true), -1, ZMQ_POLLIN, 0 },
    };
    const int n_items = service->gate != NULL ? 8 : 5;

    while (!service->is_leaving) {
        if (zmq_poll(items, n_items, until_next(service)) < 0 && errno != EINTR)
            break;
        receive_all(service, service->router);
        if (service->gate != NULL) {
            for (int n = gate_answer(service->gate); n > 0; n--)
                metrics_refused(service->metrics, "key");
            receive_all(service, gate_router(service->gate));
        }
        store_completed(service);
        mailbox_open(service->mailbox, service);
        conductor_tick(service, clock_wall_us());
        workers_tick(service, clock_steady_ms());
        serve_events(service);
        if (items[1].revents != 0)
            break;
    }
    store_flush(service);
    serve_events(service);
    __atomic_store_n(&service->has_left, true, __ATOMIC_RELEASE);
    return NULL;
}

/* --- beginning and end --- */

static void release(struct service *service)
{
    http_close(service->http);
    engine_thread_destroy(service->engine);
    for (size_t i = 0; i < service->n_lives; i++)
        live_destroy(service->lives[i]);
    service->n_lives = 0;
    pool_destroy(service->pool);
    writer_destroy(service->writer);
    mailbox_destroy(service->mailbox);
    events_release(service);
    db_close(service->reader);
    publisher_close(service->publisher);
    gate_close(service->gate);
    if (service->router != NULL)
        zmq_close(service->router);
    if (service->context != NULL)
        zmq_ctx_term(service->context);
    if (service->stop_descriptor >= 0)
        close(service->stop_descriptor);
    metrics_destroy(service->metrics);
    free(service->lives);
    free(service->database);
    free(service->endpoint);
    free(service->directory);
    free(service->volumes);
    free(service->agent);
    free(service->python);
    free(service);
}

/* Something that came with this program, by its path from the directory of the program. */
static char *beside_program(const char *relative)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *directory, *path;

    self[length > 0 ? length : 0] = '\0';
    directory = file_directory(self);
    path = file_join(directory, relative);
    free(directory);
    return path;
}

/* hone-agent: HONE_AGENT, or the one beside this program. */
static char *find_agent(void)
{
    const char *given = getenv("HONE_AGENT");

    return given != NULL && *given != '\0' ? xstrdup(given) : beside_program("hone-agent");
}

/* Modules for Python of trials: installed, or in the source tree. */
static char *find_python(void)
{
    static const char *const places[] = { "../share/hone/python", "../trialrunner/python" };

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *path = beside_program(places[i]), *real = realpath(path, NULL);

        free(path);
        if (real != NULL)
            return real;
    }
    return NULL;
}

static int open_socket(struct service *service)
{
    const char *path = service->endpoint + strlen("ipc://");

    service->context = zmq_ctx_new();
    service->router = service->context != NULL ? socket_router(service->context) : NULL;
    if (service->router == NULL)
        return fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    unlink(path); /* of an owner that was killed; we hold its lock */
    if (zmq_bind(service->router, service->endpoint) < 0)
        return fail(ERR_IO, "cannot listen on %s: %s", path, zmq_strerror(zmq_errno()));
    return 0;
}

/* Before anything listens: the keys must be right. */
static int open_gate(struct service *service, const struct service_options *options)
{
    struct keyring *keyring;

    if (options->listen == NULL)
        return 0;
    TRY(keyring_open(options->keys, &keyring));
    return gate_open(service->context, keyring, options->listen, &service->gate);
}

static int open_store(struct service *service)
{
    struct db *db = NULL;

    TRY(db_open(service->database, DB_OWNER, &db));
    service->writer = writer_create(db);
    return db_open(service->database, DB_READER, &service->reader);
}

static int open_engine(struct service *service)
{
    struct engine_options options = { .directory = service->directory, .agent = service->agent };

    return engine_thread_create(engines[0], &options, service->mailbox, pursuit_happened, &service->engine);
}

static int start_thread(struct service *service)
{
    int error = pthread_create(&service->thread, NULL, loop, service);

    if (error != 0)
        return fail_errno(error, "cannot start a thread");
    service->has_thread = true;
    return 0;
}

static int open_all(struct service *service, const struct service_options *options)
{
    TRY(service_endpoint(service->database, &service->endpoint));
    TRY(open_store(service));
    TRY(open_socket(service));
    TRY(open_gate(service, options));
    TRY(publisher_open(service, options->listen != NULL && text_ends_with(options->listen, ":*"), &service->publisher));
    TRY(open_engine(service));
    TRY(live_load_unfinished(service));
    if (options->http != NULL)
        TRY(http_open(service, options->http, &service->http));
    return start_thread(service);
}

static sigset_t asynchronous_signals(void)
{
    static const int of_faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP };
    sigset_t mask;

    sigfillset(&mask);
    for (size_t i = 0; i < sizeof of_faults / sizeof *of_faults; i++)
        sigdelset(&mask, of_faults[i]);
    return mask;
}

int service_start(const struct service_options *options, struct service **out)
{
    struct service *service = xcalloc(1, sizeof *service);
    sigset_t mask, old;
    unsigned anywhere;
    int status;

    service->conduct = options->conduct;
    service->no_exec = options->no_exec;
    service->database = file_absolute(NULL, options->database);
    service->directory = xasprintf("%s.trials", service->database);
    service->volumes = xasprintf("%s.volumes", service->database);
    service->agent = find_agent();
    service->python = find_python();
    service->stop_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    service->mailbox = mailbox_create();
    service->metrics = metrics_create();
    capacity_detect(&service->capacity);
    random_bytes(&anywhere, sizeof anywhere);
    ports_begin(&service->ports, anywhere);
    mask = asynchronous_signals(); /* they belong to the program's own thread: ours inherit this */
    pthread_sigmask(SIG_BLOCK, &mask, &old);
    service->pool = pool_create(POOL_THREADS);
    status = open_all(service, options);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (status < 0) {
        char *message = xstrdup(fail_message());

        release(service);
        fail(status, "%s", message);
        free(message);
        return status;
    }
    *out = service;
    return 0;
}

void service_stop(struct service *service)
{
    uint64_t one = 1;

    if (service == NULL)
        return;
    if (write(service->stop_descriptor, &one, sizeof one) < 0)
        abort();
    if (service->has_thread)
        pthread_join(service->thread, NULL);
    release(service);
}

const char *service_listens_on(const struct service *service)
{
    return service->gate != NULL ? gate_address(service->gate) : NULL;
}

const char *service_answers_on(const struct service *service)
{
    return service->http != NULL ? http_address(service->http) : NULL;
}

bool service_has_left(const struct service *service)
{
    return __atomic_load_n(&service->has_left, __ATOMIC_ACQUIRE);
}
