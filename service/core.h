/*
 * What the files of this room share: the service, the experiments alive in it, and the attempts it pursues.
 *
 * Everything here belongs to the loop's thread.
 */
#ifndef HONE_SERVICE_CORE_H
#define HONE_SERVICE_CORE_H

#include <pthread.h>

#include "db/events.h"
#include "db/experiments.h"
#include "db/observations.h"
#include "db/trials.h"
#include "db/writer.h"
#include "experiment/experiment.h"
#include "experiment/lifecycle.h"
#include "experiment/warm_start.h"
#include "service/engine_thread.h"
#include "service/mailbox.h"
#include "service/search.h"
#include "service/service.h"
#include "trialrunner/capacity.h"
#include "trialrunner/images.h"

enum { KEY_SIZE = 33, CALLER_SIZE = 255 };

/* One attempt that is under way: from the wish to start it until its end is known. */
struct pursuit {
    struct pursuit *next;
    int64_t number, attempt;
    enum pursuit_phase {
        PURSUIT_WAITING, /* for cores, memory or GPUs */
        PURSUIT_STORING, /* its row is on the way to the disk */
        PURSUIT_HANDED,  /* the engine has it */
    } phase;
    bool stop_wanted; /* before the engine had it */
    bool has_resources;
    int n_restarts; /* of its agent */
    char key[KEY_SIZE];
    char gpus[256];
    struct resources resources;
    size_t n_roles;
    int64_t *progress;  /* (n_roles) highest sequence that has been stored */
    struct arena arena; /* of order, until the engine takes both */
    struct order order;
};

struct waiter;

/* One experiment in memory. */
struct live {
    int64_t id;
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
    struct likely_best likely;
    int64_t likely_of;      /* trials that had finished when likely was found; -1: never */
    struct waiter *waiters; /* who asked for the experiment and waits for its likely best */
    struct pursuit *pursuits;
    int64_t wake_us;  /* FACT_TIME is due; 0: never */
    int64_t noted_us; /* change of the newest condition that watchers were told of */
    bool is_stepping; /* facts that come now wait in line */
    struct queued_fact *first_fact, **last_fact;
    bool is_deleted;
    bool must_store; /* a write failed: store all of it again */
};

/* Who asked, to answer later. */
struct caller {
    uint8_t identity[CALLER_SIZE];
    size_t length;
    int64_t id;
};

struct waiter {
    struct waiter *next;
    struct caller caller;
};

struct parked; /* a question about events that waits for one */

struct service {
    char *database, *endpoint, *directory, *volumes, *agent;
    bool conduct, is_leaving, has_left;
    void *context, *router;
    int stop_descriptor;
    struct mailbox *mailbox;
    struct writer *writer;
    struct db *reader;
    struct engine_thread *engine;
    struct search_pool *pool;
    struct capacity capacity;
    size_t n_lives, lives_capacity;
    struct live **lives;
    struct parked *parked;
    bool has_new_events;
    int64_t retry_ms; /* steady time at which what failed for lack of room is tried again; 0: nothing did */
    pthread_t thread;
    bool has_thread;
};

/* --- live.c: experiments between memory and the database --- */

/* In memory already, or loaded. ERR_NOT_FOUND: none, or it is being deleted; ERR_LIMIT: it is being created, ask again. */
int live_find(struct service *service, const char *namespace, const char *name, struct live **live);
struct live *live_by_id(const struct service *service, int64_t id); /* NULL: not in memory */
/* All that are unfinished, at the start. */
int live_load_unfinished(struct service *service);
/* A new one, of the packed source; not stored yet (id 0). Takes nothing; parse faults cannot happen, it was checked. */
int live_create(struct service *service, const void *source, size_t length, const char *name, struct live **live);
void live_destroy(struct live *live);
void live_forget(struct service *service, struct live *live); /* out of the list, and destroyed */
/* "<uid>/<trial>", in the arena. */
const char *live_relative(const struct live *live, const struct trial *trial, struct arena *arena);
struct pursuit *live_pursuit(const struct live *live, int64_t number); /* NULL: none */

void pursuit_destroy(struct pursuit *pursuit);
void live_drop_pursuit(struct live *live, int64_t number); /* out of the list, and destroyed; none is no error */
void random_bytes(void *bytes, size_t n);                  /* of the kernel: for uids and keys; n <= 256 */

/* --- warm.c --- */

/* Remap the trials that spec.hone.warmStart names into live->warm; what became of them, one source a line. ERR_NOT_FOUND and
   ERR_INVALID name the source. */
int warm_gather(struct service *service, struct live *live, struct text *lines);

/* --- source.c: the files of an experiment, packed for the database --- */

