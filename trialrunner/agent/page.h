/*
 * A page of this machine, asked for by HTTP without waiting: GET, one answer, a bounded size and time.
 */
#ifndef HONE_TRIALRUNNER_AGENT_PAGE_H
#define HONE_TRIALRUNNER_AGENT_PAGE_H

#include <stdint.h>

#include "base/text.h"

enum { PAGE_SIZE_LIMIT = 8 << 20, PAGE_TIMEOUT_MS = 5000 };

enum page_state { PAGE_IDLE, PAGE_WAITS, PAGE_READ, PAGE_FAILED };

struct page {
    int fd; /* -1: not under way */
    struct text request, answer;
    size_t n_sent;
    int64_t give_up_ms;
};

/* Ask 127.0.0.1:port for path. epoll: tells when page_turn has something to do. ERR_IO: nobody listens. */
int page_ask(struct page *page, int epoll, int port, const char *path, int64_t now_ms);
/* Send and receive what can be. PAGE_FAILED: fail_message() says why. After READ and FAILED it is no longer under way. */
enum page_state page_turn(struct page *page, int64_t now_ms);
/* Of a page that was read: what follows its headers, until it is asked for again. */
const char *page_body(const struct page *page, size_t *length);
void page_release(struct page *page);

#endif
