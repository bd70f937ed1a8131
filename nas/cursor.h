/*
 * Reading a short text from left to right; spaces between tokens do not count.
 */
#ifndef HONE_NAS_CURSOR_H
#define HONE_NAS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

struct cursor {
    const char *what; /* what the text is, for messages */
    const char *text, *at;
};

/* Step over token if it is next. */
bool cursor_take(struct cursor *cursor, const char *token);
/* ERR_INVALID unless token is next: "WHAT, character N: expected TOKEN, got ...". */
int cursor_expect(struct cursor *cursor, const char *token);
/* The same fault about anything. */
int cursor_fault(const struct cursor *cursor, const char *expected);
/* A whole number of at most max. */
int cursor_unsigned(struct cursor *cursor, unsigned max, unsigned *value);
/* Letters, digits and underscores, at least one. */
int cursor_name(struct cursor *cursor, const char **name, size_t *length);
/* Nothing may follow. */
int cursor_end(struct cursor *cursor);

#endif
