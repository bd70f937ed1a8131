/*
 * The store: one SQLite file in WAL mode, one owner, one writing connection.
 *
 * db_lock decides who owns a database; db_open(DB_OWNER) needs that lock held, migrates and checks the file. Readers may open
 * beside. Functions on tables (experiments.h, trials.h, observations.h, events.h) take either kind of connection to read,
 * the owner's inside a transaction to write (writer.h does both).
 */
#ifndef HONE_DB_DB_H
#define HONE_DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/text.h"

struct db;
struct db_lock;

/* Become the owner of path (created later if missing; its directory is made). ERR_CONFLICT: another process is; *holder (may be
   NULL) is its pid. Held until released or until the process ends. */
int db_lock(const char *path, struct db_lock **lock, int64_t *holder);
void db_unlock(struct db_lock *lock);

enum db_mode { DB_OWNER, DB_READER };

/* ERR_UNSUPPORTED: written by a newer Hone (names both versions); ERR_CORRUPT: quick_check failed or no database (says what to do:
   `hone backup` copies, .recover); ERR_IO: read-only directory, full disk, with SQLite's words. DB_OWNER creates and
   migrates. */
int db_open(const char *path, enum db_mode mode, struct db **db);
void db_close(struct db *db); /* accepts NULL */

/* These two fail with ERR_CORRUPT when the file was removed or replaced: nothing more can be stored in it. */
int db_begin(struct db *db); /* BEGIN IMMEDIATE */
int db_commit(struct db *db);
void db_rollback(struct db *db);
int db_savepoint(struct db *db);
int db_release_savepoint(struct db *db, bool keep);

/* A consistent copy while others write; target must not exist (ERR_CONFLICT), is written beside and renamed. */
int db_backup(struct db *db, const char *target);

/* Number of the newest migration. */
int db_schema_version(void);

#endif
