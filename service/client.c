/*
 * Own the database or find who does; ask, and ask again when the owner changes.
 */
#include "service/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/wire.h"
#include "db/db.h"
#include "service/service.h"

enum { DEFAULT_TIMEOUT_MS = 30000, SLICE_MS = 100, HELLO_MS = 1000, AGAIN_MS = 20 };

/* An experiment that this client has asked to be conducted: a new owner must be asked again. */
struct claim {
    struct claim *next;
    char *namespace, *name;
};

struct client {
    char *database, *endpoint;
    bool conduct;
    int timeout_ms;
    struct db_lock *lock; /* held while the service runs here */
    struct service *service;
    void *context, *socket;
    int64_t n_asked;
    struct claim *claims;
};

/* --- one question over the socket --- */

static void disconnect(struct client *client)
{
    if (client->socket != NULL)
        zmq_close(client->socket);
    client->socket = NULL;
}

static int connect_socket(struct client *client)
{
    int linger = 0;

    disconnect(client);
    client->socket = zmq_socket(client->context, ZMQ_DEALER);
    if (client->socket == NULL)
        return fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    zmq_setsockopt(client->socket, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_connect(client->socket, client->endpoint) < 0)
        return fail(ERR_UNREACHABLE, "%s: %s", client->endpoint, zmq_strerror(zmq_errno()));
    return 0;
}

static int send_request(struct client *client, int64_t id, const char *op, const struct node *body)
{
    struct text bytes = { 0 };
    int sent;

    wire_encode_request(id, op, body, &bytes);
    sent = zmq_send(client->socket, bytes.data, bytes.length, ZMQ_DONTWAIT);
    text_release(&bytes);
    return sent < 0 ? fail(ERR_UNREACHABLE, "cannot ask the service: %s", zmq_strerror(zmq_errno())) : 0;
}

/* The answer to id: 1 with its body, 0 when it did not come in time, or its error. Answers to older questions are dropped. */
static int receive(struct client *client, int64_t id, int wait_ms, struct arena *arena, const struct node **answer)
{
    int64_t until = clock_steady_ms() + wait_ms;

    for (;;) {
        int64_t left = until - clock_steady_ms();
        zmq_pollitem_t item = { client->socket, 0, ZMQ_POLLIN, 0 };
        zmq_msg_t message;
        int64_t answered = 0;
        int status;

        if (zmq_poll(&item, 1, left > 0 ? (long)left : 0) <= 0)
            return 0; /* time is up, or a signal came */
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, client->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            continue;
        }
        status = wire_decode_reply(zmq_msg_data(&message), zmq_msg_size(&message), arena, &answered, answer);
        zmq_msg_close(&message);
        if (answered == id || (status < 0 && answered == 0)) /* 0: an answer that cannot be read */
            return status < 0 ? status : 1;
    }
}

/* --- the owner --- */

static void leave(struct client *client)
{
    disconnect(client);
    service_stop(client->service);
    client->service = NULL;
    db_unlock(client->lock);
    client->lock = NULL;
}

static int become_owner(struct client *client)
{
    struct service_options options = { .database = client->database, .lock = client->lock, .conduct = client->conduct };
    int status = service_start(&options, &client->service);

    if (status == 0)
        status = connect_socket(client);
    if (status < 0) {
        char message[1024];

        strncpy(message, fail_message(), sizeof message - 1);
        message[sizeof message - 1] = '\0';
        leave(client);
        return fail(status, "%s", message);
    }
    return 0;
}

/* Greet whoever owns it. 1: it will do; 0: not yet, or it gives way. */
static int greet_owner(struct client *client)
{
    struct arena arena = { 0 };
    struct node *body = node_map(&arena);
    const struct node *answer = NULL;
    int64_t wire = 0;
    bool conducts = false, is_leaving = false;
    int status = connect_socket(client);

    node_set(&arena, body, "version", node_text(&arena, HONE_VERSION));
    node_set(&arena, body, "conduct", node_boolean(&arena, client->conduct));
    if (status == 0)
        status = send_request(client, ++client->n_asked, "hello", body);
    if (status == 0)
        status = receive(client, client->n_asked, HELLO_MS, &arena, &answer);
    if (status == 1) {
        node_to_integer(node_get(answer, "wire"), &wire);
        node_to_boolean(node_get(answer, "conduct"), &conducts);
        node_to_boolean(node_get(answer, "leaving"), &is_leaving);
        if (wire != WIRE_VERSION)
            status = fail(ERR_UNSUPPORTED, "the service that runs on %s speaks protocol %lld, this program %d",
                          client->database, (long long)wire, WIRE_VERSION);
        else
            status = !is_leaving && (conducts || !client->conduct);
    }
    arena_release(&arena);
    return status;
}

static int ask_once(struct client *client, const char *op, const struct node *body, int wait_ms, struct arena *arena,
                    const struct node **answer)
{
    TRY(send_request(client, ++client->n_asked, op, body));
    return receive(client, client->n_asked, wait_ms, arena, answer);
}

