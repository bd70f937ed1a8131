/*
 * Events on stderr, each written whole.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE_SIZE = 4096 };

static _Atomic enum log_level threshold = LOG_WARNING;

void log_set_level(enum log_level least)
{
    atomic_store(&threshold, least);
}

/* One event is one line, and nothing in it steers a terminal. */
static void make_printable(char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' ';
    }
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };
    char line[LINE_SIZE], time[CLOCK_TEXT_SIZE];
    va_list arguments;

    if (level < atomic_load(&threshold))
        return;
    clock_format_us(clock_wall_us(), time);

    int length = snprintf(line, sizeof line, "%s %s %s ", time, names[level], event);

    if (length < 0 || length >= LINE_SIZE - 1)
        return;
    va_start(arguments, format);
    int added = vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
    va_end(arguments);
    if (added > 0)
        length = length + added < LINE_SIZE - 1 ? length + added : LINE_SIZE - 1;
    make_printable(line, (size_t)length);
    line[length++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)length) < 0)
        return; /* nowhere left to say it */
}
