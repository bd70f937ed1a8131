/*
 * The thread on which an engine is called, so that no call of one ever runs on the loop's thread.
 *
 * Calls are done in the order they were given. What the engine has to say arrives as letters.
 */
#ifndef HONE_SERVICE_ENGINE_THREAD_H
#define HONE_SERVICE_ENGINE_THREAD_H

#include "service/mailbox.h"
#include "trialrunner/engines/engine.h"

struct engine_thread;

/* An engine's event; opened on the loop's thread. */
struct engine_news {
    struct letter letter;
    struct engine_event event;
};

/* One call. run() is done on the engine's thread and frees the call or posts it as a letter. */
struct engine_call {
    struct engine_call *next;
    void (*run)(const struct engine *engine, void *state, struct mailbox *mailbox, struct engine_call *call);
};

/* happened: open() of the engine's news. Fails as engine->open does. */
int engine_thread_create(const struct engine *engine, const struct engine_options *options, struct mailbox *mailbox,
                         void (*happened)(struct service *service, struct letter *letter),
                         struct engine_thread **thread);
/* Finishes the calls that were given, then closes the engine; agents live on. */
void engine_thread_destroy(struct engine_thread *thread);

void engine_thread_call(struct engine_thread *thread, struct engine_call *call);
/* Post news of a failure, from within a call. */
void engine_thread_report(struct engine_thread *thread, const struct attempt_tag *tag, enum engine_event_kind kind,
                          const char *message);
/* What it enforces, asked once at the start; words is one line for people. */
unsigned engine_thread_capabilities(const struct engine_thread *thread, const char **words);

/* Begin an attempt, or with only_adopt find a living one. arena holds everything that order points to and is taken. inherit (NULL:
   nothing): two paths in the arena, a directory that is copied before and where to (file_copy_tree); its absence is no fault. */
void engine_thread_start(struct engine_thread *thread, const struct attempt_tag *tag, const char *relative,
                         const struct order *order, struct arena *arena, const char *const *inherit, bool only_adopt);
void engine_thread_stop(struct engine_thread *thread, const struct attempt_tag *tag, bool now);
/* Remove a directory tree below the engine's root. */
void engine_thread_remove(struct engine_thread *thread, const char *path);

#endif
