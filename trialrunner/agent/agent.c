/*
 * One loop over signals, inotify and the line to the service.
 */
#include "trialrunner/agent/agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/status.h"
#include "trialrunner/agent/end.h"
#include "trialrunner/agent/record.h"
#include "trialrunner/agent/recover.h"
#include "trialrunner/agent/supervise.h"
#include "trialrunner/agent/uplink.h"

enum { POLL_FILES_MS = 20, POLL_LONGEST_MS = 5000, FORSAKEN_MS = 10000 };

struct agent {
    const char *directory;
    struct arena arena;
    struct order order;
    int lock, signals, inotify; /* descriptors; inotify -1: files are looked at now and then */
    bool is_recovery, is_stopped;
    struct spool spool;
    struct stream *streams; /* (n_roles); NULL: nothing is collected */
    struct supervisor supervisor;
    struct uplink uplink;
    const struct node *end; /* NULL: not yet */
};

/* --- before the loop --- */

static int take_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int check_names(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_roles; i++) {
        const struct role *role = &plan->roles[i];

        if (!record_name_is_safe(role->name) || role->n_containers == 0)
            return fail(ERR_INVALID, "role %zu has no usable name or no containers", i);
        for (size_t k = 0; k < role->n_init + role->n_containers; k++)
            if (!record_name_is_safe(k < role->n_init ? role->init[k].name : role->containers[k - role->n_init].name))
                return fail(ERR_INVALID, "a container of role %s has no usable name", role->name);
    }
    return 0;
}

static int read_order(struct agent *agent)
{
    char *path = file_join(agent->directory, "order");
    struct text bytes = { 0 };
    int status = file_read(path, MESSAGE_SIZE_LIMIT, &bytes);

    if (status == 0)
        status = order_decode(bytes.data, bytes.length, &agent->arena, &agent->order);
    if (status == 0)
        status = check_names(&agent->order.plan);
    text_release(&bytes);
    free(path);
    return status;
}

/* One stream for every role that has a container whose metrics count. */
static int open_streams(struct agent *agent, const struct collector_kind *kind)
{
    const struct order *order = &agent->order;
    bool is_json = kind->is_events || text_equal(order->format, metrics_format_json.name);
    const struct metrics_format *format = kind->is_custom ? &metrics_format_any
                                          : is_json       ? &metrics_format_json
                                                          : &metrics_format_text;
    int status = 0;

    agent->streams = xcalloc(order->plan.n_roles + 1, sizeof *agent->streams);
    for (size_t i = 0; i < order->plan.n_roles && status == 0; i++) {
        char *path = xasprintf("%s/%s.reports", agent->directory, order->plan.roles[i].name);

        status = stream_open(&agent->streams[i], (int)i, &order->metrics, format, kind->reads_file, path,
                             &agent->spool);
        free(path);
    }
    return status;
}

static void fail_attempt(struct agent *agent)
{
    agent->supervisor.phase = PHASE_OVER;
    agent->supervisor.ending.end = "failed";
    agent->supervisor.ending.message = xstrdup(fail_message());
}

static void recover(struct agent *agent)
{
    struct ending *ending = &agent->supervisor.ending;

    recover_clear_up(agent->directory, &ending->wall_s);
    ending->end = "lost";
    ending->message = xstrdup("its agent was killed; what was left of its processes was ended");
    agent->end = end_read(agent->directory, &agent->order, &agent->arena);
    supervisor_recover(&agent->supervisor);
}

static int begin(struct agent *agent)
{
    const struct collector_kind *kind = collector_kind_find(agent->order.collector);
    bool reads = kind != NULL && agent->order.metrics.n_metrics > 0 &&
                 (kind->reads_output || (kind->reads_file && agent->order.metrics_path != NULL) ||
                  (kind->is_scraped && agent->order.http_path != NULL));
    int64_t now_ms = clock_steady_ms();
    int status = reads ? open_streams(agent, kind) : 0;

    supervisor_init(&agent->supervisor, agent->directory, &agent->order, agent->streams, reads ? kind : NULL,
                    agent->inotify);
    if (agent->is_recovery)
        recover(agent);
    else if (status < 0)
        fail_attempt(agent);
    else
        supervisor_start(&agent->supervisor, now_ms);
    return uplink_open(&agent->uplink, &agent->order, &agent->spool,
                       now_ms); /* after the roles: they need not wait for it */
}

/* --- the end --- */

/* Everything is dead: write down how it ended, and say so once all reports are out. */
static void conclude(struct agent *agent)
{
    if (agent->end == NULL) {
        struct text bytes = { 0 };

        agent->end = end_body(&agent->supervisor.ending, &agent->order, &agent->arena);
        message_encode(agent->end, &bytes);
        if (record_write(agent->directory, "end", bytes.data, bytes.length) < 0)
            log_warning("agent.end", "%s", fail_message());
        text_release(&bytes);
    }
    if (agent->uplink.end == NULL && supervisor_drain(&agent->supervisor))
        agent->uplink.end = agent->end;
}

/* --- the loop --- */

static void take_one_signal(struct agent *agent, uint32_t signal, int64_t now_ms)
{
    if (signal == SIGCHLD) {
        supervisor_reap(&agent->supervisor, now_ms);
    } else {
        supervisor_stop(&agent->supervisor, now_ms, signal == SIGUSR1 || agent->is_stopped);
        agent->is_stopped = true;
    }
}

