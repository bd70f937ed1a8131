/*
 * One line an event on stderr: `2026-01-02T03:04:05.678Z info trial.end trial=mnist-x7: it has ended`, or as JSON
 * {"time": ..., "level": "info", "event": "trial.end", "trial": "mnist-x7", "message": "it has ended"}. Where systemd's journal reads
 * stderr, lines of text begin with <N>, the level as sd-daemon(3) has it, in place of the time and the level.
 *
 * Only service/, trialrunner/ and cli/ log. Values with spaces or quotes are the caller's to quote with %s around.
 */
#ifndef HONE_BASE_LOG_H
#define HONE_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_set_level(enum log_level least); /* LOG_WARNING at start */

enum log_format { LOG_TEXT, LOG_JSON };
void log_set_format(enum log_format format); /* LOG_TEXT at start */

void log_line(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)

#endif
