/*
 * The metrics page of one role (Prometheus' text format), asked for again and again while its training runs.
 *
 * A value is reported when it, or the step on the page, is another than the last time. Only a page that the training itself serves is
 * asked for: never that of another trial which happens to listen on the same port.
 */
#ifndef HONE_TRIALRUNNER_AGENT_SCRAPE_H
#define HONE_TRIALRUNNER_AGENT_SCRAPE_H

#include <sys/types.h>

#include "trialrunner/agent/page.h"
#include "trialrunner/agent/stream.h"

struct scrape {
    struct stream *stream; /* NULL: nothing is scraped */
    const char *path;
    int ports[2]; /* where it may be served, the first preferred; 0: none */
    int port;     /* where it was found; 0: not yet */
    int64_t due_ms;
    bool is_said; /* that there was trouble */
    char **last;  /* (n_metrics) what was reported last; NULL: nothing */
    struct page page;
};

/* own_port: the role's alone; declared_port: the one in the file. Texts borrowed. */
void scrape_open(struct scrape *scrape, struct stream *stream, const char *path, int own_port, int declared_port);
/* pid: of the training; 0: it does not run. epoll as for page_ask. */
void scrape_turn(struct scrape *scrape, pid_t pid, int epoll, int64_t now_ms);
/* When it has something to do, if epoll does not tell; INT64_MAX: never. */
int64_t scrape_due_ms(const struct scrape *scrape, pid_t pid);
void scrape_close(struct scrape *scrape);

#endif
