/*
 * Tests of pages asked for over HTTP, with a server that says what the test wants.
 */
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/status.h"
#include "tests/test.h"
#include "trialrunner/agent/page.h"
#include "trialrunner/process.h"

struct server {
    int listening, line, epoll, port;
    struct page page;
};

static void serve(struct server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;

    *server = (struct server){ .listening = socket(AF_INET, SOCK_STREAM, 0), .epoll = epoll_create1(0), .page.fd = -1 };
    assert_int_equal(bind(server->listening, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listening, 1), 0);
    assert_int_equal(getsockname(server->listening, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(page_ask(&server->page, server->epoll, server->port, "/metrics?a=1", 0), 0);
    server->line = accept(server->listening, NULL, NULL);
    assert_true(server->line >= 0);
}

static void stop(struct server *server)
{
    if (server->line >= 0)
        close(server->line);
    close(server->listening);
    close(server->epoll);
    page_release(&server->page);
}

static void say(struct server *server, const char *bytes)
{
    assert_int_equal(send(server->line, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

static void hang_up(struct server *server)
{
    char request[4096];

    assert_true(recv(server->line, request, sizeof request, 0) > 0); /* unread, it would become a reset */
    close(server->line);
    server->line = -1;
}

/* Turned whenever there is something to do, until it no longer waits. */
static enum page_state turn(struct server *server)
{
    enum page_state state;
    struct epoll_event event;

    while ((state = page_turn(&server->page, 0)) == PAGE_WAITS && epoll_wait(server->epoll, &event, 1, 10000) > 0)
        ;
    return state;
}

static void assert_body(const struct server *server, const char *want)
{
    size_t length;
    const char *body = page_body(&server->page, &length);

    assert_int_equal(length, strlen(want));
    assert_memory_equal(body, want, length);
}

static void page__request__is_plain(void **state)
{
    struct server server;
    char request[4096] = "";

    (void)state;
    serve(&server);
    assert_int_equal(page_turn(&server.page, 0), PAGE_WAITS);
    assert_true(recv(server.line, request, sizeof request - 1, 0) > 0);
    assert_int_equal(strncmp(request, "GET /metrics?a=1 HTTP/1.0\r\nHost: localhost:", 43), 0);
    stop(&server);
}

static void page__given_length__needs_no_end_of_the_line(void **state)
{
    struct server server;

    (void)state;
    serve(&server);
    say(&server, "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nlos");
    assert_int_equal(page_turn(&server.page, 0), PAGE_WAITS);
    say(&server, "s 1\n");
    assert_int_equal(turn(&server), PAGE_READ);
    assert_body(&server, "loss 1\n");
    assert_int_equal(page_turn(&server.page, 0), PAGE_IDLE);
    stop(&server);
}

static void page__no_length__ends_with_the_line(void **state)
{
    struct server server;

    (void)state;
    serve(&server);
    say(&server, "HTTP/1.0 200 OK\r\n\r\nloss 1\n");
    assert_int_equal(page_turn(&server.page, 0), PAGE_WAITS);
    hang_up(&server);
    assert_int_equal(turn(&server), PAGE_READ);
    assert_body(&server, "loss 1\n");
    stop(&server);
}

static void assert_failure(const char *answer, const char *why)
{
    struct server server;

    serve(&server);
    assert_int_equal(page_turn(&server.page, 0), PAGE_WAITS);
    say(&server, answer);
    hang_up(&server);
    assert_int_equal(turn(&server), PAGE_FAILED);
    assert_contains(fail_message(), why);
    assert_int_equal(page_turn(&server.page, 0), PAGE_IDLE);
    stop(&server);
}

static void page__other_answers__are_refused(void **state)
{
    (void)state;
    assert_failure("HTTP/1.1 404 Not Found\r\n\r\nloss 1\n", "got \"HTTP/1.1 404 Not Found\"");
    assert_failure("SSH-2.0-OpenSSH\r\n\r\n", "got \"SSH-2.0-OpenSSH\"");
    assert_failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nloss 1\n", "encoded");
    assert_failure("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nloss", "cut off");
    assert_failure("HTTP/1.1 200 OK\r\n", "cut off");
    assert_failure("", "cut off");
}

static void page__no_answer__is_given_up_in_time(void **state)
{
    struct server server;

    (void)state;
    serve(&server);
    assert_int_equal(page_turn(&server.page, PAGE_TIMEOUT_MS - 1), PAGE_WAITS);
    assert_int_equal(page_turn(&server.page, PAGE_TIMEOUT_MS), PAGE_FAILED);
    assert_contains(fail_message(), "no answer within 5 s");
    stop(&server);
}

static void page__without_end__is_given_up_at_its_limit(void **state)
{
    struct server server;
    enum page_state last = PAGE_WAITS;
    static char flood[1 << 20];
    size_t n = 0;

    (void)state;
    memset(flood, '#', sizeof flood);
    serve(&server);
    say(&server, "HTTP/1.0 200 OK\r\n\r\n");
    for (; last == PAGE_WAITS && n < 4 * (size_t)PAGE_SIZE_LIMIT; last = page_turn(&server.page, 0)) {
        ssize_t sent = send(server.line, flood, sizeof flood, MSG_NOSIGNAL | MSG_DONTWAIT);

        n += sent > 0 ? (size_t)sent : 0;
    }
    assert_int_equal(last, PAGE_FAILED);
    assert_contains(fail_message(), "larger than");
    stop(&server);
}

static void page__nobody_listening__is_said_so(void **state)
{
    struct server server;
    struct page page = { .fd = -1 };

    (void)state;
    serve(&server);
    stop(&server);
    server.epoll = epoll_create1(0);
    if (page_ask(&page, server.epoll, server.port, "/", 0) == 0)
        assert_int_equal(page_turn(&page, 0), PAGE_FAILED);
    assert_contains(fail_message(), "Connection refused");
    page_release(&page);
    close(server.epoll);
}

static void listening__a_port__is_its_process_own(void **state)
{
    static const char *const argv[] = { "sleep", "60", NULL };
    struct server server;
    struct process other;

    (void)state;
    assert_int_equal(process_start(&(struct process_spec){ .argv = argv,
                                                           .envp = (const char *const *)environ,
                                                           .stdin_fd = -1,
                                                           .stdout_fd = -1,
                                                           .stderr_fd = -1,
                                                           .die_with_parent = true },
                                   &other),
                     0);
    serve(&server);
    assert_true(process_tree_listens(getpid(), server.port));
    assert_false(process_tree_listens(getpid(), 1));
    assert_false(process_tree_listens(other.pid, server.port));
    kill(other.pid, SIGKILL);
    process_wait(&other, true, &(int){ 0 }, &(struct rusage){ 0 });
    stop(&server);
    assert_false(process_tree_listens(getpid(), server.port));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page__request__is_plain),
        cmocka_unit_test(page__given_length__needs_no_end_of_the_line),
        cmocka_unit_test(page__no_length__ends_with_the_line),
        cmocka_unit_test(page__other_answers__are_refused),
        cmocka_unit_test(page__no_answer__is_given_up_in_time),
        cmocka_unit_test(page__without_end__is_given_up_at_its_limit),
        cmocka_unit_test(page__nobody_listening__is_said_so),
        cmocka_unit_test(listening__a_port__is_its_process_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
