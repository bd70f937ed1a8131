/*
 * A directory of TensorFlow's event files: they appear below it, grow, and may be cut off in the middle of a record.
 *
 * A scalar belongs to a metric as in Katib: "accuracy" means every tag that begins with accuracy, "train/accuracy" those in directories
 * whose path ends with train. A record that is damaged is passed over; after a damaged frame the rest of its file is.
 */
#ifndef HONE_TRIALRUNNER_AGENT_EVENT_FILES_H
#define HONE_TRIALRUNNER_AGENT_EVENT_FILES_H

#include "trialrunner/agent/stream.h"

struct event_files;

/* Nothing is opened yet. What stream remembers of an earlier agent is not reported again. */
struct event_files *event_files_open(const char *directory, struct stream *stream);
/* Read what is new; false: there is more, and it was enough for now. */
bool event_files_read(struct event_files *files);
void event_files_close(struct event_files *files); /* accepts NULL */

#endif
