/*
 * ZAP 1.0 (rfc.zeromq.org/spec/27) over a keyring. The door is bound before the socket listens: without a handler libzmq would let
 * anybody in, though nobody without a name is ever answered (dispatch.c).
 */
#include "service/gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/log.h"
#include "base/message.h"
#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "service/socket.h"

enum { FRAMES = 7, FRAME_SIZE = 256, CURVE_KEY_SIZE = 32, ADDRESS_SIZE = 256 };

static const char domain[] = "hone";

struct gate {
    struct keyring *keyring;
    void *door, *router;
    char address[ADDRESS_SIZE];
};

/* One knock: version, request, domain, address, identity, mechanism, credentials. */
struct knock {
    size_t length[FRAMES];
    char frame[FRAMES][FRAME_SIZE];
};

enum { VERSION, REQUEST, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS };

static void send_frame(struct gate *gate, const void *bytes, size_t length, bool is_last)
{
    zmq_send(gate->door, bytes, length, ZMQ_DONTWAIT | (is_last ? 0 : ZMQ_SNDMORE));
}

static void send_word(struct gate *gate, const char *word, bool is_last)
{
    send_frame(gate, word, strlen(word), is_last);
}

static void answer(struct gate *gate, const struct knock *knock, const char *name)
{
    send_word(gate, "1.0", false);
    send_frame(gate, knock->frame[REQUEST], knock->length[REQUEST], false);
    send_word(gate, name != NULL ? "200" : "400", false);
    send_word(gate, name != NULL ? "OK" : "this key is not known", false);
    send_word(gate, name != NULL ? name : "", false);
    send_word(gate, "", true);
}

/* 1: one of seven frames, none too long; 0: none waits. Others are dropped: the door's peer is libzmq itself. */
static int receive(struct gate *gate, struct knock *knock)
{
    int n = 0, more = 1;
    bool fits = true;

    while (more != 0) {
        char spare[FRAME_SIZE];
        size_t size = sizeof more;
        int length = zmq_recv(gate->door, n < FRAMES ? knock->frame[n] : spare, FRAME_SIZE, ZMQ_DONTWAIT);

        if (length < 0)
            return 0;
        fits = fits && n < FRAMES && length <= FRAME_SIZE;
        if (fits)
            knock->length[n] = (size_t)length;
        n++;
        zmq_getsockopt(gate->door, ZMQ_RCVMORE, &more, &size);
    }
    if (!fits || n != FRAMES)
        *knock = (struct knock){ 0 };
    return 1;
}

static bool is_word(const struct knock *knock, int frame, const char *word)
{
    return knock->length[frame] == strlen(word) && memcmp(knock->frame[frame], word, strlen(word)) == 0;
}

static const struct principal *who(struct gate *gate, const struct knock *knock)
{
    char key[KEY_TEXT_SIZE];

    if (!is_word(knock, VERSION, "1.0") || !is_word(knock, MECHANISM, "CURVE") ||
        knock->length[CREDENTIALS] != CURVE_KEY_SIZE ||
        zmq_z85_encode(key, (const uint8_t *)knock->frame[CREDENTIALS], CURVE_KEY_SIZE) == NULL)
        return NULL;
    return keyring_find_key(gate->keyring, key);
}

int gate_answer(struct gate *gate)
{
    struct knock knock = { 0 };
    int n_refused = 0;

    for (; receive(gate, &knock) == 1; knock = (struct knock){ 0 }) {
        const struct principal *principal = who(gate, &knock);

        if (principal == NULL) {
            log_warning("gate.refused", "address=%.*s", (int)knock.length[ADDRESS], knock.frame[ADDRESS]);
            n_refused++;
        }
        answer(gate, &knock, principal != NULL ? principal->name : NULL);
    }
    return n_refused;
}

/* Clients need keys, which the door looks at. */
static void guard(struct gate *gate, void *socket)
{
    const struct key_pair *own = keyring_own(gate->keyring);
    int yes = 1;

    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own->secret_key, strlen(own->secret_key));
    zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain));
    zmq_setsockopt(socket, ZMQ_IPV6, &yes, sizeof yes);
    zmq_setsockopt(socket, ZMQ_TCP_KEEPALIVE, &yes, sizeof yes);
}

static int listen_on(struct gate *gate, void *socket, const char *address, char found[ADDRESS_SIZE])
{
    size_t size = ADDRESS_SIZE;

    guard(gate, socket);
    if (zmq_bind(socket, address) < 0)
        return fail(zmq_errno() == EINVAL ? ERR_INVALID : ERR_IO, "cannot listen on %s: %s", address,
                    zmq_strerror(zmq_errno()));
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, found, &size);
    return 0;
}

/* libzmq takes a port modulo 65536. */
static bool has_port(const char *address)
{
    const char *colon = strrchr(address, ':');
    int64_t port;

    return text_equal(colon + 1, "*") || (number_parse_integer(colon + 1, &port) && port >= 0 && port <= 65535);
}

static int open_gate(struct gate *gate, const char *address)
{
    char found[ADDRESS_SIZE];

    if (strncmp(address, "tcp://", strlen("tcp://")) != 0 || !has_port(address))
        return fail(ERR_INVALID, "expected an address tcp://HOST:PORT to listen on, got \"%s\"", address);
    if (zmq_bind(gate->door, "inproc://zeromq.zap.01") < 0)
        return fail(ERR_IO, "cannot guard %s: %s", address, zmq_strerror(zmq_errno()));
    TRY(listen_on(gate, gate->router, address, found));
    snprintf(gate->address, sizeof gate->address, "%.*s%s", (int)(strrchr(address, ':') - address), address,
             strrchr(found, ':'));
    return 0;
}

int gate_listen_beside(struct gate *gate, void *socket, bool at_any_port, char **port)
{
    const char *colon = strrchr(gate->address, ':');
    char found[ADDRESS_SIZE], next[24] = "*";
    char *address;
    int status;

    if (!at_any_port)
        snprintf(next, sizeof next, "%ld", strtol(colon + 1, NULL, 10) + 1);
    address = xasprintf("%.*s:%s", (int)(colon - gate->address), gate->address, next);
    status = listen_on(gate, socket, address, found);
    free(address);
    if (status == 0)
        *port = xstrdup(strrchr(found, ':'));
    return status;
}

int gate_open(void *context, struct keyring *keyring, const char *address, struct gate **out)
{
    struct gate *gate = xcalloc(1, sizeof *gate);
    int status = 0;

    gate->keyring = keyring;
    gate->door = zmq_socket(context, ZMQ_REP);
    gate->router = socket_router(context);
    if (gate->door == NULL || gate->router == NULL)
        status = fail(ERR_IO, "zmq: %s", zmq_strerror(zmq_errno()));
    if (status == 0)
        status = open_gate(gate, address);
    if (status < 0) {
        gate_close(gate);
        return status;
    }
    *out = gate;
    return 0;
}

void gate_close(struct gate *gate)
{
    if (gate == NULL)
        return;
    if (gate->router != NULL)
        zmq_close(gate->router);
    if (gate->door != NULL)
        zmq_close(gate->door);
    keyring_close(gate->keyring);
    free(gate);
}

void *gate_router(const struct gate *gate)
{
    return gate->router;
}

void *gate_door(const struct gate *gate)
{
    return gate->door;
}

const char *gate_address(const struct gate *gate)
{
    return gate->address;
}

const struct principal *gate_principal(struct gate *gate, const char *name)
{
    return keyring_find_name(gate->keyring, name);
}
