/*
 * A small service for tests of the agent: a real ROUTER that keeps what it hears, and orders to give.
 */
#ifndef HONE_TESTS_TRIALRUNNER_PEER_H
#define HONE_TESTS_TRIALRUNNER_PEER_H

#include <dirent.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/wire.h"
#include "tests/test.h"
#include "trialrunner/order.h"
#include "trialrunner/process.h"

enum { PEER_PATIENCE_MS = 60000 };

struct heard {
    int64_t role, sequence, time_us, step, metric;
    char *value;
    int64_t at_us; /* when it was heard */
};

struct peer {
    void *context, *socket;
    char *address;
    int refuse;           /* a status: the answer to everything; 0: hear */
    bool forgets_reports; /* answers no agent.report */
    bool keeps_progress;  /* tells a new agent what is stored */
    size_t n_hellos, n_beats, n_ends, n_heard, capacity;
    struct heard *heard; /* (n_heard) without repetitions */
    size_t n_repeated;
    char *end, *message, *tail, *job_reason;
    double wall_s, cpu_s, peak_memory;
};

static inline void peer_bind(struct peer *peer)
{
    peer->socket = zmq_socket(peer->context, ZMQ_ROUTER);
    assert_non_null(peer->socket);
    zmq_setsockopt(peer->socket, ZMQ_LINGER, &(int){ 0 }, sizeof(int));
    assert_int_equal(zmq_bind(peer->socket, peer->address), 0);
}

static inline void peer_open(struct peer *peer, const char *directory)
{
    *peer = (struct peer){ .context = zmq_ctx_new(), .address = xasprintf("ipc://%s/service", directory) };
    peer_bind(peer);
}

/* The service goes away, as by kill -9. */
static inline void peer_leave(struct peer *peer)
{
    zmq_close(peer->socket);
    peer->socket = NULL;
}

static inline void peer_close(struct peer *peer)
{
    if (peer->socket != NULL)
        zmq_close(peer->socket);
    zmq_ctx_term(peer->context);
    for (size_t i = 0; i < peer->n_heard; i++)
        free(peer->heard[i].value);
    free(peer->heard);
    free(peer->address);
    free(peer->end);
    free(peer->message);
    free(peer->tail);
    free(peer->job_reason);
}

static inline char *peer_text(const struct node *body, const char *key)
{
    const struct node *node = node_get(body, key);

    return node != NULL && node->kind == NODE_TEXT ? xstrdup(node->text) : NULL;
}

static inline void peer_hear(struct peer *peer, const struct node *row)
{
    struct heard heard = { .at_us = clock_wall_us() };
    int64_t *numbers[] = { &heard.role, &heard.sequence, &heard.time_us, &heard.step, &heard.metric };

    assert_int_equal(row->length, 6);
    for (size_t i = 0; i < 5; i++)
        assert_true(node_to_integer(row->items[i], numbers[i]));
    for (size_t i = 0; i < peer->n_heard; i++)
        if (peer->heard[i].role == heard.role && peer->heard[i].sequence == heard.sequence) {
            assert_string_equal(peer->heard[i].value, row->items[5]->text); /* a number never changes its meaning */
            peer->n_repeated++;
            return;
        }
    heard.value = xstrdup(row->items[5]->text);
    peer->heard = grow(peer->heard, peer->n_heard, &peer->capacity, sizeof *peer->heard);
    peer->heard[peer->n_heard++] = heard;
}

static inline void peer_hear_end(struct peer *peer, const struct node *body)
{
    peer->n_ends++;
    free(peer->end);
    free(peer->message);
    free(peer->tail);
    free(peer->job_reason);
    peer->end = peer_text(body, "end");
    peer->message = peer_text(body, "message");
    peer->tail = peer_text(body, "tail");
    peer->job_reason = peer_text(body, "job_reason");
    assert_true(node_to_real(node_get(body, "wall_s"), &peer->wall_s));
    assert_true(node_to_real(node_get(body, "cpu_s"), &peer->cpu_s));
    assert_true(node_to_real(node_get(body, "peak_memory"), &peer->peak_memory));
}

static inline const struct node *peer_progress(const struct peer *peer, struct arena *arena)
{
    struct node *body = node_map(arena), *list = node_set(arena, body, "progress", node_list(arena));
    int64_t last[16] = { 0 };

    for (size_t i = 0; i < peer->n_heard && peer->keeps_progress; i++)
        if (peer->heard[i].sequence > last[peer->heard[i].role])
            last[peer->heard[i].role] = peer->heard[i].sequence;
    for (size_t i = 0; i < 16; i++)
        node_add(arena, list, node_integer(arena, last[i]));
    return body;
}

