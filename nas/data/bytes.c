/*
 * zlib's files with a path and an offset beside them; zlib reads plain files as they are.
 */
#include "nas/data/bytes.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/file.h"
#include "base/status.h"

int bytes_open(struct bytes *in, const char *directory, const char *name)
{
    *in = (struct bytes){ .path = file_join(directory, name) };
    errno = 0;
    in->file = gzopen(in->path, "rb");
    if (in->file != NULL)
        return 0;

    int code = errno == ENOENT ? fail(ERR_NOT_FOUND, "%s: there is no such file", in->path)
                               : fail_errno(errno, "cannot read %s", in->path);
    bytes_close(in);
    return code;
}

void bytes_close(struct bytes *in)
{
    if (in->file != NULL)
        gzclose_r(in->file);
    free(in->path);
    *in = (struct bytes){ 0 };
}

int bytes_fault(const struct bytes *in, const char *what)
{
    return fail(ERR_INVALID, "%s, byte %zu: expected %s", in->path, in->offset, what);
}

int bytes_take(struct bytes *in, void *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        unsigned wanted = n - done < INT_MAX ? (unsigned)(n - done) : INT_MAX;
        int got = gzread(in->file, (char *)bytes + done, wanted);

        if (got < 0) {
            int number;
            const char *message = gzerror(in->file, &number);
            return fail(number == Z_ERRNO ? ERR_IO : ERR_INVALID, "%s, byte %zu: %s", in->path, in->offset, message);
        }
        if (got == 0)
            return fail(ERR_INVALID, "%s ends at byte %zu, %zu bytes too early", in->path, in->offset, n - done);
        done += (size_t)got;
        in->offset += (size_t)got;
    }
    return 0;
}

int bytes_byte_below(struct bytes *in, const char *what, unsigned limit, uint8_t *byte)
{
    TRY(bytes_take(in, byte, 1));
    if (*byte < limit)
        return 0;
    return fail(ERR_INVALID, "%s, byte %zu: expected %s below %u, got %u", in->path, in->offset - 1, what, limit,
                *byte);
}

int bytes_end(struct bytes *in)
{
    char byte;
    int got = gzread(in->file, &byte, 1);

    if (got < 0)
        return bytes_take(in, &byte, 1);
    return got == 0 ? 0 : bytes_fault(in, "the end of the file");
}
