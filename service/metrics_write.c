/*
 * The page of metrics.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/census.h"
#include "experiment/merit.h"
#include "service/core.h"
#include "service/counted.h"
#include "service/metrics.h"
#include "service/pursuit.h"
#include "service/workers.h"

enum { BEST_LIMIT = 1000 };

/* Katib's: pkg/controller.v1beta1/{experiment,trial}/util/prometheus_metrics.go; the last three are ours. */
static const struct {
    const char *name, *help;
} namespace_families[N_NAMESPACE_COUNTS] = {
    [COUNT_EXPERIMENT_CREATED] = { "katib_experiment_created_total", "The total number of created experiments" },
    [COUNT_EXPERIMENT_SUCCEEDED] = { "katib_experiment_succeeded_total", "The total number of succeeded experiments" },
    [COUNT_EXPERIMENT_FAILED] = { "katib_experiment_failed_total", "The total number of failed experiments" },
    [COUNT_EXPERIMENT_DELETED] = { "katib_experiment_deleted_total", "The total number of deleted experiments" },
    [COUNT_TRIAL_CREATED] = { "katib_trial_created_total", "The total number of created trials" },
    [COUNT_TRIAL_SUCCEEDED] = { "katib_trial_succeeded_total", "The total number of succeeded trials" },
    [COUNT_TRIAL_FAILED] = { "katib_trial_failed_total", "The total number of failed trials" },
    [COUNT_TRIAL_DELETED] = { "katib_trial_deleted_total", "The total number of deleted trials" },
    [COUNT_TRIAL_METRICS_UNAVAILABLE] = { "katib_trial_metrics_unavailable_total",
                                          "The total number of metrics unavailable trials" },
    [COUNT_TRIAL_EARLY_STOPPED] = { "hone_trial_early_stopped_total", "Trials that a rule has stopped" },
    [COUNT_TRIAL_KILLED] = { "hone_trial_killed_total",
                             "Trials that were stopped by a person or with their experiment" },
    [COUNT_TRIAL_RETRIED] = { "hone_trial_retried_total", "Attempts that ended and were followed by another" },
};

static void write_namespaces(const struct metrics *metrics, struct text *out)
{
    for (size_t k = 0; k < N_NAMESPACE_COUNTS; k++) {
        exposition_family(out, namespace_families[k].name, "counter", namespace_families[k].help);
        for (size_t i = 0; i < metrics->n_namespaces; i++) {
            const char *const labels[] = { "namespace", metrics->namespaces[i].name, NULL };

            exposition_sample(out, namespace_families[k].name, labels, (double)metrics->namespaces[i].n[k]);
        }
    }
    exposition_family(out, "hone_trial_duration_seconds", "histogram", "From the start of a trial to its end");
    exposition_histogram(out, "hone_trial_duration_seconds", NULL, NULL, &metrics->trial_seconds, histogram_runs);
}

static void write_questions(const struct metrics *metrics, struct text *out)
{
    exposition_family(out, "hone_requests_total", "counter", "Questions that were answered, by outcome");
    for (size_t i = 0; i < metrics->n_ops; i++) {
        for (int code = 0; code < N_CODES; code++) {
            const char *const labels[] = { "op", metrics->ops[i].op, "code", status_name(-code), NULL };

            if (metrics->ops[i].n[code] > 0)
                exposition_sample(out, "hone_requests_total", labels, (double)metrics->ops[i].n[code]);
        }
    }
    exposition_family(out, "hone_request_duration_seconds", "histogram",
                      "From a question to its answer, what it waited for included");
    for (size_t i = 0; i < metrics->n_ops; i++)
        exposition_histogram(out, "hone_request_duration_seconds", "op", metrics->ops[i].op, &metrics->ops[i].seconds,
                             histogram_waits);
    exposition_family(out, "hone_suggestion_duration_seconds", "histogram", "To find a point, by algorithm");
    for (size_t i = 0; i < metrics->n_algorithms; i++)
        exposition_histogram(out, "hone_suggestion_duration_seconds", "algorithm", metrics->algorithms[i].name,
                             &metrics->algorithms[i].seconds, histogram_waits);
    exposition_family(out, "hone_refused_total", "counter", "Clients and messages that were refused unread, by reason");
    for (size_t i = 0; i < metrics->n_refusals; i++) {
        const char *const labels[] = { "reason", metrics->refusals[i].reason, NULL };

        exposition_sample(out, "hone_refused_total", labels, (double)metrics->refusals[i].n);
    }
}

/* --- what there is now --- */

static void write_room(const struct service *service, struct text *out)
{
    const struct capacity *capacity = &service->capacity;
    int n_taken = 0;

    for (int i = 0; i < capacity->n_gpus; i++)
        n_taken += capacity->gpu_taken[i];
    exposition_single(out, "hone_cpus", "gauge", "Cores for trials", capacity->cpus);
    exposition_single(out, "hone_cpus_taken", "gauge", "Cores that running trials have declared", capacity->cpus_taken);
    exposition_single(out, "hone_memory_bytes", "gauge", "Memory for trials", capacity->memory);
    exposition_single(out, "hone_memory_taken_bytes", "gauge", "Memory that running trials have declared",
                      capacity->memory_taken);
    exposition_single(out, "hone_gpus", "gauge", "GPUs for trials", capacity->n_gpus);
    exposition_single(out, "hone_gpus_taken", "gauge", "GPUs that running trials have", n_taken);
}

