/*
 * Fuzz target: a record of an event file, and a header.
 */
#include <stdlib.h>
#include <string.h>

#include "trialrunner/collectors/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every scalar promises: its tag lies in the record. */
static void check(void *owner, const struct scalar *scalar)
{
    const uint8_t *const *ends = owner;
    const uint8_t *tag = (const uint8_t *)scalar->tag;

    if (tag < ends[0] || tag + scalar->tag_length > ends[1])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *ends[] = { data, data + size };
    uint64_t length;

    if (size >= EVENT_HEADER_SIZE)
        event_header_read(data, &length);
    event_read(data, size, check, ends);
    return 0;
}
