/*
 * What this machine has to give: counted at start, taken and given back as trials come and go.
 */
#include "trialrunner/capacity.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "base/status.h"
#include "base/text.h"

/* Sums of shares such as 0.1 are not exact. */
static const double slack = 1e-6;

enum { CPU_COUNT_LIMIT = 1 << 16 };

/* The mask may be wider than a cpu_set_t. */
static double count_cpus(void)
{
    for (int n = 1024; n <= CPU_COUNT_LIMIT; n *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)n);
        size_t size = CPU_ALLOC_SIZE((size_t)n);
        int count;

        if (set == NULL)
            abort();
        count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0)
            return count;
    }
    return (double)sysconf(_SC_NPROCESSORS_ONLN);
}

/* nvidia0, nvidia1 ...: not nvidiactl, nvidia-uvm. */
static bool is_gpu(const char *name)
{
    if (!text_starts_with(name, "nvidia"))
        return false;
    name += strlen("nvidia");
    return *name != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static int count_gpus(void)
{
    const char *given = getenv("HONE_GPUS");
    int64_t number;
    int n = 0;
    DIR *directory;

    if (given != NULL && number_parse_integer(given, &number) && number >= 0)
        return number < GPU_LIMIT ? (int)number : GPU_LIMIT;
    directory = opendir("/dev");
    /* cppcheck-suppress readdirCalled ; a stream of our own */
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;)
        n += is_gpu(entry->d_name);
    if (directory != NULL)
        closedir(directory);
    return n < GPU_LIMIT ? n : GPU_LIMIT;
}

void capacity_detect(struct capacity *capacity)
{
    *capacity = (struct capacity){
        .cpus = count_cpus(),
        .memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE),
        .n_gpus = count_gpus(),
    };
}

static int n_free_gpus(const struct capacity *capacity)
{
    int n = 0;

    for (int i = 0; i < capacity->n_gpus; i++)
        n += !capacity->gpu_taken[i];
    return n;
}

int capacity_check(const struct capacity *capacity, const struct resources *wanted)
{
    static const double gibibyte = 1024.0 * 1024 * 1024;

    if (wanted->gpus > capacity->n_gpus)
        return fail(ERR_LIMIT, "a trial asks for %d GPU%s at once, this machine has %d", wanted->gpus,
                    wanted->gpus == 1 ? "" : "s", capacity->n_gpus);
    if (wanted->cpus > capacity->cpus + slack)
        return fail(ERR_LIMIT, "a trial asks for %g CPUs at once, this machine has %g", wanted->cpus, capacity->cpus);
    if (wanted->memory > capacity->memory)
        return fail(ERR_LIMIT, "a trial asks for %.4g GiB of memory at once, this machine has %.4g GiB",
                    wanted->memory / gibibyte, capacity->memory / gibibyte);
    return 0;
}

static void count(struct capacity *capacity, const struct resources *resources, double sign)
{
    capacity->cpus_taken = fmax(0, capacity->cpus_taken + sign * resources->cpus);
    capacity->memory_taken = fmax(0, capacity->memory_taken + sign * resources->memory);
}

bool capacity_take(struct capacity *capacity, const struct resources *wanted, char gpus[256])
{
    int left = wanted->gpus;
    size_t length = 0;

    if (left > n_free_gpus(capacity) || capacity->cpus_taken + wanted->cpus > capacity->cpus + slack ||
        capacity->memory_taken + wanted->memory > capacity->memory + 1)
        return false;
    gpus[0] = '\0';
    for (int i = 0; i < capacity->n_gpus && left > 0; i++) {
        if (capacity->gpu_taken[i])
            continue;
        capacity->gpu_taken[i] = true;
        length += (size_t)snprintf(gpus + length, 256 - length, "%s%d", length > 0 ? "," : "", i);
        left--;
    }
    count(capacity, wanted, 1);
    return true;
}

/* Indexes of another machine's GPUs, or of ones that are gone, are passed over. */
static void mark(struct capacity *capacity, const char *gpus, bool is_taken)
{
    while (gpus != NULL && isdigit((unsigned char)*gpus)) {
        char *end;
        long i = strtol(gpus, &end, 10);

        if (i < GPU_LIMIT)
            capacity->gpu_taken[i] = is_taken;
        gpus = *end == ',' ? end + 1 : end;
    }
}

void capacity_retake(struct capacity *capacity, const struct resources *wanted, const char *gpus)
{
    mark(capacity, gpus, true);
    count(capacity, wanted, 1);
}

void capacity_give(struct capacity *capacity, const struct resources *wanted, const char *gpus)
{
    mark(capacity, gpus, false);
    count(capacity, wanted, -1);
}
