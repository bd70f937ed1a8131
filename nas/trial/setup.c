/*
 * Images and backend, as the common flags name them; what is printed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/status.h"
#include "nas/data/dataset.h"
#include "nas/trial/trial.h"

static unsigned threads_of(const struct setting_value *common)
{
    const char *text = getenv("OMP_NUM_THREADS");
    int64_t threads;

    if (common[FLAG_THREADS].number > 0)
        return (unsigned)common[FLAG_THREADS].number;
    return text != NULL && number_parse_integer(text, &threads) && threads >= 1 && threads <= 1024 ? (unsigned)threads
                                                                                                   : 0;
}

static int load(const struct setting_value *common, enum data_part part, struct images **images)
{
    const char *directory = common[FLAG_DATA_DIR].text;
    const double limit = common[FLAG_IMAGES].number;

    TRY(dataset_load(common[FLAG_DATA].text, *directory != '\0' ? directory : NULL, part, images));
    if (limit > 0 && limit < (double)(*images)->n)
        (*images)->n = (size_t)limit;
    return 0;
}

int setup_open(const struct setting_value *common, bool wants_testing, struct setup *setup)
{
    int status;

    *setup = (struct setup){ .threads = threads_of(common), .seed = (uint64_t)common[FLAG_SEED].number };
    status = backend_find(common[FLAG_BACKEND].text, &setup->backend);
    if (status == 0)
        status = load(common, DATA_TRAIN, &setup->training);
    if (status == 0 && wants_testing)
        status = load(common, DATA_TEST, &setup->testing);
    if (status < 0)
        setup_release(setup);
    return status;
}

void setup_release(struct setup *setup)
{
    images_destroy(setup->training);
    images_destroy(setup->testing);
    *setup = (struct setup){ 0 };
}

void print_metric(const char *name, double value)
{
    printf("%s=%.6g\n", name, value);
    fflush(stdout);
}

void print_result(const char *prefix, const struct pass_result *result, size_t n)
{
    char name[64];

    snprintf(name, sizeof name, "%s-Loss", prefix);
    print_metric(name, result->loss);
    snprintf(name, sizeof name, "%s-Accuracy", prefix);
    print_metric(name, (double)result->n_correct / (double)n);
}