static void read_signals(struct agent *agent, int64_t now_ms)
{
    struct signalfd_siginfo about;

    while (read(agent->signals, &about, sizeof about) == (ssize_t)sizeof about)
        take_one_signal(agent, about.ssi_signo, now_ms);
}

static void read_inotify(struct agent *agent)
{
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n;

    if (agent->inotify < 0)
        supervisor_mark(&agent->supervisor, -1);
    while (agent->inotify >= 0 && (n = read(agent->inotify, buffer, sizeof buffer)) > 0)
        for (char *at = buffer; at < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)at;

            supervisor_mark(&agent->supervisor, event->mask & IN_Q_OVERFLOW ? -1 : event->wd);
            at += sizeof *event + event->len;
        }
}

static void flush_journals(struct agent *agent)
{
    static bool is_said;

    for (size_t i = 0; agent->streams != NULL && i < agent->order.plan.n_roles; i++)
        if (journal_flush(&agent->streams[i].journal) < 0 && !is_said) {
            log_warning("agent.journal", "%s", fail_message());
            is_said = true;
        }
}

/* Until something happens or is due; now and then in any case, to see whether the directory is still there. */
static void wait_for_more(struct agent *agent, bool more, bool must_look)
{
    struct pollfd items[] = { { agent->signals, POLLIN, 0 },
                              { agent->uplink.fd, POLLIN, 0 },
                              { agent->inotify, POLLIN, 0 },
                              { agent->supervisor.epoll, POLLIN, 0 } };
    int64_t now_ms = clock_steady_ms(), due = now_ms + POLL_LONGEST_MS;

    if (supervisor_due_ms(&agent->supervisor) < due)
        due = supervisor_due_ms(&agent->supervisor);
    if (uplink_due_ms(&agent->uplink) < due)
        due = uplink_due_ms(&agent->uplink);
    if (must_look && now_ms + POLL_FILES_MS < due)
        due = now_ms + POLL_FILES_MS;
    if (more || due < now_ms)
        due = now_ms;
    if (poll(items, sizeof items / sizeof *items, (int)(due - now_ms)) < 0 && errno != EINTR)
        log_error("agent.poll", "%s", strerror(errno));
}

/* All is dead, the directory was removed, and the service has not answered for long: nobody will ever ask. */
static bool is_forsaken(const struct agent *agent)
{
    return agent->supervisor.phase == PHASE_OVER && clock_steady_ms() - agent->uplink.heard_ms > FORSAKEN_MS &&
           !record_exists(agent->directory, "order");
}

static bool is_finished(const struct agent *agent)
{
    return agent->uplink.is_done || (agent->uplink.is_refused && agent->supervisor.phase == PHASE_OVER) ||
           is_forsaken(agent);
}

static void turn(struct agent *agent)
{
    int64_t now_ms = clock_steady_ms();
    bool more, must_look;

    read_signals(agent, now_ms);
    read_inotify(agent);
    must_look = supervisor_mark_unwatched(&agent->supervisor);
    supervisor_tick(&agent->supervisor, now_ms);
    more = supervisor_read(&agent->supervisor);
    if (agent->supervisor.phase == PHASE_OVER)
        conclude(agent);
    flush_journals(agent);
    uplink_turn(&agent->uplink, now_ms);
    if (agent->uplink.is_refused)
        supervisor_stop(&agent->supervisor, now_ms, true);
    if (!is_finished(agent))
        wait_for_more(agent, more, must_look);
}

static void release(struct agent *agent)
{
    size_t n_roles = agent->order.plan.n_roles;

    uplink_close(&agent->uplink);
    supervisor_release(&agent->supervisor);
    for (size_t i = 0; agent->streams != NULL && i < n_roles; i++)
        stream_close(&agent->streams[i]);
    free(agent->streams);
    spool_release(&agent->spool);
    arena_release(&agent->arena);
    if (agent->inotify >= 0)
        close(agent->inotify);
    if (agent->signals >= 0)
        close(agent->signals);
    if (agent->lock >= 0)
        close(agent->lock);
}

static enum agent_exit work(struct agent *agent)
{
    agent->signals = take_signals();
    agent->lock = record_lock(agent->directory);
    if (agent->lock == ERR_CONFLICT)
        return AGENT_NOT_ALONE;
    if (agent->lock < 0 || agent->signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
        log_error("agent.start", "%s", agent->lock < 0 ? fail_message() : strerror(errno));
        return AGENT_NO_START;
    }
    if (read_order(agent) < 0) {
        log_error("agent.order", "%s", fail_message());
        return AGENT_BAD_ORDER;
    }
    agent->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    agent->is_recovery = record_exists(agent->directory, "started");
    if (begin(agent) < 0) {
        log_error("agent.start", "%s", fail_message());
        supervisor_stop(&agent->supervisor, clock_steady_ms(), true);
        return AGENT_NO_START;
    }
    while (!is_finished(agent))
        turn(agent);
    return agent->uplink.is_done ? AGENT_DONE : AGENT_REFUSED;
}

enum agent_exit agent_run(const char *directory)
{
    struct agent agent = { .directory = directory, .lock = -1, .signals = -1, .inotify = -1, .uplink.fd = -1 };
    enum agent_exit code = work(&agent);

    release(&agent);
    return code;
}
