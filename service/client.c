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
#include "service/channel.h"
#include "service/service.h"

enum { DEFAULT_TIMEOUT_MS = 30000, SLICE_MS = 100, HELLO_MS = 1000, AGAIN_MS = 20, REFUSED_MS = 5000 };

/* An experiment that this client has asked to be conducted: a new owner must be asked again. */
struct claim {
    struct claim *next;
    char *namespace, *name;
};

struct client {
    char *database, *endpoint;
    char *listen, *keys, *http;
    bool conduct, no_exec;
    int timeout_ms;
    struct db_lock *lock; /* held while the service runs here */
    struct service *service;
    void *context;
    struct channel *channel;
    struct credentials credentials; /* of a service elsewhere: database is NULL then */
    int64_t n_asked;
    struct claim *claims;
};

static void disconnect(struct client *client)
{
    channel_close(client->channel);
    client->channel = NULL;
}

static int connect_line(struct client *client)
{
    disconnect(client);
    return channel_open(client->context, client->endpoint, client->database == NULL ? &client->credentials : NULL,
                        &client->channel);
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
    struct service_options options = { .database = client->database,
                                       .lock = client->lock,
                                       .conduct = client->conduct,
                                       .no_exec = client->no_exec,
                                       .listen = client->listen,
                                       .keys = client->keys,
                                       .http = client->http };
    int status = service_start(&options, &client->service);

    if (status == 0)
        status = connect_line(client);
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
    int status = connect_line(client);

    node_set(&arena, body, "version", node_text(&arena, HONE_VERSION));
    node_set(&arena, body, "conduct", node_boolean(&arena, client->conduct));
    if (status == 0)
        status = channel_send(client->channel, ++client->n_asked, "hello", body);
    if (status == 0)
        status = channel_receive(client->channel, client->n_asked, HELLO_MS, &arena, &answer);
    if (status == 1) {
        node_to_integer(node_get(answer, "wire"), &wire);
        node_to_boolean(node_get(answer, "conduct"), &conducts);
        node_to_boolean(node_get(answer, "leaving"), &is_leaving);
        if (wire != WIRE_VERSION)
            status = fail(ERR_UNSUPPORTED, "the service that runs on %s speaks protocol %lld, this program %d",
                          client->endpoint, (long long)wire, WIRE_VERSION);
        else
            status = !is_leaving && (conducts || !client->conduct || client->database == NULL);
    }
    arena_release(&arena);
    return status;
}

static int ask_once(struct client *client, const char *op, const struct node *body, int wait_ms, struct arena *arena,
                    const struct node **answer)
{
    TRY(channel_send(client->channel, ++client->n_asked, op, body));
    return channel_receive(client->channel, client->n_asked, wait_ms, arena, answer);
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

/* The service elsewhere: greeted, however long it takes; where nobody listens, as long as a service needs to begin anew. */
static int find_service(struct client *client)
{
    int64_t began = clock_steady_ms();
    int status;

    do {
        status = greet_owner(client);
        if (status == 1)
            claim_again(client);
        if (status != 0)
            return status < 0 ? status : 0;
        if (channel_is_refused(client->channel) && clock_steady_ms() - began > REFUSED_MS)
            return fail(ERR_UNREACHABLE, "nobody listens on %s: does `hone serve --listen` run there?",
                        client->endpoint);
        poll(NULL, 0, AGAIN_MS);
    } while (clock_steady_ms() - began < client->timeout_ms);
    return fail(ERR_UNREACHABLE, "no answer from %s within %d s", client->endpoint, client->timeout_ms / 1000);
}

/* Own it, or reach the owner. */
static int find_owner(struct client *client)
{
    int64_t until = clock_steady_ms() + client->timeout_ms, holder = 0;
    int status;

    if (client->database == NULL)
        return find_service(client);
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
    if (client->database == NULL)
        return channel_is_broken(client->channel);
    if (client->service != NULL) {
        if (!service_has_left(client->service))
            return false;
        leave(client);
        return true;
    }
    return db_lock(client->database, &client->lock, NULL) == 0;
}

static int reach(struct client *client, const struct client_options *options)
{
    client->endpoint = xstrdup(options->server);
    if (options->credentials == NULL)
        return fail(ERR_DENIED, "%s asks for a key: give its file with --key, or set HONE_KEY (hone keygen makes one)",
                    options->server);
    return credentials_read(options->credentials, &client->credentials);
}

int client_open(const struct client_options *options, struct client **out)
{
    struct client *client = xcalloc(1, sizeof *client);
    int status = 0;

    if (options->server == NULL)
        client->database = xstrdup(options->database);
    client->listen = options->listen != NULL ? xstrdup(options->listen) : NULL;
    client->http = options->http != NULL ? xstrdup(options->http) : NULL;
    client->keys = options->keys != NULL ? xstrdup(options->keys) : NULL;
    client->conduct = options->conduct;
    client->no_exec = options->no_exec;
    client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    client->context = zmq_ctx_new();
    status = options->server != NULL ? reach(client, options) : service_endpoint(client->database, &client->endpoint);
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
    free(client->listen);
    free(client->http);
    free(client->keys);
    free(client);
}

const char *client_answers_on(const struct client *client)
{
    return client->service != NULL ? service_answers_on(client->service) : NULL;
}

const char *client_listens_on(const struct client *client)
{
    return client->service != NULL ? service_listens_on(client->service) : NULL;
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

    TRY(channel_send(client->channel, id, op, body));
    for (;;) {
        status = channel_receive(client->channel, id, SLICE_MS, arena, answer);
        if (status == 1)
            note_claims(client, op, body, *answer);
        if (status != 0)
            return status < 0 ? status : 0;
        if (owner_is_gone(client)) {
            TRY(find_owner(client));
            id = ++client->n_asked;
            TRY(channel_send(client->channel, id, op, body));
        } else if (clock_steady_ms() >= until) {
            return fail(ERR_UNREACHABLE, "no answer to %s within %d s", op, client->timeout_ms / 1000);
        }
    }
}
