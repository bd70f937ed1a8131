/*
 * The table of data sets.
 */
#include <string.h>

#include "base/status.h"
#include "nas/data/dataset.h"

const struct dataset *const datasets[] = {
    &dataset_cifar10, &dataset_cifar10_jpeg, &dataset_digits, &dataset_fashion_mnist, NULL,
};

const struct dataset *dataset_find(const char *name)
{
    for (const struct dataset *const *set = datasets; *set != NULL; set++)
        if (strcmp((*set)->name, name) == 0)
            return *set;
    return NULL;
}

int dataset_load(const char *name, const char *directory, enum data_part part, struct images **images)
{
    const struct dataset *set = dataset_find(name);

    if (set == NULL)
        return fail(ERR_INVALID, "data set: expected cifar10, cifar10-jpeg, digits or fashion-mnist, got %s", name);
    if (directory == NULL)
        directory = set->directory;
    if (directory == NULL)
        return fail(ERR_INVALID, "data set %s: say in which directory it is", name);
    return set->load(directory, part, images);
}
