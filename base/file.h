/*
 * Whole files and small chores with directories.
 */
#ifndef HONE_BASE_FILE_H
#define HONE_BASE_FILE_H

#include <stddef.h>

#include "base/text.h"

/* The whole file, at most limit bytes ("-" is standard input). ERR_NOT_FOUND, ERR_LIMIT, ERR_IO (directories too). */
int file_read(const char *path, size_t limit, struct text *out);
/* Write path.tmp, sync it, rename it over path, sync the directory. mode as for open(2). */
int file_write(const char *path, const void *bytes, size_t length, unsigned mode);
/* mkdir -p. */
int file_make_directories(const char *path, unsigned mode);
/* rm -r, never following links; a path that is not there is no error. */
int file_remove_tree(const char *path);
/* cp -r of a directory to a path in an existing directory: written beside, synced and renamed, so that it is there whole or not at
   all. One that is there already is left alone. Links are copied as links, sockets and devices not at all. ERR_NOT_FOUND: there
   is no such directory. */
int file_copy_tree(const char *from, const char *to);
/* Directory part ("." if none), newly allocated. */
char *file_directory(const char *path);
/* Absolute path of path against base (a directory; NULL: the working directory); need not exist. Newly allocated. */
char *file_absolute(const char *base, const char *path);
char *file_join(const char *directory, const char *name); /* newly allocated */

#endif
