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
/* Directory part ("." if none), newly allocated. */
char *file_directory(const char *path);
/* Absolute path of path against base (a directory; NULL: the working directory); need not exist. Newly allocated. */
char *file_absolute(const char *base, const char *path);
char *file_join(const char *directory, const char *name); /* newly allocated */

#endif
