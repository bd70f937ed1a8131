/*
 * A queue of calls, an eventfd that wakes, and the engine's own descriptor beside it.
 */
#include "service/engine_thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"

enum { EVENTS_AT_ONCE = 64, REMOVE_TRIES = 40, REMOVE_AGAIN_MS = 50 };

struct engine_thread {
    const struct engine *engine;
    void *state;
    struct mailbox *mailbox;
    void (*happened)(struct service *service, struct letter *letter);
    unsigned capabilities;
    const char *words;
    pthread_t thread;
    pthread_mutex_t lock;
    struct engine_call *first, **last;
    bool is_ending;
    int wake;
};

void engine_thread_report(struct engine_thread *thread, const struct attempt_tag *tag, enum engine_event_kind kind,
                          const char *message)
{
    struct engine_news *news = xcalloc(1, sizeof *news);

    news->letter.open = thread->happened;
    news->event.kind = kind;
    news->event.tag = *tag;
    snprintf(news->event.message, sizeof news->event.message, "%s", message);
    mailbox_post(thread->mailbox, &news->letter);
}

static void post_events(struct engine_thread *thread)
{
    struct engine_event events[EVENTS_AT_ONCE];
    size_t n;

    do {
        n = thread->engine->poll(thread->state, events, EVENTS_AT_ONCE);
        for (size_t i = 0; i < n; i++)
            engine_thread_report(thread, &events[i].tag, events[i].kind, events[i].message);
    } while (n == EVENTS_AT_ONCE);
}

static struct engine_call *take_all(struct engine_thread *thread, bool *is_ending)
{
    struct engine_call *calls;

    pthread_mutex_lock(&thread->lock);
    calls = thread->first;
    thread->first = NULL;
    thread->last = &thread->first;
    *is_ending = thread->is_ending;
    pthread_mutex_unlock(&thread->lock);
    return calls;
}

static void *work(void *owner)
{
    struct engine_thread *thread = owner;
    bool is_ending = false;

    while (!is_ending) {
        struct pollfd items[2] = { { thread->wake, POLLIN, 0 },
                                   { thread->engine->descriptor(thread->state), POLLIN, 0 } };
        uint64_t count;

        if (poll(items, 2, -1) < 0 && errno != EINTR)
            abort();
        if (items[0].revents != 0 && read(thread->wake, &count, sizeof count) < 0 && errno != EAGAIN)
            abort();
        for (struct engine_call *call = take_all(thread, &is_ending), *next; call != NULL; call = next) {
            next = call->next;
            call->run(thread->engine, thread->state, thread->mailbox, call);
        }
        post_events(thread);
    }
    return NULL;
}

int engine_thread_create(const struct engine *engine, const struct engine_options *options, struct mailbox *mailbox,
                         void (*happened)(struct service *service, struct letter *letter), struct engine_thread **out)
{
    struct engine_thread *thread = xcalloc(1, sizeof *thread);
    int status = engine->open(options, &thread->state);

    if (status < 0) {
        free(thread);
        return status;
    }
    thread->engine = engine;
    thread->mailbox = mailbox;
    thread->happened = happened;
    thread->capabilities = engine->capabilities(thread->state, &thread->words);
    thread->last = &thread->first;
    pthread_mutex_init(&thread->lock, NULL);
    thread->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (thread->wake < 0 || pthread_create(&thread->thread, NULL, work, thread) != 0)
        abort();
    *out = thread;
    return 0;
}

static void wake(struct engine_thread *thread)
{
    uint64_t one = 1;

    if (write(thread->wake, &one, sizeof one) < 0 && errno != EAGAIN)
        abort();
}

