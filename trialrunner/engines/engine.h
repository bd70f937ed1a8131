/*
 * Where agents run. An engine starts one agent an attempt, and knows it again by its tag after a crash.
 *
 * All calls come from one thread, never from the service's loop. Each is quick (milliseconds) or answers later through poll.
 */
#ifndef HONE_TRIALRUNNER_ENGINES_ENGINE_H
#define HONE_TRIALRUNNER_ENGINES_ENGINE_H

#include "base/text.h"
#include "trialrunner/order.h"

/* Names one attempt, for ever. */
struct attempt_tag {
    int64_t experiment_id, number, attempt;
};

enum engine_event_kind {
    ENGINE_STARTED, /* the agent lives */
    ENGINE_GONE,    /* the agent has ended or vanished; whether it said how is the service's knowledge */
    ENGINE_FAILED,  /* it could not be started; message says why */
};

struct engine_event {
    enum engine_event_kind kind;
    struct attempt_tag tag;
    char message[512];
};

enum engine_capability {
    ENGINE_PRIVATE_PATHS = 1, /* mount namespaces */
    ENGINE_LIMITS_CPU = 2,
    ENGINE_LIMITS_MEMORY = 4,
};

struct engine_options {
    const char *directory; /* root of trial directories, absolute */
    const char *agent;     /* path of hone-agent */
};

struct engine {
    const char *name, *summary;
    int (*open)(const struct engine_options *options, void **state);
    void (*close)(void *state); /* agents live on */
    /* Begin, safe to repeat: an attempt that lives is found, not doubled; one whose agent died is cleaned up and reported by a new
       agent. relative: the trial's directory below the root, "<uid>/<trial>". */
    int (*start)(void *state, const struct attempt_tag *tag, const char *relative, const struct order *order);
    /* Is its agent alive? 1 and it is watched from now on, 0, or negative. */
    int (*adopt)(void *state, const struct attempt_tag *tag, const char *relative);
    /* Ask it to end: TERM, grace, KILL are the agent's work. now: no grace. */
    int (*stop)(void *state, const struct attempt_tag *tag, bool now);
    /* A descriptor that is readable when poll has something; poll fills up to max events and returns how many. */
    int (*descriptor)(void *state);
    size_t (*poll)(void *state, struct engine_event *events, size_t max);
    /* Output of a role, "" the first: up to max bytes from offset (negative: that many from the end). *next is the offset behind. */
    int (*logs)(void *state, const char *relative, int64_t attempt, const char *role, int64_t offset, size_t max,
                struct text *out, int64_t *next);
    unsigned (*capabilities)(void *state, const char **words); /* words: one line for `describe` */
};

/* All engines, ended by NULL; the first is the default. To add one: write its file, add one line in engines.c. */
extern const struct engine *const engines[];
const struct engine *engine_find(const char *name);

#endif
