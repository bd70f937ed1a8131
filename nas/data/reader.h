/*
 * A file read from front to back, gzipped or plain; what is wrong with it is said with its path and the offset of the byte
 * (unpacked).
 */
#ifndef HONE_NAS_DATA_READER_H
#define HONE_NAS_DATA_READER_H

#include <stddef.h>
#include <stdint.h>

struct reader {
    char *path;
    void *file;
    size_t offset;
};

/* DIRECTORY/NAME. ERR_NOT_FOUND, ERR_IO. */
int reader_open(struct reader *reader, const char *directory, const char *name);
void reader_close(struct reader *reader); /* accepts a zeroed one */

/* Exactly n bytes; ERR_INVALID if the file ends before. */
int reader_bytes(struct reader *reader, void *bytes, size_t n);
/* One byte, below limit. what: names it in the message. */
int reader_byte_below(struct reader *reader, const char *what, unsigned limit, uint8_t *byte);
/* Nothing may follow. */
int reader_end(struct reader *reader);
/* ERR_INVALID: "PATH, byte N: expected WHAT". */
int reader_fault(const struct reader *reader, const char *what);

#endif
