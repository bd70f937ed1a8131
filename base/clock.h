/*
 * The only place that reads the clock. Libraries take the time as an argument.
 */
#ifndef HONE_BASE_CLOCK_H
#define HONE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall_us(void);   /* microseconds since 1970, UTC */
int64_t clock_steady_us(void); /* microseconds, never set back; for durations */
int64_t clock_steady_ms(void); /* the same in milliseconds, for timeouts */

enum { CLOCK_TEXT_SIZE = 40 };
/* 2026-01-02T03:04:05Z, or with microseconds 2026-01-02T03:04:05.678901Z. Returns buffer. */
const char *clock_format(int64_t wall_us, char buffer[CLOCK_TEXT_SIZE]);
const char *clock_format_us(int64_t wall_us, char buffer[CLOCK_TEXT_SIZE]);
/* RFC 3339 with optional fraction (up to nanoseconds) and zone. */
bool clock_parse(const char *text, int64_t *wall_us);

#endif
