/*
 * Text that messages can carry, of bytes that may be anything.
 */
#ifndef HONE_TRIALRUNNER_AGENT_UTF8_H
#define HONE_TRIALRUNNER_AGENT_UTF8_H

#include "base/text.h"

/* Append bytes; what is no UTF-8 becomes U+FFFD. */
void utf8_add(struct text *out, const char *bytes, size_t length);

/* Append the last lines of the bytes: at most max_lines and max_bytes, without the newline at the end. */
void utf8_add_tail(struct text *out, const char *bytes, size_t length, size_t max_lines, size_t max_bytes);

#endif
