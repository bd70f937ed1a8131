/*
 * Training a network from nothing: descent with momentum and a cosine from the rate to 0; after every epoch its loss and accuracy on
 * both sets are printed.
 */
#ifndef HONE_NAS_TRIAL_TRAINING_H
#define HONE_NAS_TRIAL_TRAINING_H

#include "nas/trial/trial.h"

struct training_options {
    unsigned epochs, batch;
    double rate, momentum, decay, clip; /* clip INFINITY: none */
    unsigned padding, cutout;           /* 0: no crop and mirror; no cutout */
};

int train(const struct network *network, const struct setup *setup, const struct training_options *options);

#endif
