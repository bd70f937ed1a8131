/*
 * zlib's files with a path and an offset beside them; zlib reads plain files as they are.
 */
#include "nas/data/reader.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/file.h"
#include "base/status.h"

int reader_open(struct reader *reader, const char *directory, const char *name)
{
    *reader = (struct reader){ .path = file_join(directory, name) };
    errno = 0;
    reader->file = gzopen(reader->path, "rb");
    if (reader->file != NULL)
        return 0;

    int code = errno == ENOENT ? fail(ERR_NOT_FOUND, "%s: there is no such file", reader->path)
                               : fail_errno(errno, "cannot read %s", reader->path);
    reader_close(reader);
    return code;
}

void reader_close(struct reader *reader)
{
    if (reader->file != NULL)
        gzclose_r(reader->file);
    free(reader->path);
    *reader = (struct reader){ 0 };
}

int reader_fault(const struct reader *reader, const char *what)
{
    return fail(ERR_INVALID, "%s, byte %zu: expected %s", reader->path, reader->offset, what);
}

int reader_bytes(struct reader *reader, void *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        unsigned wanted = n - done < INT_MAX ? (unsigned)(n - done) : INT_MAX;
        int got = gzread(reader->file, (char *)bytes + done, wanted);

        if (got < 0) {
            int number;
            const char *message = gzerror(reader->file, &number);
            return fail(number == Z_ERRNO ? ERR_IO : ERR_INVALID, "%s, byte %zu: %s", reader->path, reader->offset,
                        message);
        }
        if (got == 0)
            return fail(ERR_INVALID, "%s ends at byte %zu, %zu bytes too early", reader->path, reader->offset,
                        n - done);
        done += (size_t)got;
        reader->offset += (size_t)got;
    }
    return 0;
}

int reader_byte_below(struct reader *reader, const char *what, unsigned limit, uint8_t *byte)
{
    TRY(reader_bytes(reader, byte, 1));
    if (*byte < limit)
        return 0;
    return fail(ERR_INVALID, "%s, byte %zu: expected %s below %u, got %u", reader->path, reader->offset - 1, what,
                limit, *byte);
}

int reader_end(struct reader *reader)
{
    char byte;
    int got = gzread(reader->file, &byte, 1);

    if (got < 0)
        return reader_bytes(reader, &byte, 1);
    return got == 0 ? 0 : reader_fault(reader, "the end of the file");
}
