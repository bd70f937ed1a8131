/*
 * The reports of one role on disk, in the order of their numbers: how a recovering agent knows what was numbered before.
 *
 * Only an agent of the same build and machine reads it back, so entries are structs. Bounded: once it is large, all but the last
 * JOURNAL_KEEP entries go.
 */
#ifndef HONE_TRIALRUNNER_AGENT_JOURNAL_H
#define HONE_TRIALRUNNER_AGENT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { JOURNAL_KEEP = 8192, JOURNAL_SIZE_LIMIT = 4 << 20 };

struct journal_entry {
    uint64_t line;       /* hash of the line it stands in */
    int64_t end;         /* offset behind that line in its file */
    int64_t line_length; /* bytes of that line, its end included */
    int64_t time_us, step;
    int64_t count; /* of this metric's reports so far, this one included */
    uint32_t metric, length;
    /* then the value, length bytes */
};

struct journal {
    char *path;
    int fd;             /* -1: not open */
    int64_t first;      /* number of the first entry in the file */
    int64_t sequence;   /* number of the last entry */
    size_t size, limit; /* bytes in the file; compacted past limit */
    struct text pending;
};

typedef void journal_reader(void *owner, int64_t sequence, const struct journal_entry *entry, const char *value);

/* Open or make; every entry that is there is handed to the reader. A torn end (the agent died in mid-write) is cut off. */
int journal_open(struct journal *journal, const char *path, journal_reader *reader, void *owner);
/* Add, in memory until the flush. Returns its number. */
int64_t journal_add(struct journal *journal, const struct journal_entry *entry, const char *value);
int journal_flush(struct journal *journal);
void journal_close(struct journal *journal);

#endif
