/*
 * Allocation that aborts, and arenas: chains of blocks, the newest first.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, GROW_MIN = 8 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[]; /* (size), zeroed where not used */
};

static void *checked(void *block)
{
    if (block == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return block;
}

static size_t product(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        checked(NULL);
    return bytes;
}

void *xmalloc(size_t size)
{
    return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
    size_t bytes = product(n, size);

    return checked(calloc(1, bytes ? bytes : 1));
}

void *xreallocarray(void *block, size_t n, size_t size)
{
    size_t bytes = product(n, size);

    return checked(realloc(block, bytes ? bytes : 1));
}

char *xstrdup(const char *text)
{
    return checked(strdup(text));
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    return checked(text);
}

void *grow(void *items, size_t n_used, size_t *capacity, size_t size)
{
    if (n_used < *capacity)
        return items;
    *capacity = *capacity ? product(*capacity, 2) : GROW_MIN;
    return xreallocarray(items, *capacity, size);
}

static struct arena_block *new_block(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_block))
        checked(NULL);

    struct arena_block *block = xcalloc(1, sizeof *block + size);

    block->size = size;
    return block;
}

/* Blocks double up to BLOCK_MAX; what is larger than a quarter of the next block gets one of its own, behind the head. */
static void *alloc_from_new_block(struct arena *arena, size_t size)
{
    size_t next_size = arena->head ? arena->head->size * 2 : BLOCK_MIN;

    next_size = next_size < BLOCK_MIN ? BLOCK_MIN : next_size > BLOCK_MAX ? BLOCK_MAX : next_size;
    if (size > next_size / 4) {
        struct arena_block *block = new_block(size);

        block->used = size;
        if (arena->head == NULL) {
            arena->head = block;
        } else {
            block->next = arena->head->next;
            arena->head->next = block;
        }
        return block->bytes;
    }

    struct arena_block *block = new_block(next_size);

    block->next = arena->head;
    arena->head = block;
    block->used = size;
    return block->bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *head = arena->head;

    if (size > SIZE_MAX - _Alignof(max_align_t))
        checked(NULL);
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (head == NULL || head->size - head->used < size)
        return alloc_from_new_block(arena, size);

    void *memory = head->bytes + head->used;

    head->used += size;
    return memory;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
    return arena_alloc(arena, product(n, size));
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        checked(NULL);

    char *text = arena_alloc(arena, (size_t)length + 1);

    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void arena_release(struct arena *arena)
{
    for (struct arena_block *block = arena->head, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    arena->head = NULL;
}
