/*
 * Hone for C: take trials of an experiment, report, and tell how they ended. Needs libzmq and msgpack-c alone.
 *
 * The experiment has spec.hone.engine client. A connection and its trials belong to one thread. Calls that return int give 0, or one
 * of the codes below with hone_message saying why. Every call repeats itself when the connection breaks, which loses and doubles nothing.
 *
 *     struct hone *hone;
 *     struct hone_trial *trial;
 *     double x;
 *
 *     if (hone_open(&hone, "tcp://tuner:7340", "me.key") == 0)
 *         while (hone_ask(hone, "default", "study", &trial) == 0) {
 *             hone_real(trial, "x", &x);
 *             hone_tell(trial, "loss", (x - 2) * (x - 2));
 *         }
 *     fprintf(stderr, "%s\n", hone_message(hone));
 *     hone_close(hone);
 */
#ifndef HONE_H
#define HONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hone;
struct hone_trial;

enum hone_code {
    HONE_INVALID = -1,
    HONE_NOT_FOUND = -2,
    HONE_CONFLICT = -3,
    HONE_FAILED = -4, /* the service's disk, or this side's memory or sockets */
    HONE_UNSUPPORTED = -5,
    HONE_UNREACHABLE = -7, /* no answer in 30 s, or no trial to be had in as long */
    HONE_DENIED = -8,      /* a wrong key, a role or a namespace that may not do this */
    HONE_LIMIT = -10,
    HONE_FINISHED = -100, /* the experiment gives no more trials */
};

/* where: tcp://HOST:PORT with the file of hone keygen as key, or the path of a database that `hone serve` has on this machine, with a key
   of NULL. *hone is made in either case, for its message, but when there is no memory (NULL); close it. */
int hone_open(struct hone **hone, const char *where, const char *key);
void hone_close(struct hone *hone); /* and all of its trials, without telling anything; NULL is none */
/* What the last call that failed has to say; one line for people. */
const char *hone_message(const struct hone *hone);

/* The next trial, held for a minute after the last word about it. HONE_FINISHED: there is no more. */
int hone_ask(struct hone *hone, const char *namespace_, const char *experiment, struct hone_trial **trial);

int64_t hone_number(const struct hone_trial *trial); /* counted from 1 */
const char *hone_name(const struct hone_trial *trial);
/* A parameter's value as text; NULL: the trial has none of that name (or it is not active). */
const char *hone_text(const struct hone_trial *trial, const char *parameter);
/* As a number. HONE_NOT_FOUND, HONE_INVALID: it is none. */
int hone_real(const struct hone_trial *trial, const char *parameter, double *value);
int hone_integer(const struct hone_trial *trial, const char *parameter, int64_t *value);

/* What a metric has reached at a step. HONE_CONFLICT: the trial is no longer this program's. */
int hone_report(struct hone_trial *trial, const char *metric, double value, int64_t step);
/* Renews the lease of a trial that has nothing to report for long. */
int hone_beat(struct hone_trial *trial);
/* As of the last report or beat: should it stop? why may be NULL. */
bool hone_should_stop(const struct hone_trial *trial, const char **why);

/* The trial is complete, with this value. In either case it is over, and freed. */
int hone_tell(struct hone_trial *trial, const char *metric, double value);
int hone_tell_metrics(struct hone_trial *trial, size_t n, const char *const metrics[], const double values[]);
/* The trial ended otherwise: "failed", "infeasible", "pruned" or "stopped". message may be NULL. It is over, and freed. */
int hone_tell_end(struct hone_trial *trial, const char *state, const char *message);

#ifdef __cplusplus
}
#endif

#endif
