/*
 * A file read from front to back, gzipped or plain; what is wrong with it is said with its path and the offset of the byte
 * (unpacked).
 */
#ifndef HONE_NAS_DATA_BYTES_H
#define HONE_NAS_DATA_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    char *path;
    void *file;
    size_t offset;
};

/* DIRECTORY/NAME. ERR_NOT_FOUND, ERR_IO. */
int bytes_open(struct bytes *in, const char *directory, const char *name);
void bytes_close(struct bytes *in); /* accepts a zeroed one */

/* Exactly n bytes; ERR_INVALID if the file ends before. */
int bytes_take(struct bytes *in, void *bytes, size_t n);
/* One byte, below limit. what: names it in the message. */
int bytes_byte_below(struct bytes *in, const char *what, unsigned limit, uint8_t *byte);
/* Nothing may follow. */
int bytes_end(struct bytes *in);
/* ERR_INVALID: "PATH, byte N: expected WHAT". */
int bytes_fault(const struct bytes *in, const char *what);

#endif
