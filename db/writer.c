/*
 * Group commit on a thread of its own.
 */
#include "db/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/status.h"
#include "db/connection.h"

struct list {
    struct write *head, **end; /* end: where the next one is linked */
};

struct writer {
    struct db *db;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t wake;   /* something was queued, or is_ending */
    struct list queued, completed;
    bool is_ending;
    int descriptor; /* eventfd: above zero while completed is not empty */
};

static void list_clear(struct list *list)
{
    list->head = NULL;
    list->end = &list->head;
}

/* Move all of `from` behind what is in `to`. */
static void list_join(struct list *to, struct list *from)
{
    if (from->head == NULL)
        return;
    *to->end = from->head;
    to->end = from->end;
    list_clear(from);
}

static void set_result(struct write *write, int status)
{
    write->status = status < 0 ? status : 0;
    snprintf(write->message, sizeof write->message, "%s", status < 0 ? fail_message() : "");
}

/* Run one write, alone in its savepoint. Negative: the whole transaction is lost. */
static int run_one(struct db *db, struct write *write)
{
    TRY(db_savepoint(db));
    set_result(write, write->run(db, write));
    if (!sqlite3_get_autocommit(db->sqlite))
        return db_release_savepoint(db, write->status == 0);
    return write->status < 0 ? fail(write->status, "%s", write->message)
                             : fail(ERR_IO, "a write ended its transaction");
}

static int run_all(struct db *db, struct write *first)
{
    int status = db_begin(db);

    for (struct write *write = first; write != NULL && status == 0; write = write->next)
        status = run_one(db, write);
    if (status == 0)
        return db_commit(db);
    db_rollback(db);
    return status;
}

/* What failed by itself keeps its own words. */
static void fail_all(struct write *first, int status)
{
    for (struct write *write = first; write != NULL; write = write->next) {
        if (write->status == 0)
            set_result(write, status);
    }
}

static void announce(struct writer *writer)
{
    const uint64_t one = 1;

    while (write(writer->descriptor, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static void *write_loop(void *argument)
{
    struct writer *writer = argument;
    struct list batch;

    list_clear(&batch);
    pthread_mutex_lock(&writer->mutex);
    for (;;) {
        while (writer->queued.head == NULL && !writer->is_ending)
            pthread_cond_wait(&writer->wake, &writer->mutex);
        if (writer->queued.head == NULL)
            break;
        list_join(&batch, &writer->queued);
        pthread_mutex_unlock(&writer->mutex);
        int status = run_all(writer->db, batch.head);
        if (status < 0)
            fail_all(batch.head, status);
        pthread_mutex_lock(&writer->mutex);
        list_join(&writer->completed, &batch);
        announce(writer);
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

struct writer *writer_create(struct db *db)
{
    struct writer *writer = xcalloc(1, sizeof *writer);

    writer->db = db;
    list_clear(&writer->queued);
    list_clear(&writer->completed);
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->wake, NULL);
    writer->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (writer->descriptor < 0 || pthread_create(&writer->thread, NULL, write_loop, writer) != 0)
        abort(); /* out of descriptors or threads at the start: as out of memory */
    return writer;
}

void writer_destroy(struct writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->mutex);
    writer->is_ending = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    for (struct write *write = writer_completed(writer), *next; write != NULL; write = next) {
        next = write->next;
        write->done(write);
    }
    close(writer->descriptor);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->mutex);
    db_close(writer->db);
    free(writer);
}

void writer_queue(struct writer *writer, struct write *write)
{
    write->next = NULL;
    write->status = 0;
    write->message[0] = '\0';
    pthread_mutex_lock(&writer->mutex);
    *writer->queued.end = write;
    writer->queued.end = &write->next;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
}

int writer_descriptor(const struct writer *writer)
{
    return writer->descriptor;
}

struct write *writer_completed(struct writer *writer)
{
    uint64_t n;

    pthread_mutex_lock(&writer->mutex);
    while (read(writer->descriptor, &n, sizeof n) < 0 && errno == EINTR)
        continue;
    struct write *first = writer->completed.head;
    list_clear(&writer->completed);
    pthread_mutex_unlock(&writer->mutex);
    return first;
}
