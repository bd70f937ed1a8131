/*
 * The protocol of docs/protocol.md from the client's side.
 */
#include "hone.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <msgpack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum {
    WIRE_VERSION = 1,
    CALL_MS = 30000,
    REPEAT_MS = 5000,
    MEET_MS = 5000, /* a service that has not been met by then is not there */
    SLICE_MS = 200,
    ASK_WAIT_MS = 10000,
    KEY_SIZE = 33,
    Z85_SIZE = 41,
    MESSAGE_SIZE = 512,
    REFUSALS_LIMIT = 3,
};
static const int64_t SIZE_LIMIT = 16 << 20;

struct hone {
    void *context, *socket, *monitor;
    bool has_key, has_met; /* has_met: the service, ever */
    int64_t opened_ms;
    int refusals; /* in a row, without a reason */
    int64_t n_asked;
    char address[PATH_MAX + 16], message[MESSAGE_SIZE];
    struct hone_trial *trials;
};

struct hone_trial {
    struct hone_trial *next;
    struct hone *hone;
    int64_t experiment, number, attempt, sequence;
    char key[KEY_SIZE], name[128], why[MESSAGE_SIZE];
    bool should_stop;
    size_t n;
    struct {
        char *name, *text;
    } parameters[]; /* (n) */
};

