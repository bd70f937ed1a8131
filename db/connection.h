/*
 * What the files of this room share: a connection with its prepared statements.
 */
#ifndef HONE_DB_CONNECTION_H
#define HONE_DB_CONNECTION_H

#include <sqlite3.h>

#include "db/db.h"
#include "db/statements.h"

struct db {
    sqlite3 *sqlite;
    char *path;
    sqlite3_stmt *prepared[N_STATEMENTS]; /* NULL until first used */
};

/* Only open the file; nothing is checked, set up or written. It must exist. Until db_open is content, closing leaves the file as
   it is, a write-ahead log too. */
int connection_open(const char *path, enum db_mode mode, struct db **db);

/* fail() with what SQLite says about the last call on this connection. */
int connection_failure(const struct db *db);
/* ERR_CORRUPT with what was found and what to do. */
int connection_damaged(const struct db *db, const char *found);

#endif
