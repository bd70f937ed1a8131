/*
 * A regular expression that finds names and values in lines, in bounded time. Katib's are RE2; PCRE2 reads all of that.
 */
#ifndef HONE_TRIALRUNNER_COLLECTORS_FILTER_H
#define HONE_TRIALRUNNER_COLLECTORS_FILTER_H

#include <stddef.h>

/* PCRE2's share of a line: a filter may need time quadratic in it. */
enum { FILTER_LINE_LIMIT = 16 << 10 };

struct filter;

/* Where groups 1 and 2 of a match are; start of the whole match. */
struct filter_match {
    size_t start, end;
    size_t name, name_length, value, value_length;
};

/* ERR_INVALID: does not compile, or has not two groups. */
int filter_create(const char *pattern, struct filter **filter);
/* The next match at or behind from whose two groups took part. 1: found; 0: none, or its limits were passed. */
int filter_next(struct filter *filter, const char *bytes, size_t length, size_t from, struct filter_match *match);
void filter_destroy(struct filter *filter);

#endif
