/*
 * Reading a role's output, whose middle may have been freed.
 */
#ifndef HONE_TRIALRUNNER_ENGINES_LOG_FILE_H
#define HONE_TRIALRUNNER_ENGINES_LOG_FILE_H

#include <stdint.h>

#include "base/text.h"

/* As engine->logs: up to max bytes from offset (negative: that many from the end), a line in place of what was freed. ERR_NOT_FOUND. */
int log_file_read(const char *path, int64_t offset, size_t max, struct text *out, int64_t *next);

#endif
