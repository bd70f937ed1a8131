/*
 * Reading the clock, and times as text.
 */
#include "base/clock.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

int64_t clock_wall_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_steady_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_steady_ms(void)
{
    return clock_steady_us() / 1000;
}

/* Writes the time up to its seconds; returns the microseconds that are left. */
static int format_seconds(int64_t wall_us, char *buffer, size_t size, size_t *length)
{
    int64_t us = wall_us % 1000000;
    time_t seconds = wall_us / 1000000;
    struct tm parts;

    if (us < 0) {
        us += 1000000;
        seconds--;
    }
    gmtime_r(&seconds, &parts); /* cannot fail: 64 bits of microseconds hold 300,000 years */
    *length = (size_t)snprintf(buffer, size, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                               parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return (int)us;
}

const char *clock_format(int64_t wall_us, char buffer[CLOCK_TEXT_SIZE])
{
    size_t length;

    format_seconds(wall_us, buffer, CLOCK_TEXT_SIZE, &length);
    snprintf(buffer + length, CLOCK_TEXT_SIZE - length, "Z");
    return buffer;
}

const char *clock_format_us(int64_t wall_us, char buffer[CLOCK_TEXT_SIZE])
{
    size_t length;
    int us = format_seconds(wall_us, buffer, CLOCK_TEXT_SIZE, &length);

    snprintf(buffer + length, CLOCK_TEXT_SIZE - length, ".%06dZ", us);
    return buffer;
}

/* n digits and the character after them (any, for NUL); moves on past both. */
static bool read_digits(const char **text, int n, const char *ends, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++, ++*text) {
        if (!isdigit((unsigned char)**text))
            return false;
        *value = *value * 10 + (**text - '0');
    }
    if (ends == NULL)
        return true;
    for (; *ends != '\0'; ends++) {
        if (**text == *ends) {
            ++*text;
            return true;
        }
    }
    return false;
}

static bool read_fraction(const char **text, int64_t *us)
{
    int64_t unit = 100000, n_digits = 0;

    *us = 0;
    if (**text != '.')
        return true;
    for (++*text; isdigit((unsigned char)**text); ++*text, n_digits++) {
        *us += (**text - '0') * unit;
        unit /= 10;
    }
    return n_digits > 0 && n_digits <= 9;
}

static bool read_zone(const char **text, int *offset_minutes)
{
    int sign = **text == '-' ? -1 : 1, hours, minutes;

    *offset_minutes = 0;
    if (**text == 'Z' || **text == 'z') {
        ++*text;
        return true;
    }
    if (**text != '+' && **text != '-')
        return false;
    ++*text;
    if (!read_digits(text, 2, ":", &hours) || !read_digits(text, 2, NULL, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool clock_parse(const char *text, int64_t *wall_us)
{
    int year, month, day, hour, minute, second, offset_minutes;
    int64_t us;

    if (!read_digits(&text, 4, "-", &year) || !read_digits(&text, 2, "-", &month) ||
        !read_digits(&text, 2, "Tt ", &day) || !read_digits(&text, 2, ":", &hour) ||
        !read_digits(&text, 2, ":", &minute) || !read_digits(&text, 2, NULL, &second) || !read_fraction(&text, &us) ||
        !read_zone(&text, &offset_minutes) || *text != '\0')
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;

    struct tm parts = {
        .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second
    };
    time_t seconds = timegm(&parts);

    if (parts.tm_mon != month - 1 || parts.tm_mday != day) /* no such day: timegm moved it */
        return false;
    *wall_us = ((int64_t)seconds - offset_minutes * 60) * 1000000 + us;
    return true;
}
