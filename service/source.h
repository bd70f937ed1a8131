/*
 * The files an experiment was created from, as they travel and are stored.
 */
#ifndef HONE_SERVICE_SOURCE_H
#define HONE_SERVICE_SOURCE_H

#include "base/node.h"
#include "experiment/spec.h"
#include "trialrunner/images.h"

struct source {
    size_t n_files;
    struct source_file *files;
    struct source_file images;
    bool has_images;
    const char *namespace;
};
int source_unpack(const struct node *node, struct arena *arena, struct source *source);
void source_pack(const struct source *source, struct text *out);
int source_parse(const struct source *source, bool strict, struct bundle *bundle, struct images *images,
                 struct arena *arena, struct faults *faults);

#endif
