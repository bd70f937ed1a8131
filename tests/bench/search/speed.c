/*
 * Time of an ask, d = 10 doubles, and a long study: one JSON line each.
 *
 * Usage: speed METHOD N REPEATS     median of REPEATS asks after N finished random trials; each is finished before the next
 *        speed METHOD N study       N trials asked and finished in turn: seconds, and bytes of memory a trial
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cblas.h>

#include "suggest/study.h"

enum { DIMENSIONS = 10, N_LIMIT = 10000000 };

static double seconds_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double peak_memory(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

/* A bowl off the centre, so that good and bad trials differ. */
static double loss_of(const double *values)
{
    double sum = 0;

    for (size_t i = 0; i < DIMENSIONS; i++)
        sum += (values[i] - 0.3) * (values[i] - 0.3) * (double)(i + 1);
    return sum;
}

static void finish(struct study *study, int64_t number, const double *values)
{
    double loss = loss_of(values);

    study_finish(study, number, values, OUTCOME_SUCCEEDED, &loss, NULL);
}

static void fill(struct study *study, const struct space *space, int64_t n)
{
    double x[DIMENSIONS], values[DIMENSIONS];

    for (int64_t number = 1; number <= n; number++) {
        struct rng rng = rng_stream(1, (uint64_t)number, "speed.fill");
        space_draw(space, &rng, x);
        space_decode(space, x, values);
        study_start(study, number, values, NAN, 0);
        finish(study, number, values);
    }
}

/* Asks and finishes one trial; seconds of the ask. */
static double step(struct study *study, int64_t number)
{
    double values[DIMENSIONS], began = seconds_now();
    struct suggestion out = { 0 };

    if (study_ask(study, number, values, &out) != 0)
        exit(1);
    double seconds = seconds_now() - began;
    finish(study, number, values);
    return seconds;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure_asks(struct study *study, const char *method, int64_t n, int64_t n_repeats)
{
    double *seconds = xcalloc((size_t)n_repeats, sizeof *seconds);

    step(study, n + 1); /* what it keeps between asks is built here */
    for (int64_t k = 0; k < n_repeats; k++)
        seconds[k] = step(study, n + 2 + k);
    qsort(seconds, (size_t)n_repeats, sizeof *seconds, compare);
    printf("{\"method\":\"%s\",\"n\":%lld,\"ask_ms\":%.6g}\n", method, (long long)n, 1000 * seconds[n_repeats / 2]);
    free(seconds);
}

static void measure_study(struct study *study, const char *method, int64_t n)
{
    double began = seconds_now(), memory = peak_memory();

    for (int64_t number = 1; number <= n; number++)
        step(study, number);
    printf("{\"method\":\"%s\",\"n\":%lld,\"study_seconds\":%.6g,\"bytes_a_trial\":%.4g}\n", method, (long long)n,
           seconds_now() - began, (peak_memory() - memory) / (double)n);
}

int main(int argc, char **argv)
{
    static const char *const names[DIMENSIONS] = { "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9" };
    struct parameter parameters[DIMENSIONS];
    const struct space space = { DIMENSIONS, parameters };
    struct arena arena = { 0 };
    size_t n_settings;

    openblas_set_num_threads(1); /* as in cli/main.c */
    for (size_t i = 0; i < DIMENSIONS; i++)
        parameters[i] = (struct parameter){ .name = names[i], .type = PARAMETER_DOUBLE, .max = 1 };
    const struct suggest_method *method = argc == 4 ? suggest_method_find(argv[1], NULL) : NULL;
    int64_t n = argc == 4 ? atoll(argv[2]) : 0, n_repeats = argc == 4 ? atoll(argv[3]) : 0;
    if (method == NULL || method->create == NULL || n < 1 || n > N_LIMIT) {
        fprintf(stderr, "usage: speed METHOD N REPEATS|study\n");
        return 2;
    }
    const struct suggest_problem problem = { .space = &space, .n_objectives = 1, .parallel_trial_count = 1 };
    struct study *study = study_create(&problem, method, setting_defaults(method->settings, &arena, &n_settings), 1);
    if (strcmp(argv[3], "study") == 0) {
        measure_study(study, method->name, n);
    } else {
        fill(study, &space, n);
        measure_asks(study, method->name, n, n_repeats > 0 ? n_repeats : 1);
    }
    study_destroy(study);
    arena_release(&arena);
    return 0;
}
