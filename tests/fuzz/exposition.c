/*
 * Fuzz target: a metrics page. The first line of an input is a metric to look for, the rest is the page.
 */
#include <stdlib.h>
#include <string.h>

#include "trialrunner/collectors/exposition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct page {
    const char *metric, *start, *end;
};

static void check_within(const struct page *page, const char *at, size_t length)
{
    if (length > 0 && (at < page->start || at + length > page->end))
        abort();
}

/* What every sample promises: a name, a value, all of it on the page. */
static void check(void *owner, const struct sample *sample)
{
    const struct page *page = owner;

    if (sample->name_length == 0 || sample->value_length == 0 || sample->time_us < 0)
        abort();
    check_within(page, sample->name, sample->name_length);
    check_within(page, sample->labels, sample->labels_length);
    check_within(page, sample->value, sample->value_length);
    exposition_matches(sample, page->metric);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *newline = memchr(bytes, '\n', size);
    size_t length = newline != NULL ? (size_t)(newline - bytes) : 0, skipped = newline != NULL ? length + 1 : 0;
    char *metric = strndup(bytes, length), *copy = malloc(size - skipped + 1);
    struct page page = { metric, copy, copy + size - skipped };

    memcpy(copy, bytes + skipped, size - skipped);
    exposition_read(copy, size - skipped, check, &page);
    free(copy);
    free(metric);
    return 0;
}
