/*
 * From a page's samples to reports.
 */
#include "trialrunner/agent/scrape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "trialrunner/collectors/exposition.h"
#include "trialrunner/collectors/reported.h"
#include "trialrunner/process.h"

enum { SCRAPE_EVERY_MS = 200 };

/* The samples of one page that matter: the first of each. */
struct found {
    const struct metrics_query *query;
    struct sample *metrics; /* (n_metrics); name NULL: it is not on the page */
    struct sample steps[3];
};

static const char *const step_names[3] = { "step", "global_step", "epoch" };

void scrape_open(struct scrape *scrape, struct stream *stream, const char *path, int own_port, int declared_port)
{
    *scrape = (struct scrape){
        .stream = stream,
        .path = path,
        .ports = { own_port, declared_port },
        .last = xcalloc(stream->query->n_metrics + 1, sizeof *scrape->last),
        .page.fd = -1,
    };
}

/* --- one page --- */

static void note(struct sample *place, const struct sample *sample, const char *name)
{
    if (place->name == NULL && exposition_matches(sample, name))
        *place = *sample;
}

static void take(void *owner, const struct sample *sample)
{
    struct found *found = owner;

    for (size_t i = 0; i < found->query->n_metrics; i++)
        note(&found->metrics[i], sample, found->query->metrics[i]);
    for (size_t i = 0; i < 3; i++)
        note(&found->steps[i], sample, step_names[i]);
}

/* -1: there is none. */
static int64_t step_of(const struct found *found)
{
    for (size_t i = 0; i < 3; i++) {
        char text[METRIC_VALUE_LIMIT + 1];
        double step;

        if (found->steps[i].name != NULL && value_copy(found->steps[i].value, found->steps[i].value_length, text) &&
            number_parse(text, &step) && step >= 0 && step < 0x1p62 && step == floor(step))
            return (int64_t)step;
    }
    return -1;
}

static void report(struct scrape *scrape, size_t metric, const struct sample *sample, int64_t step)
{
    char value[METRIC_VALUE_LIMIT + 1];
    struct report fresh = { .metric = metric, .time_us = sample->time_us, .step = step, .value = value };
    char *shown;

    if (sample->name == NULL || !value_copy(sample->value, sample->value_length, value))
        return;
    shown = xasprintf("%s at %lld", value, (long long)step);
    if (!text_equal(shown, scrape->last[metric]))
        stream_report(scrape->stream, &fresh);
    free(scrape->last[metric]);
    scrape->last[metric] = shown;
}

static void read_page(struct scrape *scrape)
{
    const struct metrics_query *query = scrape->stream->query;
    struct found found = { .query = query, .metrics = xcalloc(query->n_metrics + 1, sizeof *found.metrics) };
    size_t length;
    const char *body = page_body(&scrape->page, &length);

    exposition_read(body, length, take, &found);
    for (size_t i = 0; i < query->n_metrics; i++)
        report(scrape, i, &found.metrics[i], step_of(&found));
    free(found.metrics);
}

/* --- again and again --- */

static void complain(struct scrape *scrape)
{
    if (!scrape->is_said)
        log_warning("scrape.page", "port %d%s: %s", scrape->port, scrape->path, fail_message());
    scrape->is_said = true;
}

static int find_port(const struct scrape *scrape, pid_t pid)
{
    for (size_t i = 0; i < 2; i++)
        if (scrape->ports[i] > 0 && process_tree_listens(pid, scrape->ports[i]))
            return scrape->ports[i];
    return 0;
}

static void ask(struct scrape *scrape, pid_t pid, int epoll, int64_t now_ms)
{
    scrape->due_ms = now_ms + SCRAPE_EVERY_MS;
    if (stream_is_full(scrape->stream))
        return;
    if (scrape->port == 0)
        scrape->port = find_port(scrape, pid);
    if (scrape->port > 0 && page_ask(&scrape->page, epoll, scrape->port, scrape->path, now_ms) < 0)
        scrape->port = 0; /* its server is gone */
}

void scrape_turn(struct scrape *scrape, pid_t pid, int epoll, int64_t now_ms)
{
    if (scrape->stream == NULL)
        return;
    if (pid > 0 && scrape->page.fd < 0 && now_ms >= scrape->due_ms)
        ask(scrape, pid, epoll, now_ms);
    switch (page_turn(&scrape->page, now_ms)) {
    case PAGE_READ:
        read_page(scrape);
        break;
    case PAGE_FAILED:
        if (pid > 0) /* else it was cut off by the end of the training */
            complain(scrape);
        scrape->port = 0;
        break;
    default:
        break;
    }
}

int64_t scrape_due_ms(const struct scrape *scrape, pid_t pid)
{
    if (scrape->stream == NULL)
        return INT64_MAX;
    if (scrape->page.fd >= 0)
        return scrape->page.give_up_ms;
    return pid > 0 ? scrape->due_ms : INT64_MAX;
}

void scrape_close(struct scrape *scrape)
{
    if (scrape->stream == NULL)
        return;
    for (size_t i = 0; i < scrape->stream->query->n_metrics; i++)
        free(scrape->last[i]);
    free(scrape->last);
    page_release(&scrape->page);
    *scrape = (struct scrape){ 0 };
}
