/*
 * The files an experiment is made of, read: its own, those of --with, and the image map.
 */
#ifndef HONE_CLI_SOURCES_H
#define HONE_CLI_SOURCES_H

#include "cli/verbs.h"
#include "experiment/spec.h"

struct sources {
    struct arena arena;
    size_t n_files;
    struct source_file *files;  /* the experiment's own first */
    struct source_file *images; /* NULL: no image map */
};

/* file ("-" is standard input), every --with, and --images or else images.yaml beside file. A zeroed struct before; release in either
   case. */
int sources_read(const struct command *command, const char *file, struct sources *sources);
void sources_release(struct sources *sources);
/* As body of experiment.create: {files, images?}. */
struct node *sources_body(const struct sources *sources, struct arena *arena);

#endif
