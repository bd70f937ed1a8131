/*
 * hone-nas: the program that trials of architecture search run. Each verb reads flags and prints NAME=VALUE lines.
 */
#ifndef HONE_NAS_TRIAL_TRIAL_H
#define HONE_NAS_TRIAL_TRIAL_H

#include "base/node.h"
#include "base/setting.h"
#include "nas/backend.h"

struct verb {
    const char *name, *summary;
    const struct setting *flags; /* its own, beside the common ones */
    int (*run)(const struct setting_value *common, const struct setting_value *own, struct arena *arena);
};

extern const struct verb verb_darts, verb_enas, verb_train;

enum { FLAG_DATA, FLAG_DATA_DIR, FLAG_IMAGES, FLAG_BACKEND, FLAG_THREADS, FLAG_SEED, N_COMMON_FLAGS };
extern const struct setting common_flags[N_COMMON_FLAGS + 1];

/* --name=value or --name value; what is not given comes from HONE_NAS_NAME, then from the row. One pair of quotes around a
   value is taken off, for Katib's files have them. ERR_INVALID. */
int flags_parse(const struct setting *own, char **arguments, struct arena *arena, struct setting_value **common_values,
                struct setting_value **own_values);

/* Python's way to print lists and maps, ' for ", as Katib hands them over. what: names it in messages. */
int read_words(const char *what, const char *text, struct arena *arena, struct node **root);

/* What the common flags name. */
struct setup {
    struct images *training, *testing;
    const struct backend *backend;
    unsigned threads;
    uint64_t seed;
};

int setup_open(const struct setting_value *common, bool wants_testing, struct setup *setup);
void setup_release(struct setup *setup); /* accepts a zeroed one */

/* NAME=VALUE, flushed. */
void print_metric(const char *name, double value);
/* PREFIX-Loss and PREFIX-Accuracy of n images. */
void print_result(const char *prefix, const struct pass_result *result, size_t n);

#endif
