/*
 * Reading a page line by line, and the labels of a series one by one.
 */
#include "trialrunner/collectors/exposition.h"

#include <ctype.h>
#include <string.h>

enum { TIME_DIGITS = 15 }; /* of milliseconds since 1970 */

struct cursor {
    const char *at, *end;
};

struct label {
    const char *name, *value; /* value: as written, with its escapes */
    size_t name_length, value_length;
};

static void skip_blanks(struct cursor *line)
{
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t' || *line->at == '\r'))
        line->at++;
}

static bool take(struct cursor *line, char wanted)
{
    bool is_there = line->at < line->end && *line->at == wanted;

    line->at += is_there;
    return is_there;
}

/* Length of the name here; 0: there is none. */
static size_t take_name(struct cursor *line)
{
    const char *start = line->at;

    while (line->at < line->end && (isalpha((unsigned char)*line->at) || *line->at == '_' || *line->at == ':' ||
                                    (line->at > start && isdigit((unsigned char)*line->at))))
        line->at++;
    return (size_t)(line->at - start);
}

/* What stands up to the next blank. */
static size_t take_word(struct cursor *line)
{
    const char *start = line->at;

    while (line->at < line->end && *line->at != ' ' && *line->at != '\t' && *line->at != '\r')
        line->at++;
    return (size_t)(line->at - start);
}

static bool read_label(struct cursor *labels, struct label *label)
{
    skip_blanks(labels);
    label->name = labels->at;
    label->name_length = take_name(labels);
    skip_blanks(labels);
    if (label->name_length == 0 || !take(labels, '='))
        return false;
    skip_blanks(labels);
    if (!take(labels, '"'))
        return false;
    label->value = labels->at;
    while (labels->at < labels->end && *labels->at != '"')
        labels->at += *labels->at == '\\' && labels->at + 1 < labels->end ? 2 : 1;
    label->value_length = (size_t)(labels->at - label->value);
    if (!take(labels, '"'))
        return false;
    skip_blanks(labels);
    take(labels, ',');
    return true;
}

/* name="value", and the comma behind it. false: there is none, and nothing was taken. */
static bool take_label(struct cursor *labels, struct label *label)
{
    struct cursor at = *labels;

    if (!read_label(&at, label))
        return false;
    *labels = at;
    return true;
}

/* A name and its labels. */
static bool take_series(struct cursor *line, struct sample *sample)
{
    struct label label;

    sample->name = line->at;
    sample->name_length = take_name(line);
    sample->labels_length = 0;
    skip_blanks(line);
    if (sample->name_length == 0 || !take(line, '{'))
        return sample->name_length > 0;
    sample->labels = line->at;
    while (take_label(line, &label))
        ;
    skip_blanks(line);
    sample->labels_length = (size_t)(line->at - sample->labels);
    return take(line, '}');
}

static int64_t take_time_us(struct cursor *line)
{
    int64_t time_ms = 0;
    const char *start = line->at;

    while (line->at < line->end && isdigit((unsigned char)*line->at) && line->at - start < TIME_DIGITS)
        time_ms = time_ms * 10 + (*line->at++ - '0');
    return line->at == line->end || isspace((unsigned char)*line->at) ? time_ms * 1000 : 0;
}

static void read_line(struct cursor line, sample_sink *sink, void *owner)
{
    struct sample sample = { 0 };

    skip_blanks(&line);
    if (!take_series(&line, &sample))
        return;
    skip_blanks(&line);
    sample.value = line.at;
    sample.value_length = take_word(&line);
    skip_blanks(&line);
    sample.time_us = take_time_us(&line);
    if (sample.value_length > 0)
        sink(owner, &sample);
}

void exposition_read(const char *bytes, size_t length, sample_sink *sink, void *owner)
{
    const char *end = bytes + length;

    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        struct cursor line = { bytes, newline != NULL ? newline : end };

        read_line(line, sink, owner);
        bytes = line.end + (newline != NULL);
    }
}

static bool is_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && memcmp(a, b, a_length) == 0;
}

static bool has_label(const struct sample *sample, const struct label *wanted)
{
    struct cursor labels = { sample->labels, sample->labels + sample->labels_length };
    struct label label;

    while (sample->labels_length > 0 && take_label(&labels, &label))
        if (is_same(label.name, label.name_length, wanted->name, wanted->name_length) &&
            is_same(label.value, label.value_length, wanted->value, wanted->value_length))
            return true;
    return false;
}

bool exposition_matches(const struct sample *sample, const char *metric)
{
    struct cursor line = { metric, metric + strlen(metric) }, labels;
    struct sample wanted = { 0 };
    struct label label;

    if (!take_series(&line, &wanted) || line.at != line.end ||
        !is_same(sample->name, sample->name_length, wanted.name, wanted.name_length))
        return false;
    labels = (struct cursor){ wanted.labels, wanted.labels + wanted.labels_length };
    while (wanted.labels_length > 0 && take_label(&labels, &label))
        if (!has_label(sample, &label))
            return false;
    return true;
}
