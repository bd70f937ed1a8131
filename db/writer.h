/*
 * The thread that writes: takes what has been queued, runs all of it in one transaction, syncs once, and hands it back.
 *
 * A write embeds struct write as its first member. run() is called on the writer's thread inside the transaction, in the
 * order of queueing, each in a savepoint: one that fails is undone alone. When the transaction is on disk (or has failed),
 * the writes come back through writer_completed on the owner's thread, in order, with their status and message.
 */
#ifndef HONE_DB_WRITER_H
#define HONE_DB_WRITER_H

#include "db/db.h"

struct write {
    struct write *next;
    int (*run)(struct db *db, struct write *write);
    void (*done)(struct write *write); /* called by whoever takes it from writer_completed; frees it */
    int status;                        /* 0, or what run or the commit failed with */
    char message[256];
};

struct writer;

/* Takes db. */
struct writer *writer_create(struct db *db);
/* Finish what is queued, stop the thread, close the database. Completed writes that nobody took are dropped after their done(). */
void writer_destroy(struct writer *writer);

void writer_queue(struct writer *writer, struct write *write);
/* Readable when completed writes wait. */
int writer_descriptor(const struct writer *writer);
/* All completed writes as a list, oldest first; NULL: none. */
struct write *writer_completed(struct writer *writer);

#endif
