/*
 * How failure is said: a negative code, and one line of text kept for the calling thread.
 *
 * The line is set where the fault is found and passed up untouched. On the wire and in `--json` a code travels by name
 * (`status_name`), in the shell as an exit code (cli/exit.h).
 */
#ifndef HONE_BASE_STATUS_H
#define HONE_BASE_STATUS_H

enum status {
    OK = 0,
    ERR_INVALID = -1, /* what came from outside is wrong */
    ERR_NOT_FOUND = -2,
    ERR_CONFLICT = -3,    /* exists already, or another holds it */
    ERR_IO = -4,          /* the system refused: disk, file, process */
    ERR_UNSUPPORTED = -5, /* known, but this build or this host lacks it */
    ERR_NUMERIC = -6,
    ERR_UNREACHABLE = -7, /* no answer in time */
    ERR_DENIED = -8,
    ERR_CORRUPT = -9, /* our own stored data is damaged */
    ERR_LIMIT = -10,  /* a stated limit was passed */
};

/* Returns code, after keeping the message (cut to 1023 bytes) for this thread. code must be negative. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

/* Like fail(ERR_IO, ...), with ": " and the text of errno_value at the end. */
int fail_errno(int errno_value, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

/* The message of the last fail() on this thread; "" before the first. */
const char *fail_message(void);

/* "INVALID", "NOT_FOUND", ...; "OK" for 0 and above. */
const char *status_name(int code);
/* The code of such a name; ERR_INVALID for one that is unknown. */
int status_from_name(const char *name);

#define TRY(call)                 \
    do {                          \
        int try_status_ = (call); \
        if (try_status_ < 0)      \
            return try_status_;   \
    } while (0)

#endif
