/*
 * Growing text, UTF-8, and the nearest name.
 */
#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NEAREST_LENGTH_LIMIT = 64 };

/* Room for more bytes and the NUL. */
static void reserve(struct text *text, size_t more)
{
    if (more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4)
        abort();

    size_t need = text->length + more + 1;

    if (need <= text->capacity)
        return;

    size_t capacity = text->capacity ? text->capacity : 64;

    while (capacity < need)
        capacity *= 2;
    text->data = xreallocarray(text->data, capacity, 1);
    text->capacity = capacity;
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
    reserve(text, length);
    if (length > 0)
        memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *bytes)
{
    text_add_bytes(text, bytes, strlen(bytes));
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    reserve(text, (size_t)length);
    va_start(arguments, format);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_add_base64(struct text *text, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)b[i] << 16 | (left > 1 ? b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0);

        text_add_char(text, digits[group >> 18]);
        text_add_char(text, digits[group >> 12 & 63]);
        text_add_char(text, left > 1 ? digits[group >> 6 & 63] : '=');
        text_add_char(text, left > 2 ? digits[group & 63] : '=');
    }
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

void text_release(struct text *text)
{
    free(text->data);
    *text = (struct text){ 0 };
}

const char *text_string(const struct text *text)
{
    return text->data != NULL ? text->data : "";
}

bool text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), suffix_length = strlen(suffix);

    return length >= suffix_length && strcmp(text + length - suffix_length, suffix) == 0;
}

/* Bytes of the character that begins here (Unicode, table 3-7); 0: none does. */
static size_t utf8_length(const unsigned char *bytes, size_t left)
{
    unsigned char first = bytes[0], low = 0x80, high = 0xBF;
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;

    if (first == 0 || length == 0 || length > left)
        return 0;
    if (first == 0xE0)
        low = 0xA0;
    if (first == 0xED)
        high = 0x9F;
    if (first == 0xF0)
        low = 0x90;
    if (first == 0xF4)
        high = 0x8F;
    for (size_t i = 1; i < length; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

bool text_is_utf8(const char *bytes, size_t length, size_t *bad)
{
    for (size_t at = 0; at < length;) {
        size_t step = utf8_length((const unsigned char *)bytes + at, length - at);

        if (step == 0) {
            *bad = at;
            return false;
        }
        at += step;
    }
    return true;
}

void text_add_utf8(struct text *text, const char *bytes, size_t length)
{
    size_t n_good;

    for (; !text_is_utf8(bytes, length, &n_good); bytes += n_good + 1, length -= n_good + 1) {
        text_add_bytes(text, bytes, n_good);
        text_add(text, "\xEF\xBF\xBD");
    }
    text_add_bytes(text, bytes, length);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, changes and swaps of neighbours. O(length * length). */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][NEAREST_LENGTH_LIMIT + 1];
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];

    for (unsigned j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);

            row[j] = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && y == tolower((unsigned char)a[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
        }

        unsigned *freed = before;

        before = last;
        last = row;
        row = freed;
    }
    return last[b_length];
}

const char *text_nearest(const char *text, const char *const *names)
{
    size_t length = strlen(text);
    unsigned best = 2 + (unsigned)(length / 4);
    const char *nearest = NULL;

    if (length == 0 || length > NEAREST_LENGTH_LIMIT)
        return NULL;
    for (; *names != NULL; names++) {
        size_t name_length = strlen(*names);

        if (name_length == 0 || name_length > NEAREST_LENGTH_LIMIT)
            continue;

        unsigned found = distance(text, length, *names, name_length);

        if (found < best && found < name_length && (found < length || found == 0)) {
            best = found;
            nearest = *names;
        }
    }
    return nearest;
}
