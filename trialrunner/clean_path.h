/*
 * Paths from outside, made plain: without doubled and trailing slashes and `.`; a path with `..` is refused, not followed.
 */
#ifndef HONE_TRIALRUNNER_CLEAN_PATH_H
#define HONE_TRIALRUNNER_CLEAN_PATH_H

#include "base/memory.h"

/* In the arena; NULL unless it is absolute, without `..` and shorter than PATH_MAX. */
const char *path_absolute(struct arena *arena, const char *path);
/* The same of a path that must not leave what it is relative to; "" is that itself. */
const char *path_relative(struct arena *arena, const char *path);

#endif
