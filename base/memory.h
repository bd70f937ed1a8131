/*
 * Memory: allocation that aborts when there is none left, and arenas for things that die together.
 *
 * Sizes that come from outside are checked against a named limit before they get here.
 */
#ifndef HONE_BASE_MEMORY_H
#define HONE_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size); /* zeroed; aborts on overflow of n * size */
void *xreallocarray(void *block, size_t n, size_t size);
char *xstrdup(const char *text);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Grow the array at *items, of n_used members, so that one more fits; doubles *capacity. Returns the array. */
void *grow(void *items, size_t n_used, size_t *capacity, size_t size);

/* Blocks freed all at once. A zeroed arena is empty and ready. */
struct arena {
    struct arena_block *head;
};

void *arena_alloc(struct arena *arena, size_t size);           /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t n, size_t size); /* zeroed; aborts on overflow */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_release(struct arena *arena);

#endif
