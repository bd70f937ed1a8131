/*
 * Numbers as people write them.
 */
#ifndef HONE_BASE_NUMBER_H
#define HONE_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { NUMBER_TEXT_SIZE = 32 }; /* bytes that hold any formatted number, the NUL included */

/* The whole text is one finite decimal number (no hex, no nan, no inf, no spaces). */
bool number_parse(const char *text, double *value);
/* As number_parse, and nan, inf, +-infinity in any case. */
bool number_parse_any(const char *text, double *value);
/* The whole text is one integer that fits; "3.0" and "1e3" do not count. */
bool number_parse_integer(const char *text, int64_t *value);
/* A Kubernetes quantity: 500m, 1.5, 2Gi, 1e3, 128974848. value in units (cores, bytes). */
bool number_parse_quantity(const char *text, double *value);
/* A duration in seconds: 90, 90s, 10m, 2h30m, 1d. */
bool number_parse_duration(const char *text, double *seconds);

/* The shortest text that reads back as the same double: 0.05, 1e-05, 128, nan, inf. Returns buffer. */
const char *number_format(double value, char buffer[NUMBER_TEXT_SIZE]);

#endif
