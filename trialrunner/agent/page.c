/*
 * HTTP/1.0 (RFC 1945), so that the answer ends with its Content-Length or the connection, and comes in one piece.
 */
#include "trialrunner/agent/page.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/status.h"

static void hang_up(struct page *page)
{
    if (page->fd >= 0)
        close(page->fd);
    page->fd = -1;
}

int page_ask(struct page *page, int epoll, int port, const char *path, int64_t now_ms)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct epoll_event wanted = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

    text_clear(&page->request);
    text_clear(&page->answer);
    text_printf(&page->request,
                "GET %s HTTP/1.0\r\nHost: localhost:%d\r\nAccept: text/plain;version=0.0.4\r\nUser-Agent: hone\r\n\r\n",
                path, port);
    page->n_sent = 0;
    page->give_up_ms = now_ms + PAGE_TIMEOUT_MS;
    page->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (page->fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, page->fd, &wanted) < 0 ||
        (connect(page->fd, (const struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)) {
        int cause = errno;

        hang_up(page);
        return fail_errno(cause, "connect to port %d", port);
    }
    return 0;
}

/* false: it broke. */
static bool send_request(struct page *page)
{
    while (page->n_sent < page->request.length) {
        ssize_t n = send(page->fd, page->request.data + page->n_sent, page->request.length - page->n_sent,
                         MSG_NOSIGNAL);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        page->n_sent += (size_t)n;
    }
    return true;
}

/* false: it broke. *is_end: the other side has said all. */
static bool receive(struct page *page, bool *is_end)
{
    char chunk[16384];
    ssize_t n;

    while ((n = recv(page->fd, chunk, sizeof chunk, 0)) > 0 && page->answer.length <= PAGE_SIZE_LIMIT)
        text_add_bytes(&page->answer, chunk, (size_t)n);
    *is_end = n == 0;
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Length of the headers with the empty line; 0: they have not ended yet. */
static size_t header_length(const struct text *answer)
{
    const char *end = answer->length > 0 ? memmem(answer->data, answer->length, "\r\n\r\n", 4) : NULL;

    return end != NULL ? (size_t)(end - answer->data) + 4 : 0;
}

/* What follows a header's name, NULL: it is not there. */
static const char *find_header(const struct text *answer, size_t length, const char *name)
{
    const char *at = answer->data, *end = at + length;
    size_t n = strlen(name);

    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        if ((size_t)(end - at) > n && strncasecmp(at, name, n) == 0 && at[n] == ':')
            return at + n + 1;
    }
    return NULL;
}

static bool is_complete(const struct page *page, bool is_end)
{
    size_t length = header_length(&page->answer);
    const char *given = length > 0 ? find_header(&page->answer, length, "Content-Length") : NULL;

    if (given == NULL)
        return length > 0 && is_end;
    return page->answer.length - length >= strtoull(given, NULL, 10);
}

/* HTTP/1.x 200, and nothing that we have not asked for. */
static int check_answer(const struct page *page)
{
    const char *answer = page->answer.data;
    size_t length = header_length(&page->answer), n = strcspn(answer, "\r\n");

    if (strncmp(answer, "HTTP/1.", 7) != 0 || strncmp(answer + 8, " 200", 4) != 0)
        return fail(ERR_IO, "expected status 200, got \"%.*s\"", (int)(n < 80 ? n : 80), answer);
    if (find_header(&page->answer, length, "Transfer-Encoding") != NULL ||
        find_header(&page->answer, length, "Content-Encoding") != NULL)
        return fail(ERR_UNSUPPORTED, "the answer is encoded in a way that was not asked for");
    return 0;
}

enum page_state page_turn(struct page *page, int64_t now_ms)
{
    bool is_end = false;

    if (page->fd < 0)
        return PAGE_IDLE;
    if (!send_request(page) || !receive(page, &is_end))
        fail_errno(errno, "read");
    else if (is_complete(page, is_end)) {
        hang_up(page);
        return check_answer(page) == 0 ? PAGE_READ : PAGE_FAILED;
    } else if (is_end)
        fail(ERR_IO, "the answer was cut off");
    else if (page->answer.length > PAGE_SIZE_LIMIT)
        fail(ERR_LIMIT, "the page is larger than %d bytes", PAGE_SIZE_LIMIT);
    else if (now_ms >= page->give_up_ms)
        fail(ERR_IO, "no answer within %d s", PAGE_TIMEOUT_MS / 1000);
    else
        return PAGE_WAITS;
    hang_up(page);
    return PAGE_FAILED;
}

const char *page_body(const struct page *page, size_t *length)
{
    size_t headers = header_length(&page->answer);

    *length = page->answer.length - headers;
    return page->answer.data + headers;
}

void page_release(struct page *page)
{
    hang_up(page);
    text_release(&page->request);
    text_release(&page->answer);
}