/* What we had asked to be conducted goes on under the new owner. */
static void claim_again(struct client *client)
{
    for (const struct claim *claim = client->claims; claim != NULL; claim = claim->next) {
        struct arena arena = { 0 };
        struct node *body = node_map(&arena);
        const struct node *answer;

        node_set(&arena, body, "namespace", node_text(&arena, claim->namespace));
        node_set(&arena, body, "name", node_text(&arena, claim->name));
        ask_once(client, "experiment.claim", body, HELLO_MS, &arena, &answer);
        arena_release(&arena);
    }
}

/* Own it, or reach the owner. */
static int find_owner(struct client *client)
{
    int64_t until = clock_steady_ms() + client->timeout_ms, holder = 0;
    int status;

    do {
        status = client->lock != NULL ? 0 : db_lock(client->database, &client->lock, &holder);
        if (status == 0)
            status = become_owner(client);
        else if (status == ERR_CONFLICT)
            status = greet_owner(client) == 1 ? 0 : ERR_CONFLICT;
        if (status == 0)
            claim_again(client);
        if (status != ERR_CONFLICT)
            return status;
        poll(NULL, 0, AGAIN_MS);
    } while (clock_steady_ms() < until);
    return fail(ERR_UNREACHABLE, "process %lld holds %s and does not answer", (long long)holder, client->database);
}

/* Is whoever we asked gone? Then this client has the lock, or its own service has given way. */
static bool owner_is_gone(struct client *client)
{
    if (client->service != NULL) {
        if (!service_has_left(client->service))
            return false;
        leave(client);
        return true;
    }
    return db_lock(client->database, &client->lock, NULL) == 0;
}

int client_open(const struct client_options *options, struct client **out)
{
    struct client *client = xcalloc(1, sizeof *client);
    int status = 0;

    client->database = xstrdup(options->database);
    client->conduct = options->conduct;
    client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    client->context = zmq_ctx_new();
    status = service_endpoint(client->database, &client->endpoint);
    if (status == 0)
        status = find_owner(client);
    if (status < 0) {
        client_close(client);
        return status;
    }
    *out = client;
    return 0;
}

static void free_claim(struct claim *claim)
{
    free(claim->namespace);
    free(claim->name);
    free(claim);
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    leave(client);
    while (client->claims != NULL) {
        struct claim *claim = client->claims;

        client->claims = claim->next;
        free_claim(claim);
    }
    zmq_ctx_term(client->context);
    free(client->database);
    free(client->endpoint);
    free(client);
}

bool client_is_owner(const struct client *client)
{
    return client->service != NULL;
}

/* --- calls --- */

static void remember_claim(struct client *client, const struct node *experiment)
{
    struct arena arena = { 0 };
    const char *namespace = node_to_text(&arena, node_get(experiment, "namespace"));
    const char *name = node_to_text(&arena, node_get(experiment, "name"));
    struct claim *claim = xcalloc(1, sizeof *claim);

    claim->namespace = xstrdup(namespace != NULL ? namespace : "");
    claim->name = xstrdup(name != NULL ? name : "");
    claim->next = client->claims;
    client->claims = claim;
    arena_release(&arena);
}

static void forget_claim(struct client *client, const struct node *experiment)
{
    struct arena arena = { 0 };
    const char *namespace = node_to_text(&arena, node_get(experiment, "namespace"));
    const char *name = node_to_text(&arena, node_get(experiment, "name"));

    for (struct claim **at = &client->claims; *at != NULL;) {
        struct claim *claim = *at;

        if (!text_equal(claim->name, name) || !text_equal(claim->namespace, namespace)) {
            at = &claim->next;
            continue;
        }
        *at = claim->next;
        free_claim(claim);
    }
    arena_release(&arena);
}

static void note_claims(struct client *client, const char *op, const struct node *body, const struct node *answer)
{
    const struct node *created = node_get(answer, "experiments");
    bool is_claimed = false;

    if (text_equal(op, "experiment.release"))
        forget_claim(client, body);
    else if (text_equal(op, "experiment.claim"))
        remember_claim(client, node_get(answer, "experiment"));
    else if (text_equal(op, "experiment.create") && node_to_boolean(node_get(body, "claim"), &is_claimed) && is_claimed)
        for (size_t i = 0; created != NULL && i < created->length; i++)
            remember_claim(client, created->items[i]);
}

int client_call(struct client *client, const char *op, const struct node *body, struct arena *arena,
                const struct node **answer)
{
    int64_t until = clock_steady_ms() + client->timeout_ms;
    int64_t id = ++client->n_asked;
    int status;

    TRY(send_request(client, id, op, body));
    for (;;) {
        status = receive(client, id, SLICE_MS, arena, answer);
        if (status == 1)
            note_claims(client, op, body, *answer);
        if (status != 0)
            return status < 0 ? status : 0;
        if (owner_is_gone(client)) {
            TRY(find_owner(client));
            id = ++client->n_asked;
            TRY(send_request(client, id, op, body));
        } else if (clock_steady_ms() >= until) {
            return fail(ERR_UNREACHABLE, "no answer to %s within %d s", op, client->timeout_ms / 1000);
        }
    }
}