void engine_thread_destroy(struct engine_thread *thread)
{
    if (thread == NULL)
        return;
    pthread_mutex_lock(&thread->lock);
    thread->is_ending = true;
    pthread_mutex_unlock(&thread->lock);
    wake(thread);
    pthread_join(thread->thread, NULL);
    thread->engine->close(thread->state);
    close(thread->wake);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

void engine_thread_call(struct engine_thread *thread, struct engine_call *call)
{
    call->next = NULL;
    pthread_mutex_lock(&thread->lock);
    *thread->last = call;
    thread->last = &call->next;
    pthread_mutex_unlock(&thread->lock);
    wake(thread);
}

unsigned engine_thread_capabilities(const struct engine_thread *thread, const char **words)
{
    *words = thread->words;
    return thread->capabilities;
}

struct start_call {
    struct engine_call call;
    struct engine_thread *thread;
    struct arena arena;
    struct attempt_tag tag;
    struct order order;
    const char *relative;
    const char *const *inherit;
    bool only_adopt;
};

static int inherit(const char *const *paths)
{
    char *directory = file_directory(paths[1]);
    int status = file_make_directories(directory, 0700);

    free(directory);
    if (status == 0)
        status = file_copy_tree(paths[0], paths[1]);
    return status == ERR_NOT_FOUND ? 0 : status;
}

static void run_start(const struct engine *engine, void *state, struct mailbox *mailbox, struct engine_call *call)
{
    struct start_call *start = (struct start_call *)call;
    int status = 0;

    (void)mailbox;
    if (start->only_adopt)
        status = engine->adopt(state, &start->tag, start->relative);
    else if (start->inherit != NULL)
        status = inherit(start->inherit);
    if (status == 0 && !start->only_adopt)
        status = engine->start(state, &start->tag, start->relative, &start->order);
    if (status < 0)
        engine_thread_report(start->thread, &start->tag, ENGINE_FAILED, fail_message());
    arena_release(&start->arena);
    free(start);
}

void engine_thread_start(struct engine_thread *thread, const struct attempt_tag *tag, const char *relative,
                         const struct order *order, struct arena *arena, const char *const *inherit, bool only_adopt)
{
    struct start_call *start = xcalloc(1, sizeof *start);

    start->call.run = run_start;
    start->thread = thread;
    start->arena = *arena;
    *arena = (struct arena){ 0 };
    start->tag = *tag;
    start->order = *order;
    start->relative = arena_strdup(&start->arena, relative);
    start->inherit = inherit;
    start->only_adopt = only_adopt;
    engine_thread_call(thread, &start->call);
}

struct stop_call {
    struct engine_call call;
    struct engine_thread *thread;
    struct attempt_tag tag;
    bool now;
};

static void run_stop(const struct engine *engine, void *state, struct mailbox *mailbox, struct engine_call *call)
{
    struct stop_call *stop = (struct stop_call *)call;

    (void)mailbox;
    if (engine->stop(state, &stop->tag, stop->now) < 0)
        engine_thread_report(stop->thread, &stop->tag, ENGINE_GONE, fail_message());
    free(stop);
}

void engine_thread_stop(struct engine_thread *thread, const struct attempt_tag *tag, bool now)
{
    struct stop_call *stop = xcalloc(1, sizeof *stop);

    stop->call.run = run_stop;
    stop->thread = thread;
    stop->tag = *tag;
    stop->now = now;
    engine_thread_call(thread, &stop->call);
}

struct remove_call {
    struct engine_call call;
    char *path;
};

static void run_remove(const struct engine *engine, void *state, struct mailbox *mailbox, struct engine_call *call)
{
    struct remove_call *removal = (struct remove_call *)call;

    (void)engine;
    (void)state;
    (void)mailbox;
    /* an agent that was told to end may still write into it */
    for (int i = 0; file_remove_tree(removal->path) < 0; i++) {
        if (i == REMOVE_TRIES) {
            log_warning("trial.directory", "%s", fail_message());
            break;
        }
        poll(NULL, 0, REMOVE_AGAIN_MS);
    }
    free(removal->path);
    free(removal);
}

void engine_thread_remove(struct engine_thread *thread, const char *path)
{
    struct remove_call *removal = xcalloc(1, sizeof *removal);

    removal->call.run = run_remove;
    removal->path = xstrdup(path);
    engine_thread_call(thread, &removal->call);
}
