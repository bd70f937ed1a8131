/*
 * Running a plan to its end: roles and their containers started, restarted, counted and ended, and their whole tree with them.
 *
 * Turned by the agent's loop: reap after SIGCHLD, tick when something is due. Nothing here blocks.
 */
#ifndef HONE_TRIALRUNNER_AGENT_SUPERVISE_H
#define HONE_TRIALRUNNER_AGENT_SUPERVISE_H

#include "trialrunner/agent/follow.h"
#include "trialrunner/agent/limits.h"
#include "trialrunner/agent/output.h"
#include "trialrunner/agent/scrape.h"
#include "trialrunner/agent/stream.h"
#include "trialrunner/order.h"

enum role_state {
    ROLE_PENDING,
    ROLE_WAITING, /* for its next try */
    ROLE_INIT,    /* its init containers, one after another */
    ROLE_RUNNING,
    ROLE_ENDING, /* one container has failed, the others are ended */
    ROLE_SUCCEEDED,
};

/* One container of a role. */
struct run {
    const struct container *container;
    struct output output;
    struct limit_group group;
    char *gpus; /* of the current try: "0,2"; NULL: none */
    pid_t pid;  /* 0: does not run */
    bool has_succeeded, ran_out_of_memory, is_paused;
    int64_t restart_at_ms; /* 0: no */
};

struct role_run {
    const struct role *role;
    enum role_state state;
    int try;             /* from 0 */
    size_t n_runs, main; /* main: the run whose output is the role's */
    size_t source;       /* the run whose output may be the role's metrics: main, or the collector beside it */
    struct run *runs;    /* (n_runs) init containers, then the others */
    size_t init_next;
    int64_t due_ms;        /* WAITING: start; ENDING: KILL */
    struct stream *stream; /* NULL: no metrics are collected from it */
    struct follow follow;
    struct scrape scrape;
};

enum supervisor_phase {
    PHASE_RUNNING,
    PHASE_ENDING, /* TERM was sent; KILL at kill_at_ms */
    PHASE_KILLING,
    PHASE_OVER, /* nothing of it is alive */
};

/* How it ended. Texts are owned. */
struct ending {
    const char *end;        /* succeeded, failed, deadline, stopped, lost */
    char *message;          /* NULL: nothing to say */
    const char *job_reason; /* what Kubernetes' Job controller would say; NULL: none */
    struct text tail;
    double wall_s, cpu_s, peak_memory;
};

struct supervisor {
    const char *directory;
    const struct order *order;
    int inotify;
    int epoll;                              /* of pages that are asked for; -1: none are */
    const struct collector_kind *collector; /* NULL: no metrics are collected */
    int record;                             /* the file `started` */
    struct limits limits;
    size_t n_gpus;
    char **gpus;     /* (n_gpus) */
    bool *gpu_taken; /* (n_gpus) */
    size_t n_roles;
    struct role_run *roles;
    int n_succeeded;
    int64_t n_failures;
    int64_t first_wait_ms; /* of the back-off */
    enum supervisor_phase phase;
    int64_t started_ms, kill_at_ms, memory_due_ms, n_groups;
    struct ending ending;
};

/* streams: (n_roles) by role, and what fills them; NULL when nothing is collected. */
void supervisor_init(struct supervisor *supervisor, const char *directory, const struct order *order,
                     struct stream *streams, const struct collector_kind *collector, int inotify);
/* Write `started` and start the first roles. */
void supervisor_start(struct supervisor *supervisor, int64_t now_ms);
/* Collect what has ended. */
void supervisor_reap(struct supervisor *supervisor, int64_t now_ms);
/* Do what is due. */
void supervisor_tick(struct supervisor *supervisor, int64_t now_ms);
/* When something will be due; INT64_MAX: nothing. */
int64_t supervisor_due_ms(const struct supervisor *supervisor);
/* Somebody wants it to end: TERM, and KILL after the grace time, or at once. */
void supervisor_stop(struct supervisor *supervisor, int64_t now_ms, bool now);
/* A file of this watch may have grown; -1: any file. */
void supervisor_mark(struct supervisor *supervisor, int watch);
/* Mark the files that nothing tells about. false: there are none. */
bool supervisor_mark_unwatched(struct supervisor *supervisor);
/* Read outputs and metrics files that are dirty. true: more could be read at once. */
bool supervisor_read(struct supervisor *supervisor);
/* Once it is over: read to the end. true: done, all reports are out. */
bool supervisor_drain(struct supervisor *supervisor);
void supervisor_release(struct supervisor *supervisor);

/* For an agent that finds the attempt begun by a dead one: open what was printed, to be drained. */
void supervisor_recover(struct supervisor *supervisor);

#endif
