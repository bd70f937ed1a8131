/*
 * Settings of differentiable search: Katib's, and ours besides.
 */
#ifndef HONE_NAS_DARTS_SETTINGS_H
#define HONE_NAS_DARTS_SETTINGS_H

#include "base/setting.h"

/* Katib's, with its defaults and ranges; the trial is given all of them. */
enum {
    DARTS_EPOCHS,
    DARTS_WEIGHT_RATE,
    DARTS_WEIGHT_RATE_MIN,
    DARTS_MOMENTUM,
    DARTS_WEIGHT_DECAY,
    DARTS_CLIP,
    DARTS_ALPHA_RATE,
    DARTS_ALPHA_DECAY,
    DARTS_BATCH,
    DARTS_WORKERS,
    DARTS_CHANNELS,
    DARTS_PRINT_STEP,
    DARTS_NODES,
    DARTS_STEM,
    N_DARTS_SETTINGS,
};
extern const struct setting darts_settings[N_DARTS_SETTINGS + 1];

/* Ours: the trial is given those that the experiment names. */
enum {
    DARTS_VARIANT,
    DARTS_PARTIAL,
    DARTS_ORDER,
    DARTS_WARMUP,
    DARTS_BETA_DECAY,
    DARTS_PADDING,
    DARTS_RANKING,
    N_DARTS_EXTRAS,
};
extern const struct setting darts_extras[N_DARTS_EXTRAS + 1];

#endif
