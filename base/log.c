/*
 * Events on stderr, each written whole.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

/* A line is written whole where it is no longer than PIPE_BUF; in JSON a byte may become several. */
enum { LINE_SIZE = 4096, MESSAGE_SIZE = LINE_SIZE - 96, JSON_MESSAGE_SIZE = LINE_SIZE / 4 };

static _Atomic enum log_level threshold = LOG_WARNING;

static _Atomic enum log_format form = LOG_TEXT;

static const struct {
    const char *name;
    int priority; /* of syslog */
} levels[] = {
    [LOG_DEBUG] = { "debug", 7 },
    [LOG_INFO] = { "info", 6 },
    [LOG_WARNING] = { "warning", 4 },
    [LOG_ERROR] = { "error", 3 },
};

void log_set_format(enum log_format format)
{
    atomic_store(&form, format);
}

void log_set_level(enum log_level least)
{
    atomic_store(&threshold, least);
}

/* One event is one line, and nothing in it steers a terminal. */
static void make_printable(char *line)
{
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < 0x20 || *line == 0x7F)
            *line = ' ';
}

/* Is stderr the journal's (systemd.exec(5), JOURNAL_STREAM)? */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char own[64];
    struct stat found;

    if (stream == NULL || fstat(STDERR_FILENO, &found) < 0)
        return false;
    snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)found.st_dev, (unsigned long long)found.st_ino);
    return strcmp(stream, own) == 0;
}

static void write_text(enum log_level level, const char *event, const char *message, struct text *out)
{
    char time[CLOCK_TEXT_SIZE];

    if (is_journal())
        text_printf(out, "<%d>", levels[level].priority);
    else
        text_printf(out, "%s %s ", clock_format_us(clock_wall_us(), time), levels[level].name);
    text_printf(out, "%s %s", event, message);
}

/* What `key=value` words the message begins with, up to the one that ends in a colon; the rest of it. */
static const char *take_words(const char *message, struct node *node, struct arena *arena)
{
    while (*message != '\0') {
        size_t name = strspn(message, "abcdefghijklmnopqrstuvwxyz_"), length = strcspn(message, " ");
        bool is_last = length > 0 && message[length - 1] == ':';
        const char *value = message + name + 1;

        if (name == 0 || message[name] != '=')
            break;
        node_set(arena, node, arena_strndup(arena, message, name),
                 node_text(arena, arena_strndup(arena, value, length - name - 1 - is_last)));
        message += length + strspn(message + length, " ");
        if (is_last)
            break;
    }
    return message;
}

static void write_json(enum log_level level, const char *event, const char *message, struct text *out)
{
    struct arena arena = { 0 };
    struct node *node = node_map(&arena);
    struct text clean = { 0 };
    char time[CLOCK_TEXT_SIZE];

    text_add_utf8(&clean, message, strlen(message));
    node_set(&arena, node, "time", node_text(&arena, clock_format_us(clock_wall_us(), time)));
    node_set(&arena, node, "level", node_text(&arena, levels[level].name));
    node_set(&arena, node, "event", node_text(&arena, event));
    message = take_words(text_string(&clean), node, &arena);
    if (*message != '\0')
        node_set(&arena, node, "message", node_text(&arena, message));
    json_write(node, JSON_COMPACT, out);
    text_release(&clean);
    arena_release(&arena);
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    struct text line = { 0 };
    va_list arguments;
    bool is_json = atomic_load(&form) == LOG_JSON;

    if (level < atomic_load(&threshold))
        return;
    va_start(arguments, format);
    vsnprintf(message, is_json ? JSON_MESSAGE_SIZE : sizeof message, format, arguments);
    va_end(arguments);
    make_printable(message);
    if (is_json)
        write_json(level, event, message, &line);
    else
        write_text(level, event, message, &line);
    text_add_char(&line, '\n');
    if (write(STDERR_FILENO, line.data, line.length) < 0)
        line.length = 0; /* nowhere left to say it */
    text_release(&line);
}