struct source {
    size_t n_files;
    struct source_file *files;
    struct source_file images;
    bool has_images;
    const char *namespace;
};
int source_unpack(const struct node *node, struct arena *arena, struct source *source);
void source_pack(const struct source *source, struct text *out);
int source_parse(const struct source *source, bool strict, struct bundle *bundle, struct images *images,
                 struct arena *arena, struct faults *faults);

/* --- store.c: what changes goes to the writer --- */

/* Called on the loop's thread when the write is on disk (status 0) or has failed. */
/* service is NULL when the service has ended: only free the owner. */
typedef void stored_function(struct service *service, void *owner, int status, const char *message);

void store_experiment(struct service *service, struct live *live);
void store_trial(struct service *service, struct live *live, const struct trial *trial);
void store_event(struct service *service, const struct live *live, int64_t trial, int kind, const char *detail);
/* Call stored(owner) when all that was queued for the experiment before is on disk, or ERR_IO when it is not. */
void store_barrier(struct service *service, const struct live *live, stored_function *stored, void *owner);
/* Wait until all that is queued, and what follows from it, is on disk or has failed. */
void store_flush(struct service *service);
void store_completed(struct service *service);  /* when the writer's descriptor is readable */
void store_retry_soon(struct service *service); /* store_again is due in a second */
void store_again(struct service *service);      /* after a failed write: everything that is marked */
/* The trial and its running attempt with its key. */
void store_attempt(struct service *service, struct live *live, const struct trial *trial,
                   const struct pursuit *pursuit);

/* --- past.c: what an experiment has seen --- */

/* Trials of elsewhere (numbers below 0), finished trials in their order, then what runs, into an empty history over a space like the
   experiment's. */
void past_fill(const struct live *live, struct history *history);
enum outcome past_outcome(const struct trial *trial);
/* The seed of the file, or one that stays with the experiment: its uid's. */
uint64_t past_seed(const struct live *live);

/* --- conductor.c --- */

/* Tell the experiment's lifecycle, and do what follows. Texts are copied if they must wait. */
void conductor_fact(struct service *service, struct live *live, const struct fact *fact);
/* Find again what ran when the last service ended. */
void conductor_adopt(struct service *service, struct live *live);
/* Begin to conduct: replay its history into a study, FACT_CLAIMED. ERR_UNSUPPORTED names what this build lacks. */
int conductor_claim(struct service *service, struct live *live);
/* Can a trial of it be planned and can it fit? Warnings of the plan, one a line. ERR_INVALID, ERR_LIMIT. */
int conductor_try_plan(struct service *service, struct live *live, struct text *warnings);
void conductor_answered(struct service *service, struct letter *letter);   /* search_answer */
void conductor_considered(struct service *service, struct letter *letter); /* search_opinion */
/* Find the likely best of a noisy experiment; experiment_considered follows. */
void conductor_find_likely(struct service *service, struct live *live);
void conductor_happened(struct service *service, struct letter *letter); /* engine_news */
/* The agent has said how its attempt ended. */
void conductor_ended(struct service *service, struct live *live, const struct fact *ended);
void conductor_tick(struct service *service, int64_t now_us);
int64_t conductor_next_us(const struct service *service); /* 0: no timer */

/* --- dispatch.c, *_handlers.c --- */

/* The likely best is known: answer those who waited for it. */
void experiment_considered(struct service *service, struct live *live);

struct call {
    struct caller caller;
    const struct node *body;
    struct arena *arena;
};

/* Decode, find the handler, run it; always replies, now or later. */
/* Do the same call again in the next round: what it needs is on its way to the disk. */
void call_again(struct service *service, const struct call *call, const char *op);
void dispatch(struct service *service, const struct caller *from, const void *bytes, size_t length);
void reply(struct service *service, const struct caller *caller, const struct node *body);
void reply_error(struct service *service, const struct caller *caller, int status, const char *message);

struct handler {
    const char *op;
    /* 0: replied, or will be; negative: the loop replies with fail_message(). */
    int (*handle)(struct service *service, struct call *call);
};
extern const struct handler experiment_handlers[], insight_handlers[], trial_handlers[], agent_handlers[],
    service_handlers[]; /* ended by zeros */

/* Parked questions whose time or event has come. */
void events_serve(struct service *service, int64_t now_ms);
int64_t events_next_ms(const struct service *service); /* 0: none waits */
void events_release(struct service *service);

/* The experiment that body's namespace and name mean; or of a trial's full name. */
int call_experiment(struct service *service, struct call *call, struct live **live);
int call_trial(struct service *service, struct call *call, struct live **live, struct trial **trial);
/* A text of the body; NULL fallback makes it required. */
int call_text(const struct call *call, const char *key, const char *fallback, const char **value);
int64_t call_integer(const struct call *call, const char *key, int64_t fallback);

#endif
