/*
 * The table of data sets that networks are searched and trained on. To add one: write its file, add one line in datasets.c.
 */
#ifndef HONE_NAS_DATA_DATASET_H
#define HONE_NAS_DATA_DATASET_H

#include "nas/data/images.h"

enum data_part { DATA_TRAIN, DATA_TEST };

struct dataset {
    const char *name; /* as users write it; never renamed */
    const char *summary;
    const char *directory; /* where Debian keeps it; NULL: it must be given */
    /* Read one part from a directory. Messages name file and offset. */
    int (*load)(const char *directory, enum data_part part, struct images **images);
};

extern const struct dataset dataset_cifar10, dataset_cifar10_jpeg, dataset_digits, dataset_fashion_mnist;
/* All of them, ended by NULL. */
extern const struct dataset *const datasets[];

/* NULL if there is none of that name. */
const struct dataset *dataset_find(const char *name);
/* directory NULL: the set's own. ERR_INVALID: no such set, or it needs a directory. */
int dataset_load(const char *name, const char *directory, enum data_part part, struct images **images);

#endif
