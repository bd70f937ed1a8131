/*
 * hone report inside a trial: one line of JSON at the end of the file that the collector Push reads.
 */
#ifndef HONE_CLI_PUSH_H
#define HONE_CLI_PUSH_H

#include "base/node.h"

/* HONE_REPORT_FILE, which trials with the collector Push have; NULL: none. */
const char *push_file(void);
/* said: {metrics?, step?}. ERR_IO. */
int push_report(const char *path, const struct node *said, struct arena *arena);

#endif
