/*
 * Questions by HTTP (libmicrohttpd 0.9: a connection that waits for the loop is suspended).
 */
#include "service/http.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "base/log.h"
#include "base/number.h"
#include "base/status.h"
#include "service/core.h"
#include "service/metrics.h"

enum { ADDRESS_SIZE = 80, CONNECTIONS = 64, CONNECTIONS_OF_ONE = 16, IDLE_SECONDS = 15, BUFFER_SIZE = 16384 };

struct http {
    struct service *service;
    struct MHD_Daemon *daemon;
    struct db *reader; /* of the daemon's thread */
    bool is_loopback;
    char address[ADDRESS_SIZE];
    pthread_mutex_t mutex;
    bool is_closing; /* nobody opens letters any more */
};

struct page {
    const char *path, *type;
    /* On the loop's thread: the body, and the code of HTTP. */
    unsigned (*write)(const struct service *service, struct text *body);
    int (*add)(struct db *reader, struct text *body); /* on the daemon's thread, afterwards; NULL: nothing */
};

/* One question: from the daemon to the loop and back. */
struct visit {
    struct letter letter;
    struct http *http;
    struct MHD_Connection *connection;
    const struct page *page;
    bool is_answered;
    unsigned code;
    struct text body;
};

/* --- the pages --- */

static unsigned write_metrics(const struct service *service, struct text *body)
{
    metrics_write(service, body);
    return MHD_HTTP_OK;
}

static unsigned write_health(const struct service *service, struct text *body)
{
    (void)service;
    text_add(body, "ok\n");
    return MHD_HTTP_OK;
}

static unsigned write_readiness(const struct service *service, struct text *body)
{
    const char *fault = service->is_leaving      ? "it is leaving"
                        : service->retry_ms != 0 ? "the database cannot be written, or a trial cannot be started"
                                                 : NULL;

    text_printf(body, "%s\n", fault != NULL ? fault : "ready");
    return fault != NULL ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK;
}

static const struct page pages[] = {
    { "/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics, metrics_write_census },
    { "/healthz", "text/plain; charset=utf-8", write_health, NULL },
    { "/readyz", "text/plain; charset=utf-8", write_readiness, NULL },
};

static const struct page *find_page(const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}

/* --- the way to the loop and back --- */

static void open_visit(struct service *service, struct letter *letter)
{
    struct visit *visit = (struct visit *)letter;

    visit->code = MHD_HTTP_SERVICE_UNAVAILABLE;
    if (service != NULL)
        visit->code = visit->page->write(service, &visit->body);
    MHD_resume_connection(visit->connection); /* and the daemon goes on with respond() */
}

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned code, const char *type, const char *body,
                               size_t length)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(length, (void *)body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned code, const char *words)
{
    return respond(connection, code, "text/plain; charset=utf-8", words, strlen(words));
}

static enum MHD_Result finish(struct visit *visit)
{
    if (visit->page->add != NULL && visit->code == MHD_HTTP_OK &&
        visit->page->add(visit->http->reader, &visit->body) < 0) {
        log_error("http.read", "%s", fail_message());
        return refuse(visit->connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "the database cannot be read\n");
    }
    return respond(visit->connection, visit->code, visit->page->type, text_string(&visit->body), visit->body.length);
}

static enum MHD_Result begin(struct http *http, struct MHD_Connection *connection, const struct page *page, void **own)
{
    struct visit *visit = xcalloc(1, sizeof *visit);
    bool is_closing;

    *visit = (struct visit){ .letter.open = open_visit, .http = http, .connection = connection, .page = page };
    *own = visit; /* freed by forget() */
    pthread_mutex_lock(&http->mutex);
    is_closing = http->is_closing;
    if (!is_closing) {
        visit->is_answered = true; /* when we are called the next time */
        MHD_suspend_connection(connection);
        mailbox_post(http->service->mailbox, &visit->letter);
    }
    pthread_mutex_unlock(&http->mutex);
    return is_closing ? refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "it is leaving\n") : MHD_YES;
}

/* A web page elsewhere that has its own name lead to this machine (DNS rebinding) still sends that name. */
static bool is_our_host(const struct http *http, struct MHD_Connection *connection)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

    if (!http->is_loopback || host == NULL)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);

        if (strncmp(host, names[i], length) == 0 && (host[length] == '\0' || host[length] == ':'))
            return true;
    }
    return false;
}

