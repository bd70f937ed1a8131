/*
 * A spec made by hand: one double, one int, an objective and one more metric. Fields are changed before use.
 */
#ifndef HONE_TESTS_EXPERIMENT_FIXTURE_H
#define HONE_TESTS_EXPERIMENT_FIXTURE_H

#include "base/status.h"
#include "experiment/experiment.h"
#include "tests/test.h"

struct fixture {
    struct parameter parameters[2];
    struct metric metrics[2];
    struct suggest_method method;
    struct spec spec;
};

static const uint8_t fixture_uid[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4d, 0xef, 0x81, 0x23, 1, 2, 3, 4, 5, 6 };

static inline void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){
        .parameters = {
            { .name = "lr", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
            { .name = "layers", .type = PARAMETER_INT, .min = 1, .max = 9, .step = 1 },
        },
        .metrics = { { "loss", STRATEGY_MIN }, { "accuracy", STRATEGY_LATEST } },
        .method = { .name = "random" },
        .spec = {
            .name = "mnist",
            .namespace = "default",
            .parallel_trial_count = 3,
            .max_trial_count = 10,
            .max_failed_trial_count = -1,
            .hone = { .engine = "local", .keep = KEEP_ALL },
        },
    };
    fixture->spec.space = (struct space){ 2, fixture->parameters };
    fixture->spec.objective = (struct objective){ .n_metrics = 2, .metrics = fixture->metrics };
    fixture->spec.method = &fixture->method;
}

#endif
