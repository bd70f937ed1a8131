/*
 * Reading a short text from left to right.
 */
#include "nas/cursor.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

static void skip_spaces(struct cursor *cursor)
{
    cursor->at += strspn(cursor->at, " \t\r\n");
}

bool cursor_take(struct cursor *cursor, const char *token)
{
    skip_spaces(cursor);
    if (strncmp(cursor->at, token, strlen(token)) != 0)
        return false;
    cursor->at += strlen(token);
    return true;
}

int cursor_fault(const struct cursor *cursor, const char *expected)
{
    size_t position = (size_t)(cursor->at - cursor->text) + 1;

    if (*cursor->at == '\0')
        return fail(ERR_INVALID, "%s, character %zu: expected %s, got its end", cursor->what, position, expected);
    return fail(ERR_INVALID, "%s, character %zu: expected %s, got \"%.20s\"", cursor->what, position, expected,
                cursor->at);
}

int cursor_expect(struct cursor *cursor, const char *token)
{
    return cursor_take(cursor, token) ? 0 : cursor_fault(cursor, token);
}

int cursor_unsigned(struct cursor *cursor, unsigned max, unsigned *value)
{
    unsigned long number = 0;
    const char *end;
    char expected[48];

    skip_spaces(cursor);
    for (end = cursor->at; isdigit((unsigned char)*end) && number <= max; end++)
        number = 10 * number + (unsigned long)(*end - '0');
    if (end == cursor->at || number > max) {
        snprintf(expected, sizeof expected, "a whole number up to %u", max);
        return cursor_fault(cursor, expected);
    }
    cursor->at = end;
    *value = (unsigned)number;
    return 0;
}

int cursor_name(struct cursor *cursor, const char **name, size_t *length)
{
    skip_spaces(cursor);
    *name = cursor->at;
    while (isalnum((unsigned char)*cursor->at) || *cursor->at == '_')
        cursor->at++;
    *length = (size_t)(cursor->at - *name);
    return *length > 0 ? 0 : cursor_fault(cursor, "a name");
}

int cursor_end(struct cursor *cursor)
{
    skip_spaces(cursor);
    return *cursor->at == '\0' ? 0 : cursor_fault(cursor, "nothing more");
}
