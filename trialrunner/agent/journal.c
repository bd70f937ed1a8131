/*
 * A header, then entry after entry; appended, and now and then rewritten with the last ones only.
 */
#include "trialrunner/agent/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "trialrunner/collectors/collector.h"

static const char magic[8] = "honerep1";

struct header {
    char magic[8];
    int64_t first;
};

/* The entry at the offset, copied out for its alignment. 0: no whole one is there. */
static size_t entry_at(const struct text *bytes, size_t offset, struct journal_entry *entry)
{
    if (bytes->length < offset + sizeof *entry)
        return 0;
    memcpy(entry, bytes->data + offset, sizeof *entry);
    if (entry->length > METRIC_VALUE_LIMIT || bytes->length < offset + sizeof *entry + entry->length)
        return 0;
    return sizeof *entry + entry->length;
}

static void read_entries(struct journal *journal, const struct text *bytes, journal_reader *reader, void *owner)
{
    struct journal_entry entry;
    size_t length;

    while ((length = entry_at(bytes, journal->size, &entry)) > 0) {
        reader(owner, ++journal->sequence, &entry, bytes->data + journal->size + sizeof entry);
        journal->size += length;
    }
}

static int begin(struct journal *journal)
{
    struct header header = { .first = journal->first };

    memcpy(header.magic, magic, sizeof magic);
    text_add_bytes(&journal->pending, &header, sizeof header);
    return journal_flush(journal);
}

int journal_open(struct journal *journal, const char *path, journal_reader *reader, void *owner)
{
    struct text bytes = { 0 };
    struct header header;
    int status = file_read(path, SIZE_MAX / 2, &bytes);

    *journal = (struct journal){ .path = xstrdup(path), .fd = -1, .first = 1, .limit = JOURNAL_SIZE_LIMIT };
    if (bytes.length >= sizeof header) {
        memcpy(&header, bytes.data, sizeof header);
        if (memcmp(header.magic, magic, sizeof magic) == 0) {
            journal->first = header.first;
            journal->size = sizeof header;
        }
    }
    journal->sequence = journal->first - 1;
    if (journal->size > 0)
        read_entries(journal, &bytes, reader, owner);
    text_release(&bytes);
    if (status < 0 && status != ERR_NOT_FOUND)
        return status;
    journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal->fd < 0 || ftruncate(journal->fd, (off_t)journal->size) < 0)
        return fail_errno(errno, "open %s", path);
    return journal->size == 0 ? begin(journal) : 0;
}

int64_t journal_add(struct journal *journal, const struct journal_entry *entry, const char *value)
{
    text_add_bytes(&journal->pending, entry, sizeof *entry);
    text_add_bytes(&journal->pending, value, entry->length);
    return ++journal->sequence;
}

/* Offset and number of the first entry that is kept. */
static size_t find_kept(const struct journal *journal, const struct text *bytes, int64_t *number)
{
    struct journal_entry entry;
    size_t offset = sizeof(struct header), length;

    for (*number = journal->first; *number + JOURNAL_KEEP <= journal->sequence; ++*number) {
        length = entry_at(bytes, offset, &entry);
        if (length == 0)
            break;
        offset += length;
    }
    return offset;
}

static int replace(struct journal *journal, const struct header *header, const char *entries, size_t length)
{
    char *next = xasprintf("%s.next", journal->path);
    int fd = open(next, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600), status = 0;

    if (fd < 0 || write(fd, header, sizeof *header) != (ssize_t)sizeof *header ||
        write(fd, entries, length) != (ssize_t)length || rename(next, journal->path) < 0) {
        status = fail_errno(errno, "write %s", next);
        if (fd >= 0)
            close(fd);
        unlink(next);
    } else {
        close(journal->fd);
        journal->fd = fd;
        journal->size = sizeof *header + length;
        journal->first = header->first;
    }
    free(next);
    return status;
}

static int compact(struct journal *journal)
{
    struct header header;
    struct text bytes = { 0 };
    int status = file_read(journal->path, SIZE_MAX / 2, &bytes);

    memcpy(header.magic, magic, sizeof magic);
    if (status == 0 && bytes.length == journal->size) {
        size_t kept = find_kept(journal, &bytes, &header.first);

        status = replace(journal, &header, bytes.data + kept, bytes.length - kept);
    }
    journal->limit = journal->size * 2 > JOURNAL_SIZE_LIMIT ? journal->size * 2 : JOURNAL_SIZE_LIMIT;
    text_release(&bytes);
    return status;
}

int journal_flush(struct journal *journal)
{
    struct text *pending = &journal->pending;
    ssize_t n = 0;

    if (journal->fd < 0)
        text_clear(pending);
    if (pending->length == 0)
        return 0;
    n = write(journal->fd, pending->data, pending->length);
    if (n != (ssize_t)pending->length) { /* keep it for the next time; the file holds whole entries only */
        int error = n < 0 ? errno : ENOSPC;

        if (n > 0 && ftruncate(journal->fd, (off_t)journal->size) < 0)
            error = errno;
        return fail_errno(error, "write %s", journal->path);
    }
    journal->size += pending->length;
    text_clear(pending);
    return journal->size > journal->limit ? compact(journal) : 0;
}

void journal_close(struct journal *journal)
{
    if (journal->path != NULL && journal->fd >= 0)
        close(journal->fd);
    free(journal->path);
    text_release(&journal->pending);
    *journal = (struct journal){ .fd = -1 };
}
