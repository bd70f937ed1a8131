/*
 * An order in which every field is set, for the tests and the fuzz target.
 */
#ifndef HONE_TESTS_TRIALRUNNER_ORDER_SAMPLE_H
#define HONE_TESTS_TRIALRUNNER_ORDER_SAMPLE_H

#include "trialrunner/order.h"

static inline struct order order_sample(void)
{
    static const struct mount_file files[] = { { "a/config.yaml", "x\0y", 3, 0400 } };
    static const struct mount mounts[] = {
        { .kind = MOUNT_PRIVATE, .target = "/katib", .source = "hone.metrics" },
        { .kind = MOUNT_HOST, .target = "/data", .source = "/srv/data", .read_only = true, .create = true },
        { .kind = MOUNT_FILES, .target = "/etc/app", .n_files = 1, .files = files },
        { .kind = MOUNT_TRIAL, .target = "/checkpoints", .source = "checkpoints" },
    };
    static const char *const argv[] = { "sh", "-c", "python3 train.py" };
    static const char *const env[] = { "A=1", "B=", "A=2" };
    static const struct container containers[] = {
        {
            .name = "main",
            .image = "app:1",
            .n_argv = 3,
            .argv = argv,
            .n_env = 3,
            .env = env,
            .working_directory = "/home/user",
            .requests = { 0.5, 1e9, 0 },
            .limits = { 2, 2e9, 1 },
            .n_mounts = 4,
            .mounts = mounts,
            .collect = true,
        },
        { .name = "side",
          .image = "",
          .n_argv = 1,
          .argv = argv,
          .working_directory = "/",
          .sidecar = true,
          .is_collector = true },
    };
    static const struct role roles[] = {
        { .name = "main-0",
          .decides = true,
          .restart = RESTART_ON_FAILURE,
          .n_containers = 2,
          .containers = containers },
        { .name = "main-1",
          .index = 1,
          .metrics_port = 23001,
          .decides = true,
          .n_init = 1,
          .init = containers + 1,
          .n_containers = 1,
          .containers = containers },
    };
    static const char *const metrics[] = { "loss", "valid_1 auc" };
    static const char *const filters[] = { "(\\w+)=(\\d+)" };

    return (struct order){
        .address = "ipc:///run/hone/agents",
        .key = "00112233445566778899aabbccddeeff",
        .experiment = "exp",
        .namespace = "team",
        .trial = "exp-abc",
        .experiment_id = 7,
        .number = 12,
        .attempt = 2,
        .plan = {
            .n_roles = 2,
            .roles = roles,
            .parallelism = 1,
            .completions = 2,
            .is_gang = true,
            .backoff_limit = 3,
            .backoff_is_given = true,
            .deadline_s = 60,
            .grace_s = 0,
            .total = { 2, 2e9, 1 },
        },
        .gpus = "0,2",
        .metrics = { 2, metrics, 1, filters },
        .collector = "File",
        .format = "JSON",
        .metrics_path = "/katib/metrics.log",
        .http_path = "/metrics",
        .http_port = 8080,
        .log_limit = 1 << 20,
    };
}

#endif
