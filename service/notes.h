/*
 * What clients note about experiments and trials: values of any kind by name (user attributes).
 */
#ifndef HONE_SERVICE_NOTES_H
#define HONE_SERVICE_NOTES_H

#include "service/call.h"

/* {namespace, name, trial?, notes: {name: value}}: answered when stored. A value in place of a former one. */
int notes_call(struct service *service, struct call *call);
/* notes (NULL: none) into a trial's labels. ERR_INVALID. */
int notes_read(const struct node *notes, struct arena *arena, struct trial *trial);
/* {name: value} of the experiment. */
struct node *notes_of(const struct live *live, struct arena *arena);

#endif