static enum MHD_Result asked(void *owner, struct MHD_Connection *connection, const char *path, const char *method,
                             const char *version, const char *upload, size_t *n_upload, void **own)
{
    struct http *http = owner;
    const struct page *page = find_page(path);

    (void)version;
    (void)upload;
    if (*own != NULL && ((struct visit *)*own)->is_answered)
        return finish(*own);
    if (*n_upload != 0) { /* a body that nobody asked for */
        *n_upload = 0;
        return MHD_NO;
    }
    if (!is_our_host(http, connection))
        return refuse(connection, MHD_HTTP_MISDIRECTED_REQUEST, "this is another host\n");
    if (page == NULL)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "there are /metrics, /healthz and /readyz\n");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    return begin(http, connection, page, own);
}

static void forget(void *owner, struct MHD_Connection *connection, void **own, enum MHD_RequestTerminationCode code)
{
    struct visit *visit = *own;

    (void)owner;
    (void)connection;
    (void)code;
    if (visit != NULL) {
        text_release(&visit->body);
        free(visit);
    }
    *own = NULL;
}

static void note(void *owner, const char *format, va_list arguments)
{
    char line[512];

    (void)owner;
    vsnprintf(line, sizeof line, format, arguments);
    log_debug("http", "%s", line);
}

/* --- beginning and end --- */

/* "[HOST:]PORT" */
static int find_address(const char *address, struct addrinfo **found)
{
    const char *colon = strrchr(address, ':'), *port = colon != NULL ? colon + 1 : address;
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    int64_t number;
    char *host;
    int error;

    if (!number_parse_integer(port, &number) || number < 0 || number > 65535 || colon == address)
        return fail(ERR_INVALID, "expected [HOST:]PORT to answer HTTP on, got \"%s\"", address);
    host = xasprintf("%.*s", colon != NULL ? (int)(colon - address) : 0, address);
    if (host[0] == '[' && host[strlen(host) - 1] == ']') { /* of IPv6 */
        host[strlen(host) - 1] = '\0';
        error = getaddrinfo(host + 1, port, &wanted, found);
    } else {
        error = getaddrinfo(*host != '\0' ? host : "127.0.0.1", port, &wanted, found);
    }
    free(host);
    return error != 0 ? fail(ERR_INVALID, "%s: %s", address, gai_strerror(error)) : 0;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24) == 127;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static void say_address(struct http *http, const struct sockaddr *address, socklen_t length)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    char host[64] = "";

    getnameinfo(address, length, host, sizeof host, NULL, 0, NI_NUMERICHOST);
    snprintf(http->address, sizeof http->address, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
             info != NULL ? info->port : 0);
}

static int listen_on(struct http *http, const char *address)
{
    struct addrinfo *found = NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    int status = find_address(address, &found);

    if (found == NULL)
        return status;
    http->is_loopback = is_loopback(found->ai_addr);
    http->daemon = MHD_start_daemon(flags | (found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL, asked,
                                    http, MHD_OPTION_EXTERNAL_LOGGER, note, NULL, MHD_OPTION_SOCK_ADDR, found->ai_addr,
                                    MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_CONNECTION_LIMIT,
                                    (unsigned)CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                                    (unsigned)CONNECTIONS_OF_ONE, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                                    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)BUFFER_SIZE, MHD_OPTION_END);
    if (http->daemon != NULL)
        say_address(http, found->ai_addr, found->ai_addrlen);
    else
        status = fail(ERR_IO, "cannot answer HTTP on %s: is the port taken?", address);
    freeaddrinfo(found);
    return status;
}

int http_open(struct service *service, const char *address, struct http **out)
{
    struct http *http = xcalloc(1, sizeof *http);
    int status;

    http->service = service;
    pthread_mutex_init(&http->mutex, NULL);
    status = db_open(service->database, DB_READER, &http->reader);
    if (status == 0)
        status = listen_on(http, address);
    if (status < 0) {
        http_close(http);
        return status;
    }
    *out = http;
    return 0;
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    pthread_mutex_lock(&http->mutex);
    http->is_closing = true;
    pthread_mutex_unlock(&http->mutex);
    mailbox_open(http->service->mailbox, NULL); /* a suspended connection would keep the daemon */
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    db_close(http->reader);
    pthread_mutex_destroy(&http->mutex);
    free(http);
}

const char *http_address(const struct http *http)
{
    return http->address;
}
