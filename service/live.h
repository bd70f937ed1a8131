/*
 * Experiments in memory: loaded from the database or made of packed files, owned by the loop's thread.
 */
#ifndef HONE_SERVICE_LIVE_H
#define HONE_SERVICE_LIVE_H

#include "experiment/experiment.h"
#include "experiment/warm_start.h"
#include "suggest/likely_best.h"
#include "trialrunner/images.h"

struct addition;
struct asker;
struct experiment_row;
struct jury;
struct pursuit;
struct queued_fact;
struct search;
struct service;
struct waiter;

struct live {
    int64_t id; /* 0: it is being created */
    char uid_text[UID_TEXT_SIZE];
    struct arena arena;
    struct bundle bundle;
    const struct spec *spec;
    struct images images;
    const char *shown;  /* name of the first file, for warnings */
    const void *source; /* as stored */
    size_t source_length;
    struct experiment *experiment;
    struct warm_start warm; /* trials of elsewhere, for the study */
    struct search *search;  /* NULL until it is conducted, or asked for its likely best */
    struct jury *jury;      /* NULL until it is conducted, and without earlyStopping */
    struct likely_best likely;
    int64_t likely_of;      /* trials that had finished when likely was found; -1: never */
    struct waiter *waiters; /* who asked for the experiment and waits for its likely best */
    struct pursuit *pursuits;
    struct addition *additions; /* trials that wait to be added */
    struct asker *askers;       /* clients that wait for a trial, first come first */
    int64_t lease_ms;           /* steady time before which no lease of a client runs out */
    int64_t wake_us;            /* FACT_TIME is due; 0: never */
    int64_t noted_us;           /* change of the newest condition that watchers were told of */
    bool is_stepping;           /* facts that come now wait in line */
    struct queued_fact *first_fact, **last_fact;
    int64_t last_event; /* number of the newest that was published; 0: unknown */
    bool has_grown;     /* since it was loaded: its source is another one */
    bool is_deleted;
    bool must_store; /* a write failed: store all of it again */
};

/* In memory already, or loaded. ERR_NOT_FOUND: none, or it is being deleted; ERR_LIMIT: it is being created, ask again. */
int live_find(struct service *service, const char *namespace, const char *name, struct live **live);
struct live *live_by_id(const struct service *service, int64_t id); /* NULL: not in memory */
/* By id, loaded if need be. ERR_NOT_FOUND: none, or it was deleted. */
int live_find_id(struct service *service, int64_t id, struct live **live);
/* All that are unfinished, at the start. */
int live_load_unfinished(struct service *service);
/* A new one, of the packed source; not stored yet (id 0). Takes nothing; parse faults cannot happen, it was checked. */
int live_create(struct service *service, const void *source, size_t length, const char *name, struct live **live);
void live_destroy(struct live *live);
/* The rest of it, which its study borrows: when no thread works on that any more, on whatever thread. */
void live_release(void *live);
void live_forget(struct service *service, struct live *live); /* out of the list, and destroyed */
/* --- of these two files only: a live experiment of the packed source, found in it by name; into the list; out of its rows --- */
int live_build(const void *source, size_t length, const char *name, struct live **live);
void live_keep(struct service *service, struct live *live);
int live_load(struct service *service, const struct experiment_row *row, struct arena *arena, struct live **live);

/* "<uid>/<trial>", in the arena. */
const char *live_relative(const struct live *live, const struct trial *trial, struct arena *arena);

void random_bytes(void *bytes, size_t n); /* of the kernel: for uids and keys; n <= 256 */

#endif
