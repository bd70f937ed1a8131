/*
 * Small files by which the kernel is asked and told.
 */
#ifndef HONE_TRIALRUNNER_AGENT_KERNEL_FILES_H
#define HONE_TRIALRUNNER_AGENT_KERNEL_FILES_H

#include "base/text.h"

bool kernel_put(const char *directory, const char *name, const char *value);
bool kernel_put_number(const char *directory, const char *name, double value);
/* The whole file; out is cleared first. */
bool kernel_get(const char *directory, const char *name, struct text *out);
/* The number behind a key at the beginning of a line, or of the whole file when key is "". 0: none. */
double kernel_get_number(const char *directory, const char *name, const char *key);

#endif
