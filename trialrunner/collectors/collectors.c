/*
 * All collector kinds: the names of Katib's enumeration.
 */
#include <string.h>

#include "trialrunner/collectors/collector.h"

const struct collector_kind collector_kinds[] = {
    {
        .name = "StdOut",
        .summary = "lines of the container's standard output and error",
        .shell = true,
        .reads_output = true,
        .available = true,
    },
    {
        .name = "File",
        .summary = "lines of a file, as text or JSON",
        .default_path = "/var/log/katib/metrics.log",
        .shell = true,
        .reads_file = true,
        .available = true,
    },
    {
        .name = "TensorFlowEvent",
        .summary = "scalars and tensors of TensorFlow event files in a directory",
        .default_path = "/var/log/katib/tfevent/",
        .shell = true,
        .reads_file = true,
        .is_events = true,
        .available = true,
    },
    {
        .name = "PrometheusMetric",
        .summary = "a metrics page that the container serves over HTTP",
        .shell = true,
        .is_scraped = true,
        .available = true,
    },
    {
        .name = "Custom",
        .summary = "a container of yours reads the metrics and reports them",
        .reads_output = true,
        .is_custom = true,
        .available = true,
    },
    {
        .name = "Push",
        .summary = "the training reports by itself: Katib's report_metrics(), or hone report",
        .default_path = "/var/log/hone/report.jsonl",
        .reads_file = true,
        .is_pushed = true,
        .available = true,
    },
    { .name = "None", .summary = "nothing is collected", .available = true },
    { 0 },
};

bool page_path_is_valid(const char *path)
{
    const char *at = path;

    while (*at > ' ' && *at <= '~')
        at++;
    return *path == '/' && *at == '\0';
}

const struct collector_kind *collector_kind_find(const char *name)
{
    for (const struct collector_kind *kind = collector_kinds; kind->name != NULL; kind++) {
        if (strcmp(kind->name, name) == 0)
            return kind;
    }
    return NULL;
}