static int fail(struct hone *hone, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(struct hone *hone, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(hone->message, sizeof hone->message, format, arguments);
    va_end(arguments);
    return code;
}

const char *hone_message(const struct hone *hone)
{
    return hone != NULL ? hone->message : "there is no memory";
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- MessagePack --- */

static bool text_is(const msgpack_object *object, const char *text)
{
    return object->type == MSGPACK_OBJECT_STR && object->via.str.size == strlen(text) &&
           memcmp(object->via.str.ptr, text, object->via.str.size) == 0;
}

/* NULL: no such key, or no map. */
static const msgpack_object *get(const msgpack_object *map, const char *key)
{
    if (map == NULL || map->type != MSGPACK_OBJECT_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->via.map.size; i++)
        if (text_is(&map->via.map.ptr[i].key, key))
            return &map->via.map.ptr[i].val;
    return NULL;
}

static bool get_integer(const msgpack_object *map, const char *key, int64_t *value)
{
    const msgpack_object *object = get(map, key);

    if (object == NULL ||
        (object->type != MSGPACK_OBJECT_POSITIVE_INTEGER && object->type != MSGPACK_OBJECT_NEGATIVE_INTEGER))
        return false;
    *value = object->via.i64;
    return true;
}

static bool get_boolean(const msgpack_object *map, const char *key)
{
    const msgpack_object *object = get(map, key);

    return object != NULL && object->type == MSGPACK_OBJECT_BOOLEAN && object->via.boolean;
}

/* Cut to size; "" when there is none. */
static void get_text(const msgpack_object *map, const char *key, char *out, size_t size)
{
    const msgpack_object *object = get(map, key);
    size_t n = object != NULL && object->type == MSGPACK_OBJECT_STR ? object->via.str.size : 0;

    if (n >= size)
        n = size - 1;
    if (n > 0)
        memcpy(out, object->via.str.ptr, n);
    out[n] = '\0';
}

static void pack_text(msgpack_packer *packer, const char *text)
{
    msgpack_pack_str_with_body(packer, text, strlen(text));
}

static void pack_integer(msgpack_packer *packer, const char *key, int64_t value)
{
    pack_text(packer, key);
    msgpack_pack_int64(packer, value);
}

static void pack_pair(msgpack_packer *packer, const char *key, const char *value)
{
    pack_text(packer, key);
    pack_text(packer, value);
}

/* The envelope up to its body, which the caller packs: a map. */
static void begin(struct hone *hone, msgpack_sbuffer *buffer, msgpack_packer *packer, const char *op)
{
    msgpack_sbuffer_init(buffer);
    msgpack_packer_init(packer, buffer, msgpack_sbuffer_write);
    msgpack_pack_map(packer, 4);
    pack_integer(packer, "v", WIRE_VERSION);
    pack_integer(packer, "id", ++hone->n_asked);
    pack_pair(packer, "op", op);
    pack_text(packer, "body");
}

/* --- keys and addresses --- */

/* A line `name: 'key'` of a key file. */
static bool read_key_line(const char *line, const char *name, char key[Z85_SIZE])
{
    size_t n = strlen(name), length;

    if (strncmp(line, name, n) != 0 || line[n] != ':')
        return false;
    line += n + 1;
    line += strspn(line, " \t'\"");
    length = strcspn(line, " \t\r\n'\"");
    if (length != Z85_SIZE - 1)
        return false;
    memcpy(key, line, length);
    key[length] = '\0';
    return true;
}

static int set_keys(struct hone *hone, const char *path)
{
    static const struct {
        const char *name;
        int option;
    } keys[] = { { "server", ZMQ_CURVE_SERVERKEY },
                 { "public", ZMQ_CURVE_PUBLICKEY },
                 { "secret", ZMQ_CURVE_SECRETKEY } };
    char line[256], key[Z85_SIZE];
    struct stat found;
    int n_found = 0;
    FILE *file = fopen(path, "re");

    if (file == NULL || fstat(fileno(file), &found) < 0)
        return fail(hone, HONE_DENIED, "%s: %s", path, strerror(errno));
    if ((found.st_mode & 077) != 0) {
        fclose(file);
        return fail(hone, HONE_DENIED, "%s can be read by others (mode %03o): chmod 600 it", path,
                    found.st_mode & 0777);
    }
    while (fgets(line, sizeof line, file) != NULL)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (read_key_line(line, keys[i].name, key)) {
                zmq_setsockopt(hone->socket, keys[i].option, key, Z85_SIZE - 1);
                n_found++;
            }
    fclose(file);
    if (n_found != 3)
        return fail(hone, HONE_DENIED, "%s: expected three keys, server, public and secret: a file of hone keygen",
                    path);
    hone->has_key = true;
    return 0;
}

/* The socket of a database's owner: see docs/protocol.md. */
static int find_endpoint(struct hone *hone, const char *database)
{
    const char *slash = strrchr(database, '/'), *runtime = getenv("XDG_RUNTIME_DIR");
    char directory[PATH_MAX], real[PATH_MAX], name[2 * PATH_MAX + 2];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    snprintf(directory, sizeof directory, "%.*s",
             slash == NULL       ? 1
             : slash == database ? 1
                                 : (int)(slash - database),
             slash == NULL ? "." : database);
    if (realpath(directory, real) == NULL)
        return fail(hone, HONE_NOT_FOUND, "%s: %s", directory, strerror(errno));
    snprintf(name, sizeof name, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash != NULL ? slash + 1 : database);
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    if (runtime != NULL && runtime[0] == '/' && access(runtime, W_OK) == 0 && strlen(runtime) + 30 < 100)
        snprintf(hone->address, sizeof hone->address, "ipc://%s/hone/%016" PRIx64, runtime, hash);
    else
        snprintf(hone->address, sizeof hone->address, "ipc:///tmp/hone-%u/%016" PRIx64, (unsigned)geteuid(), hash);
    return 0;
}

/* --- the connection --- */

static int watch(struct hone *hone)
{
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;

    if (zmq_socket_monitor(hone->socket, "inproc://monitor", events) < 0)
        return fail(hone, HONE_FAILED, "zmq: %s", zmq_strerror(zmq_errno()));
    hone->monitor = zmq_socket(hone->context, ZMQ_PAIR);
    if (hone->monitor == NULL || zmq_connect(hone->monitor, "inproc://monitor") < 0)
        return fail(hone, HONE_FAILED, "zmq: %s", zmq_strerror(zmq_errno()));
    return 0;
}

static int refused(struct hone *hone)
{
    if (!hone->has_key)
        return fail(hone, HONE_DENIED, "%s asks for a key: give the file that hone keygen made", hone->address);
    return fail(hone, HONE_DENIED, "%s has another key than this one's `server`, or is no Hone service", hone->address);
}

/* 1: the connection was made anew; 0: nothing new; HONE_DENIED. */
static int heed_monitor(struct hone *hone)
{
    int renewed = 0;
    uint8_t event[6], address[256];

    while (zmq_recv(hone->monitor, event, sizeof event, ZMQ_DONTWAIT) == (int)sizeof event) {
        uint16_t which;

        zmq_recv(hone->monitor, address, sizeof address, ZMQ_DONTWAIT);
        memcpy(&which, event, sizeof which);
        if (which == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            hone->refusals = 0;
            hone->has_met = true;
            renewed = 1;
        }
        if (which == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            return fail(hone, HONE_DENIED, "%s does not know this key (or no longer): hone keygen makes one",
                        hone->address);
        if (which == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
            return refused(hone);
        if (which == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL && strncmp(hone->address, "tcp:", 4) == 0 &&
            ++hone->refusals >= REFUSALS_LIMIT)
            return refused(hone);
    }
    return renewed;
}

static int open_socket(struct hone *hone, const char *where, const char *key)
{
    int linger = 0, first = 20, most = 1000;

    hone->opened_ms = now_ms();
    hone->context = zmq_ctx_new();
    hone->socket = hone->context != NULL ? zmq_socket(hone->context, ZMQ_DEALER) : NULL;
    if (hone->socket == NULL)
        return fail(hone, HONE_FAILED, "zmq: %s", zmq_strerror(zmq_errno()));
    zmq_setsockopt(hone->socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(hone->socket, ZMQ_RECONNECT_IVL, &first, sizeof first);
    zmq_setsockopt(hone->socket, ZMQ_RECONNECT_IVL_MAX, &most, sizeof most);
    zmq_setsockopt(hone->socket, ZMQ_MAXMSGSIZE, &SIZE_LIMIT, sizeof SIZE_LIMIT);
    if (strncmp(where, "tcp://", 6) == 0)
        snprintf(hone->address, sizeof hone->address, "%s", where);
    else if (find_endpoint(hone, where) < 0)
        return HONE_NOT_FOUND;
    if (key != NULL && set_keys(hone, key) < 0)
        return HONE_DENIED;
    if (watch(hone) < 0)
        return HONE_FAILED;
    if (zmq_connect(hone->socket, hone->address) < 0)
        return fail(hone, HONE_INVALID, "%s: %s", hone->address, zmq_strerror(zmq_errno()));
    return 0;
}

/* An answer to this question into out: 1; 0: none in time, or one to another; else a code. */
static int receive(struct hone *hone, int64_t id, msgpack_unpacked *out)
{
    zmq_pollitem_t item = { hone->socket, 0, ZMQ_POLLIN, 0 };
    const msgpack_object *error;
    zmq_msg_t message;
    int64_t answered = -1, version = -1;
    bool is_read;

    if (zmq_poll(&item, 1, SLICE_MS) <= 0)
        return 0;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, hone->socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&message);
        return 0;
    }
    is_read = msgpack_unpack_next(out, zmq_msg_data(&message), zmq_msg_size(&message), NULL) == MSGPACK_UNPACK_SUCCESS;
    zmq_msg_close(&message);
    if (!is_read || !get_integer(&out->data, "id", &answered))
        return 0;
    if (answered != id &&
        (answered != 0 || get_boolean(&out->data, "ok"))) /* 0: the service could not read the question */
        return 0;
    if (!get_integer(&out->data, "v", &version) || version != WIRE_VERSION)
        return fail(hone, HONE_UNSUPPORTED, "the service speaks version %" PRId64 " of the protocol, this library %d",
                    version, WIRE_VERSION);
    if (get_boolean(&out->data, "ok"))
        return 1;
    error = get(&out->data, "err");
    get_text(error, "msg", hone->message, sizeof hone->message);
    for (size_t i = 0; error != NULL; i++) {
        static const struct {
            const char *name;
            int code;
        } codes[] = { { "INVALID", HONE_INVALID },
                      { "NOT_FOUND", HONE_NOT_FOUND },
                      { "CONFLICT", HONE_CONFLICT },
                      { "UNSUPPORTED", HONE_UNSUPPORTED },
                      { "UNREACHABLE", HONE_UNREACHABLE },
                      { "DENIED", HONE_DENIED },
                      { "LIMIT", HONE_LIMIT },
                      { NULL, HONE_FAILED } };

        if (codes[i].name == NULL || (get(error, "code") != NULL && text_is(get(error, "code"), codes[i].name)))
            return codes[i].code;
    }
    return HONE_FAILED;
}

/* Send what begin() began, again when the connection was made anew, until the answer is in out. */
static int call(struct hone *hone, msgpack_sbuffer *question, msgpack_unpacked *out)
{
    int64_t end = now_ms() + CALL_MS, repeat = now_ms() + REPEAT_MS;
    int status = 0;

    if (question->size > (size_t)SIZE_LIMIT) {
        status = fail(hone, HONE_INVALID, "a message of %zu bytes cannot be sent, at most %" PRId64, question->size,
                      SIZE_LIMIT);
        msgpack_sbuffer_destroy(question);
        return status;
    }
    msgpack_unpacked_init(out);
    zmq_send(hone->socket, question->data, question->size, 0);
    while (status == 0) {
        status = receive(hone, hone->n_asked, out);
        if (status != 0)
            break;
        status = heed_monitor(hone);
        if (status == 1 || (status == 0 && now_ms() >= repeat)) {
            zmq_send(hone->socket, question->data, question->size, ZMQ_DONTWAIT);
            repeat = now_ms() + REPEAT_MS;
            status = 0;
        }
        if (status == 0 && !hone->has_met && strncmp(hone->address, "tcp:", 4) == 0 &&
            now_ms() >= hone->opened_ms + MEET_MS)
            status = fail(hone, HONE_UNREACHABLE, "nobody listens on %s", hone->address);
        if (status == 0 && now_ms() >= end)
            status = fail(hone, HONE_UNREACHABLE, "no answer from %s within %d s", hone->address, CALL_MS / 1000);
    }
    msgpack_sbuffer_destroy(question);
    if (status < 0)
        msgpack_unpacked_destroy(out);
    return status < 0 ? status : 0;
}

int hone_open(struct hone **out, const char *where, const char *key)
{
    struct hone *hone = calloc(1, sizeof *hone);
    msgpack_sbuffer question;
    msgpack_packer packer;
    msgpack_unpacked answer;
    int status;

    *out = hone;
    if (hone == NULL)
        return HONE_FAILED;
    status = open_socket(hone, where, key);
    if (status < 0)
        return status;
    begin(hone, &question, &packer, "hello");
    msgpack_pack_map(&packer, 0);
    status = call(hone, &question, &answer);
    if (status == 0)
        msgpack_unpacked_destroy(&answer);
    return status;
}

static void forget(struct hone_trial *trial)
{
    for (struct hone_trial **at = &trial->hone->trials; *at != NULL; at = &(*at)->next) {
        if (*at != trial)
            continue;
        *at = trial->next;
        break;
    }
    for (size_t i = 0; i < trial->n; i++) {
        free(trial->parameters[i].name);
        free(trial->parameters[i].text);
    }
    free(trial);
}

void hone_close(struct hone *hone)
{
    if (hone == NULL)
        return;
    while (hone->trials != NULL)
        forget(hone->trials);
    if (hone->monitor != NULL)
        zmq_close(hone->monitor);
    if (hone->socket != NULL)
        zmq_close(hone->socket);
    if (hone->context != NULL)
        zmq_ctx_term(hone->context);
    free(hone);
}

/* --- trials --- */

static int make_key(struct hone *hone, char key[KEY_SIZE])
{
    uint8_t bytes[(KEY_SIZE - 1) / 2];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fail(hone, HONE_FAILED, "no random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(key + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static char *copy_text(const msgpack_object *object)
{
    return object->type == MSGPACK_OBJECT_STR ? strndup(object->via.str.ptr, object->via.str.size) : NULL;
}

static int keep(struct hone *hone, const msgpack_object *body, struct hone_trial **out)
{
    const msgpack_object *assignments = get(body, "assignments");
    size_t n = assignments != NULL && assignments->type == MSGPACK_OBJECT_MAP ? assignments->via.map.size : 0;
    struct hone_trial *trial = calloc(1, sizeof *trial + n * sizeof *trial->parameters);
    bool is_whole = trial != NULL;

    if (trial == NULL)
        return fail(hone, HONE_FAILED, "there is no memory");
    trial->hone = hone;
    trial->n = n;
    for (size_t i = 0; i < n; i++) {
        trial->parameters[i].name = copy_text(&assignments->via.map.ptr[i].key);
        trial->parameters[i].text = copy_text(&assignments->via.map.ptr[i].val);
        is_whole = is_whole && trial->parameters[i].name != NULL && trial->parameters[i].text != NULL;
    }
    get_text(body, "key", trial->key, sizeof trial->key);
    get_text(body, "trial", trial->name, sizeof trial->name);
    trial->next = hone->trials;
    hone->trials = trial;
    if (!is_whole || !get_integer(body, "experiment", &trial->experiment) ||
        !get_integer(body, "number", &trial->number) || !get_integer(body, "attempt", &trial->attempt)) {
        forget(trial);
        return fail(hone, HONE_FAILED, "the answer to trial.ask holds no trial, or there is no memory");
    }
    *out = trial;
    return 0;
}

int hone_ask(struct hone *hone, const char *namespace_, const char *experiment, struct hone_trial **trial)
{
    int64_t end = now_ms() + CALL_MS;
    char key[KEY_SIZE];

    if (make_key(hone, key) < 0)
        return HONE_FAILED;
    while (now_ms() < end) {
        msgpack_sbuffer question;
        msgpack_packer packer;
        msgpack_unpacked answer;
        const msgpack_object *body;
        int status;

        begin(hone, &question, &packer, "trial.ask");
        msgpack_pack_map(&packer, 4);
        pack_pair(&packer, "namespace", namespace_);
        pack_pair(&packer, "name", experiment);
        pack_pair(&packer, "key", key);
        pack_integer(&packer, "wait_ms", ASK_WAIT_MS);
        status = call(hone, &question, &answer);
        if (status < 0)
            return status;
        body = get(&answer.data, "body");
        if (get(body, "key") != NULL)
            status = keep(hone, body, trial);
        else if (get_boolean(body, "finished"))
            status = HONE_FINISHED;
        else
            status = 1; /* none yet */
        if (status == HONE_FINISHED)
            get_text(body, "message", hone->message, sizeof hone->message);
        msgpack_unpacked_destroy(&answer);
        if (status <= 0)
            return status;
    }
    return fail(hone, HONE_UNREACHABLE, "no trial of %s could be had: all that are allowed at a time are out",
                experiment);
}

int64_t hone_number(const struct hone_trial *trial)
{
    return trial->number;
}

const char *hone_name(const struct hone_trial *trial)
{
    return trial->name;
}

const char *hone_text(const struct hone_trial *trial, const char *parameter)
{
    for (size_t i = 0; i < trial->n; i++)
        if (strcmp(trial->parameters[i].name, parameter) == 0)
            return trial->parameters[i].text;
    return NULL;
}

int hone_real(const struct hone_trial *trial, const char *parameter, double *value)
{
    const char *text = hone_text(trial, parameter);
    char *end = NULL;

    if (text == NULL)
        return fail(trial->hone, HONE_NOT_FOUND, "trial %s has no parameter %s", trial->name, parameter);
    *value = strtod(text, &end);
    if (end == text || *end != '\0')
        return fail(trial->hone, HONE_INVALID, "parameter %s is no number: %s", parameter, text);
    return 0;
}

int hone_integer(const struct hone_trial *trial, const char *parameter, int64_t *value)
{
    const char *text = hone_text(trial, parameter);
    char *end = NULL;

    if (text == NULL)
        return fail(trial->hone, HONE_NOT_FOUND, "trial %s has no parameter %s", trial->name, parameter);
    *value = strtoll(text, &end, 10);
    if (end == text || *end != '\0')
        return fail(trial->hone, HONE_INVALID, "parameter %s is no whole number: %s", parameter, text);
    return 0;
}

/* The envelope and the attempt's own four keys; n_more follow. */
static void begin_word(struct hone_trial *trial, msgpack_sbuffer *buffer, msgpack_packer *packer, const char *op,
                       size_t n_more)
{
    begin(trial->hone, buffer, packer, op);
    msgpack_pack_map(packer, 4 + n_more);
    pack_integer(packer, "experiment", trial->experiment);
    pack_integer(packer, "number", trial->number);
    pack_integer(packer, "attempt", trial->attempt);
    pack_pair(packer, "key", trial->key);
}

static void pack_metrics(msgpack_packer *packer, size_t n, const char *const metrics[], const double values[])
{
    pack_text(packer, "metrics");
    msgpack_pack_map(packer, n);
    for (size_t i = 0; i < n; i++) {
        char text[32];

        snprintf(text, sizeof text, "%.17g", values[i]); /* as text: nan and infinities travel too */
        pack_pair(packer, metrics[i], text);
    }
}

/* Of a report or a beat. */
static int heed(struct hone_trial *trial, msgpack_sbuffer *question)
{
    msgpack_unpacked answer;
    int status = call(trial->hone, question, &answer);

    if (status < 0)
        return status;
    trial->should_stop = get_boolean(get(&answer.data, "body"), "stop");
    get_text(get(&answer.data, "body"), "why", trial->why, sizeof trial->why);
    msgpack_unpacked_destroy(&answer);
    return 0;
}

int hone_report(struct hone_trial *trial, const char *metric, double value, int64_t step)
{
    msgpack_sbuffer question;
    msgpack_packer packer;

    begin_word(trial, &question, &packer, "trial.report", 3);
    pack_metrics(&packer, 1, &metric, &value);
    pack_integer(&packer, "step", step);
    pack_integer(&packer, "sequence", ++trial->sequence);
    return heed(trial, &question);
}

int hone_beat(struct hone_trial *trial)
{
    msgpack_sbuffer question;
    msgpack_packer packer;

    begin_word(trial, &question, &packer, "trial.beat", 0);
    return heed(trial, &question);
}

bool hone_should_stop(const struct hone_trial *trial, const char **why)
{
    if (why != NULL)
        *why = trial->why;
    return trial->should_stop;
}

static int end(struct hone_trial *trial, msgpack_sbuffer *question)
{
    msgpack_unpacked answer;
    int status = call(trial->hone, question, &answer);

    if (status == 0)
        msgpack_unpacked_destroy(&answer);
    forget(trial);
    return status;
}

int hone_tell_metrics(struct hone_trial *trial, size_t n, const char *const metrics[], const double values[])
{
    msgpack_sbuffer question;
    msgpack_packer packer;

    begin_word(trial, &question, &packer, "trial.tell", 1);
    pack_metrics(&packer, n, metrics, values);
    return end(trial, &question);
}

int hone_tell(struct hone_trial *trial, const char *metric, double value)
{
    return hone_tell_metrics(trial, 1, &metric, &value);
}

int hone_tell_end(struct hone_trial *trial, const char *state, const char *message)
{
    msgpack_sbuffer question;
    msgpack_packer packer;

    begin_word(trial, &question, &packer, "trial.tell", message != NULL ? 2 : 1);
    pack_pair(&packer, "state", state);
    if (message != NULL)
        pack_pair(&packer, "message", message);
    return end(trial, &question);
}
