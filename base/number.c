/*
 * Numbers as people write them: a grammar first, then the C library, which takes more than we want.
 */
#include "base/number.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *skip_digits(const char *c)
{
    while (isdigit((unsigned char)*c))
        c++;
    return c;
}

static const char *skip_sign(const char *c)
{
    return *c == '+' || *c == '-' ? c + 1 : c;
}

/* Past digits with an optional point; NULL when there is no digit. */
static const char *skip_decimal(const char *c)
{
    const char *whole = c;

    c = skip_digits(c);

    size_t n_digits = (size_t)(c - whole);

    if (*c == '.') {
        const char *fraction = ++c;

        c = skip_digits(c);
        n_digits += (size_t)(c - fraction);
    }
    return n_digits > 0 ? c : NULL;
}

/* Past an exponent if one is there whole. */
static const char *skip_exponent(const char *c)
{
    if (*c != 'e' && *c != 'E')
        return c;

    const char *digits = skip_sign(c + 1), *end = skip_digits(digits);

    return end > digits ? end : c;
}

bool number_parse(const char *text, double *value)
{
    const char *end = skip_decimal(skip_sign(text));

    if (end == NULL || *skip_exponent(end) != '\0')
        return false;

    double number = strtod(text, NULL);

    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

bool number_parse_any(const char *text, double *value)
{
    const char *word = skip_sign(text);

    if (strcasecmp(word, "nan") == 0) {
        *value = NAN;
        return true;
    }
    if (strcasecmp(word, "inf") == 0 || strcasecmp(word, "infinity") == 0) {
        *value = *text == '-' ? -INFINITY : INFINITY;
        return true;
    }
    return number_parse(text, value);
}

bool number_parse_integer(const char *text, int64_t *value)
{
    const char *digits = skip_sign(text), *end = skip_digits(digits);

    if (end == digits || *end != '\0')
        return false;
    errno = 0;

    long long number = strtoll(text, NULL, 10);

    if (errno != 0)
        return false;
    *value = number;
    return true;
}

static const struct quantity_suffix {
    const char *text;
    double multiplier, divisor;
} quantity_suffixes[] = {
    { "", 1, 1 },        { "n", 1, 1e9 },     { "u", 1, 1e6 },     { "m", 1, 1e3 },
    { "k", 1e3, 1 },     { "M", 1e6, 1 },     { "G", 1e9, 1 },     { "T", 1e12, 1 },
    { "P", 1e15, 1 },    { "E", 1e18, 1 },    { "Ki", 0x1p10, 1 }, { "Mi", 0x1p20, 1 },
    { "Gi", 0x1p30, 1 }, { "Ti", 0x1p40, 1 }, { "Pi", 0x1p50, 1 }, { "Ei", 0x1p60, 1 },
};

bool number_parse_quantity(const char *text, double *value)
{
    const char *suffix = skip_decimal(skip_sign(text));

    if (suffix == NULL)
        return false;
    if (*skip_exponent(suffix) == '\0')
        return number_parse(text, value);
    for (size_t i = 0; i < sizeof quantity_suffixes / sizeof quantity_suffixes[0]; i++) {
        const struct quantity_suffix *row = &quantity_suffixes[i];

        if (strcmp(suffix, row->text) != 0)
            continue;

        /* strtod stops at the suffix: none of them can begin an exponent with digits. */
        double number = strtod(text, NULL) * row->multiplier / row->divisor;

        if (!isfinite(number))
            return false;
        *value = number;
        return true;
    }
    return false;
}

static const struct duration_unit {
    const char *text;
    double seconds;
} duration_units[] = { { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 }, { "ms", 1e-3 } };

enum { N_DURATION_UNITS = sizeof duration_units / sizeof duration_units[0] };

bool number_parse_duration(const char *text, double *seconds)
{
    double total = 0;
    size_t next_unit = 0; /* units go from large to small, each once */
    const char *c = text;

    if (*c == '+' || *c == '-')
        return false;
    if (number_parse(text, seconds))
        return true;
    while (*c != '\0') {
        const char *unit = skip_decimal(c), *end = unit;

        if (unit == NULL)
            return false;
        while (isalpha((unsigned char)*end))
            end++;
        while (next_unit < N_DURATION_UNITS &&
               (strlen(duration_units[next_unit].text) != (size_t)(end - unit) ||
                strncmp(duration_units[next_unit].text, unit, (size_t)(end - unit)) != 0))
            next_unit++;
        if (next_unit == N_DURATION_UNITS)
            return false;
        total += strtod(c, NULL) * duration_units[next_unit++].seconds;
        c = end;
    }
    if (c == text || !isfinite(total))
        return false;
    *seconds = total;
    return true;
}

const char *number_format(double value, char buffer[NUMBER_TEXT_SIZE])
{
    if (isnan(value))
        return strcpy(buffer, "nan");
    if (isinf(value))
        return strcpy(buffer, value > 0 ? "inf" : "-inf");
    if (value == nearbyint(value) && fabs(value) < 1e16) {
        snprintf(buffer, NUMBER_TEXT_SIZE, "%.0f", value);
        return buffer;
    }

    /* Every decimal of 15 digits survives a normal double; the subnormal ones hold fewer. */
    int digits = fabs(value) < DBL_MIN ? 1 : 15, length;

    do
        length = snprintf(buffer, NUMBER_TEXT_SIZE, "%.*g", digits, value);
    while (digits++ < 17 && strtod(buffer, NULL) != value);
    assert(length < NUMBER_TEXT_SIZE);
    return buffer;
}