/* false: no answer. */
static inline bool peer_answer(struct peer *peer, const struct request *request, struct arena *arena, struct text *out)
{
    const struct node *reports = node_get(request->body, "reports"), *body = node_map(arena);

    assert_string_equal(node_get(request->body, "key")->text, "0123456789abcdef0123456789abcdef");
    if (peer->refuse != 0) {
        wire_encode_error(request->id, peer->refuse, "no longer wanted", NULL, out);
        return true;
    }
    if (strcmp(request->op, "agent.hello") == 0) {
        peer->n_hellos++;
        body = peer_progress(peer, arena);
    } else if (strcmp(request->op, "agent.report") == 0) {
        for (size_t i = 0; i < reports->length; i++)
            peer_hear(peer, reports->items[i]);
        if (peer->forgets_reports)
            return false;
    } else if (strcmp(request->op, "agent.end") == 0) {
        peer_hear_end(peer, request->body);
    } else {
        assert_string_equal(request->op, "agent.beat");
        peer->n_beats++;
    }
    wire_encode_reply(request->id, body, out);
    return true;
}

/* Take one message if there is one. */
static inline bool peer_turn(struct peer *peer)
{
    struct arena arena = { 0 };
    struct text out = { 0 };
    struct request request;
    zmq_msg_t from, message;
    bool got;

    zmq_msg_init(&from);
    zmq_msg_init(&message);
    got = zmq_msg_recv(&from, peer->socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_recv(&message, peer->socket, 0) >= 0;
    if (got) {
        assert_int_equal(wire_decode_request(zmq_msg_data(&message), zmq_msg_size(&message), &arena, &request), 0);
        if (peer_answer(peer, &request, &arena, &out)) {
            zmq_send(peer->socket, zmq_msg_data(&from), zmq_msg_size(&from), ZMQ_SNDMORE);
            zmq_send(peer->socket, out.data, out.length, 0);
        }
    }
    zmq_msg_close(&from);
    zmq_msg_close(&message);
    text_release(&out);
    arena_release(&arena);
    return got;
}

/* Serve until the agent has ended: its status. */
static inline int peer_serve_to_end(struct peer *peer, struct process *agent)
{
    int64_t give_up_ms = clock_steady_ms() + PEER_PATIENCE_MS;
    struct rusage usage;
    int status;

    while (clock_steady_ms() < give_up_ms) {
        zmq_pollitem_t items[2] = { { .fd = agent->pidfd, .events = ZMQ_POLLIN },
                                    { .socket = peer->socket, .events = ZMQ_POLLIN } };

        zmq_poll(items, peer->socket != NULL ? 2 : 1, 100);
        while (peer->socket != NULL && peer_turn(peer))
            ;
        if (process_wait(agent, false, &status, &usage) == 1)
            return status;
    }
    kill(agent->pid, SIGKILL);
    print_error("the agent does not end\n");
    _fail(__FILE__, __LINE__);
    return -1;
}

/* Serve until so many reports were heard. */
static inline void peer_serve_reports(struct peer *peer, size_t n)
{
    int64_t give_up_ms = clock_steady_ms() + PEER_PATIENCE_MS;

    while (peer->n_heard < n && clock_steady_ms() < give_up_ms) {
        zmq_pollitem_t item = { .socket = peer->socket, .events = ZMQ_POLLIN };

        zmq_poll(&item, 1, 100);
        while (peer_turn(peer))
            ;
    }
    assert_true(peer->n_heard >= n);
}

/* Serve until a file is there, which a role makes to say how far it is. */
static inline void peer_serve_file(struct peer *peer, const char *path)
{
    int64_t give_up_ms = clock_steady_ms() + PEER_PATIENCE_MS;

    while (access(path, F_OK) < 0 && clock_steady_ms() < give_up_ms) {
        zmq_pollitem_t item = { .socket = peer->socket, .events = ZMQ_POLLIN };

        zmq_poll(&item, peer->socket != NULL, 10);
        while (peer->socket != NULL && peer_turn(peer))
            ;
    }
    assert_int_equal(access(path, F_OK), 0);
}

/* --- orders --- */

/* An order with one role "main" that runs a shell script; change what the test is about. */
struct plain_order {
    struct order order;
    struct role role;
    struct container container;
    const char *argv[4], *metrics[2], *filters[1], *env[1];
};

static inline void plain_order(struct plain_order *plain, const char *address, const char *script)
{
    *plain = (struct plain_order){ .argv = { "/bin/sh", "-c", script, NULL }, .metrics = { "loss", "accuracy" } };
    plain->container = (struct container){
        .name = "training",
        .image = "none",
        .n_argv = 3,
        .argv = plain->argv,
        .env = plain->env,
        .working_directory = "/",
        .collect = true,
    };
    plain->role = (struct role){ .name = "main", .decides = true, .n_containers = 1, .containers = &plain->container };
    plain->order = (struct order){
        .address = address,
        .key = "0123456789abcdef0123456789abcdef",
        .experiment = "experiment",
        .namespace = "default",
        .trial = "experiment-abcd",
        .experiment_id = 7,
        .number = 3,
        .attempt = 1,
        .plan = { .n_roles = 1, .roles = &plain->role, .parallelism = 1, .completions = 1, .grace_s = 30 },
        .metrics = { .n_metrics = 2, .metrics = plain->metrics, .n_filters = 1, .filters = plain->filters },
        .collector = "StdOut",
        .format = "TEXT",
        .log_limit = 1 << 20,
    };
    plain->filters[0] = default_metrics_filter;
}

static inline char *beside(const char *build)
{
    char *joined = xasprintf("%s/hone-agent", build), *absolute = file_absolute(NULL, joined);

    free(joined);
    return absolute;
}

/* The hone-agent beside this test. Newly allocated. */
static inline char *agent_program(void)
{
    const char *build = getenv("HONE_BUILD");
    char self[4096] = "";

    if (build != NULL)
        return beside(build);
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    return xasprintf("%s/hone-agent", dirname(dirname(dirname(self))));
}

static inline void write_order(const char *directory, const struct order *order)
{
    char *path = file_join(directory, "order");
    struct text bytes = { 0 };

    order_encode(order, &bytes);
    assert_int_equal(file_write(path, bytes.data, bytes.length, 0600), 0);
    text_release(&bytes);
    free(path);
}

/* settings: environment added to ours, ended by NULL; NULL: none. */
static inline void start_agent_with(const char *directory, const char *const *settings, struct process *agent)
{
    char *program = agent_program();
    const char *const argv[] = { program, directory, NULL };
    const char *envp[512];
    size_t n = 0;

    for (; n < 500 && environ[n] != NULL; n++)
        envp[n] = environ[n];
    for (; settings != NULL && *settings != NULL; settings++)
        envp[n++] = *settings;
    envp[n] = NULL;
    assert_int_equal(process_start(&(struct process_spec){ .argv = argv,
                                                           .envp = envp,
                                                           .stdin_fd = -1,
                                                           .stdout_fd = STDERR_FILENO,
                                                           .stderr_fd = STDERR_FILENO,
                                                           .new_session = true,
                                                           .hold_signals = true,
                                                           .die_with_parent = true },
                                   agent),
                     0);
    free(program);
}

static inline void start_agent(const char *directory, struct process *agent)
{
    start_agent_with(directory, NULL, agent);
}

static inline bool carries(const char *pid, const char *tag)
{
    char path[300];
    struct text environment = { 0 };
    bool found = false;

    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    if (file_read(path, 4 << 20, &environment) == 0)
        for (size_t at = 0; at < environment.length && !found; at += strlen(environment.data + at) + 1)
            found = strcmp(environment.data + at, tag) == 0;
    text_release(&environment);
    return found;
}

/* How many processes are alive that this attempt has started? */
static inline size_t count_left(const char *directory)
{
    char *tag = xasprintf("HONE_ATTEMPT=%s", directory);
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    size_t n = 0;

    /* cppcheck-suppress readdirCalled ; a stream of our own */
    while ((entry = readdir(processes)) != NULL)
        n += strspn(entry->d_name, "0123456789") == strlen(entry->d_name) && carries(entry->d_name, tag);
    closedir(processes);
    free(tag);
    return n;
}

static inline char *read_whole(const char *directory, const char *name)
{
    char *path = file_join(directory, name);
    struct text content = { 0 };

    file_read(path, 64 << 20, &content);
    free(path);
    if (content.data == NULL)
        text_add(&content, "");
    return content.data;
}

#endif
