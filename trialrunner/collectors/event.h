/*
 * TensorFlow's event files: records in frames (tensorflow/core/lib/io/record_writer.h), each an Event with a Summary
 * (tensorflow/core/util/event.proto, framework/summary.proto, framework/tensor.proto).
 */
#ifndef HONE_TRIALRUNNER_COLLECTORS_EVENT_H
#define HONE_TRIALRUNNER_COLLECTORS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frame: length (8 bytes, little endian), its checksum (4), the record, its checksum (4). */
enum { EVENT_HEADER_SIZE = 12, EVENT_TRAILER_SIZE = 4 };

/* One scalar of an event; tag borrowed, not ended by NUL. */
struct scalar {
    double wall_s; /* since 1970 */
    int64_t step;
    const char *tag;
    size_t tag_length;
    double value;
    bool is_single; /* of float's precision */
};
typedef void scalar_sink(void *owner, const struct scalar *scalar);

/* The record's length out of a header; false: it is damaged. */
bool event_header_read(const unsigned char header[EVENT_HEADER_SIZE], uint64_t *length);
/* Does the record have the checksum that follows it? */
bool event_is_whole(const unsigned char *record, size_t length, const unsigned char trailer[EVENT_TRAILER_SIZE]);
/* All scalars of a record: simple values, and tensors of one float, double, int32 or int64. false: it is no Event; scalars up to there
   were given. */
bool event_read(const unsigned char *record, size_t length, scalar_sink *sink, void *owner);

#endif
