/*
 * Mending bytes into text.
 */
#include "trialrunner/agent/utf8.h"

#include <string.h>

void utf8_add(struct text *out, const char *bytes, size_t length)
{
    size_t bad;

    while (length > 0 && !text_is_utf8(bytes, length, &bad)) {
        text_add_bytes(out, bytes, bad);
        text_add(out, "\xEF\xBF\xBD");
        bytes += bad + 1;
        length -= bad + 1;
    }
    if (length > 0)
        text_add_bytes(out, bytes, length);
}

/* Where the last max_lines lines begin. */
static size_t find_lines(const char *bytes, size_t length, size_t max_lines)
{
    for (size_t at = length; at > 0; at--)
        if (bytes[at - 1] == '\n' && max_lines-- == 1)
            return at;
    return 0;
}

void utf8_add_tail(struct text *out, const char *bytes, size_t length, size_t max_lines, size_t max_bytes)
{
    struct text mended = { 0 };
    size_t start;

    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
        length--;
    start = find_lines(bytes, length, max_lines);
    utf8_add(&mended, bytes + start, length - start);
    start = mended.length > max_bytes ? mended.length - max_bytes : 0;
    while (start < mended.length && (mended.data[start] & 0xC0) == 0x80) /* not within a character */
        start++;
    text_add_bytes(out, text_string(&mended) + start, mended.length - start);
    text_release(&mended);
}
