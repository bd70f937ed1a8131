/*
 * Text that grows, and small questions about text.
 */
#ifndef HONE_BASE_TEXT_H
#define HONE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A growing byte string, always ended by NUL once something was added. A zeroed struct is empty and ready. */
struct text {
    char *data;    /* NULL while empty */
    size_t length; /* bytes, without the NUL */
    size_t capacity;
};

void text_add(struct text *text, const char *bytes);
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_base64(struct text *text, const void *bytes, size_t length); /* RFC 4648, with padding */
void text_add_utf8(struct text *text, const char *bytes, size_t length);   /* NUL and what is no UTF-8 become U+FFFD */
void text_clear(struct text *text);                                        /* length 0, memory kept */
void text_release(struct text *text);
const char *text_string(const struct text *text); /* "" while empty */

bool text_equal(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/* Is it well-formed UTF-8 without NUL, surrogates or overlong forms? *bad is the offset of the first wrong byte. */
bool text_is_utf8(const char *bytes, size_t length, size_t *bad);

/* The name nearest to text (optimal string alignment distance <= 1 + length / 4, case ignored); NULL: none is near.
   names is ended by NULL. */
const char *text_nearest(const char *text, const char *const *names);

#endif
