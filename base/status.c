/*
 * The last failure of each thread, and the names of the codes.
 */
#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 1024 };

static _Thread_local char message[MESSAGE_SIZE];

static const char *const names[] = {
    [OK] = "OK",
    [-ERR_INVALID] = "INVALID",
    [-ERR_NOT_FOUND] = "NOT_FOUND",
    [-ERR_CONFLICT] = "CONFLICT",
    [-ERR_IO] = "IO",
    [-ERR_UNSUPPORTED] = "UNSUPPORTED",
    [-ERR_NUMERIC] = "NUMERIC",
    [-ERR_UNREACHABLE] = "UNREACHABLE",
    [-ERR_DENIED] = "DENIED",
    [-ERR_CORRUPT] = "CORRUPT",
    [-ERR_LIMIT] = "LIMIT",
};

enum { N_NAMES = sizeof names / sizeof names[0] };

/* Text from outside must not steer a terminal, nor end in half a character. */
static void keep(char *text)
{
    size_t length = strlen(text);

    if (length == MESSAGE_SIZE - 1) {
        while (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0x80)
            length--;
        if (length > 0 && (unsigned char)text[length - 1] >= 0xC0)
            length--;
        else
            length = MESSAGE_SIZE - 1;
        text[length] = '\0';
    }
    for (char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F)
            *c = '?';
    }
    memcpy(message, text, length + 1);
}

int fail(int code, const char *format, ...)
{
    char line[MESSAGE_SIZE]; /* the arguments may point into message */
    va_list arguments;

    assert(code < 0);
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    keep(line);
    return code;
}

int fail_errno(int errno_value, const char *format, ...)
{
    char line[MESSAGE_SIZE], reason[128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return fail(ERR_IO, "%s: %s", line, strerror_r(errno_value, reason, sizeof reason));
}

const char *fail_message(void)
{
    return message;
}

const char *status_name(int code)
{
    if (code >= 0)
        return names[OK];
    return code > -N_NAMES ? names[-code] : names[-ERR_INVALID];
}

int status_from_name(const char *name)
{
    for (int i = 0; i < N_NAMES; i++) {
        if (name != NULL && strcmp(names[i], name) == 0)
            return -i;
    }
    return ERR_INVALID;
}