static void write_queues(const struct service *service, struct text *out)
{
    size_t n_waiting = 0, n_handed = 0, n_askers = 0;

    for (size_t i = 0; i < service->n_lives; i++) {
        for (const struct pursuit *pursuit = service->lives[i]->pursuits; pursuit != NULL; pursuit = pursuit->next)
            if (pursuit->phase == PURSUIT_WAITING)
                n_waiting++;
            else
                n_handed++;
        for (const struct asker *asker = service->lives[i]->askers; asker != NULL; asker = asker->next)
            n_askers++;
    }
    exposition_single(out, "hone_attempts_waiting", "gauge", "Attempts that wait for cores, memory or GPUs",
                      (double)n_waiting);
    exposition_single(out, "hone_attempts_running", "gauge", "Attempts that agents and clients hold", (double)n_handed);
    exposition_single(out, "hone_clients_waiting", "gauge", "Clients that wait for a trial", (double)n_askers);
}

/* The best value of the first objective, of experiments at work. */
static void write_best(const struct service *service, struct text *out)
{
    exposition_family(out, "hone_best_objective", "gauge",
                      "Best value so far of the objective, of experiments at work");
    for (size_t i = 0, n = 0; i < service->n_lives && n < BEST_LIMIT; i++) {
        const struct live *live = service->lives[i];
        const struct trial *best = live->experiment->best > 0
                                       ? experiment_trial(live->experiment, live->experiment->best)
                                       : NULL;
        const char *const labels[] = { "namespace", live->spec->namespace, "experiment", live->spec->name, NULL };
        double losses[OBJECTIVES_LIMIT];

        if (best == NULL || live->is_deleted || experiment_is_finished(live->experiment))
            continue;
        merit_losses(live->experiment, best, losses);
        exposition_sample(out, "hone_best_objective", labels,
                          spec_aim(live->spec, 0).type == OBJECTIVE_MAXIMIZE ? -losses[0] : losses[0]);
        n++;
    }
}

static double file_size(const char *database, const char *suffix)
{
    char *path = xasprintf("%s%s", database, suffix);
    struct stat found;
    double size = stat(path, &found) == 0 ? (double)found.st_size : 0;

    free(path);
    return size;
}

static void write_store(const struct service *service, struct text *out)
{
    exposition_single(out, "hone_store_bytes", "gauge", "Size of the database", file_size(service->database, ""));
    exposition_single(out, "hone_store_wal_bytes", "gauge", "Size of its write-ahead log",
                      file_size(service->database, "-wal"));
    exposition_single(out, "hone_store_is_failing", "gauge", "1: it could not be written, and is tried again",
                      service->retry_ms != 0);
}

/* --- the process, by the names that every client library of Prometheus has --- */

static double open_files(void)
{
    DIR *directory = opendir("/proc/self/fd");
    double n = -1; /* that of the directory itself */

    if (directory == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(directory);
    return n;
}

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "", *end;
    double pages;

    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    fclose(file);
    strtod(line, &end); /* size resident ... */
    pages = strtod(end, NULL);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

static void write_process(const struct metrics *metrics, struct text *out)
{
    static const char *const version[] = { "version", HONE_VERSION, NULL };
    struct rusage usage;
    struct rlimit files;

    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    exposition_single(out, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.",
                      (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                          (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    exposition_single(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
                      resident_bytes());
    exposition_single(out, "process_open_fds", "gauge", "Number of open file descriptors.", open_files());
    exposition_single(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.",
                      (double)files.rlim_cur);
    exposition_single(out, "process_start_time_seconds", "gauge",
                      "Start time of the process since unix epoch in seconds.", (double)metrics->started_us / 1e6);
    exposition_family(out, "hone_build_info", "gauge", "1, with the version of this program");
    exposition_sample(out, "hone_build_info", version, 1);
}

void metrics_write(const struct service *service, struct text *out)
{
    write_namespaces(service->metrics, out);
    write_questions(service->metrics, out);
    write_room(service, out);
    write_queues(service, out);
    write_best(service, out);
    write_store(service, out);
    write_process(service->metrics, out);
}

int metrics_write_census(struct db *reader, struct text *out)
{
    struct arena arena = { 0 };
    struct census_row *experiments, *trials;
    size_t n_experiments = 0, n_trials = 0;
    int status = census_experiments(reader, &arena, &experiments, &n_experiments);

    if (status == 0)
        status = census_trials(reader, &arena, &trials, &n_trials);
    exposition_family(out, "katib_experiments_current", "gauge", "The number of current experiments in the cluster");
    for (size_t i = 0; status == 0 && i < n_experiments; i++) {
        const char *condition = experiments[i].condition != NULL ? experiments[i].condition : "Created";
        const char *const labels[] = { "namespace", experiments[i].namespace, "status", condition, NULL };

        exposition_sample(out, "katib_experiments_current", labels, (double)experiments[i].n);
    }
    exposition_family(out, "katib_trials_current", "gauge", "The number of current trials in the cluster");
    for (size_t i = 0; status == 0 && i < n_trials; i++) {
        int state = trials[i].state;
        const char *word = state >= 0 && state < N_TRIAL_STATES ? trial_state_names[state] : "Unknown";
        const char *const labels[] = { "namespace", trials[i].namespace, "status", word, NULL };

        exposition_sample(out, "katib_trials_current", labels, (double)trials[i].n);
    }
    arena_release(&arena);
    return status;
}
