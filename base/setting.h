/*
 * Typed settings: rows {name, type and range, help} that methods and rules declare, and their values.
 */
#ifndef HONE_BASE_SETTING_H
#define HONE_BASE_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

enum setting_type { SETTING_NUMBER, SETTING_INTEGER, SETTING_CHOICE, SETTING_TEXT };

struct setting {
    const char *name; /* NULL ends the rows */
    enum setting_type type;
    double fallback, min, max; /* numbers and integers; the bounds belong to the range. NAN fallback: none by default */
    const char *choices; /* SETTING_CHOICE: "none|ipop|bipop"; the first is the fallback. SETTING_TEXT: the fallback */
    bool required;
    bool nullable; /* the text None (any case) is taken and gives NAN or NULL */
    const char *help;
};

#define NUMBER(fallback, min, max)           SETTING_NUMBER, fallback, min, max, NULL, false, false
#define INTEGER(fallback, min, max)          SETTING_INTEGER, fallback, min, max, NULL, false, false
#define CHOICE(choices)                      SETTING_CHOICE, 0, 0, 0, choices, false, false
#define TEXT(fallback)                       SETTING_TEXT, 0, 0, 0, fallback, false, false
#define REQUIRED_NUMBER(min, max)            SETTING_NUMBER, 0, min, max, NULL, true, false
#define REQUIRED_INTEGER(min, max)           SETTING_INTEGER, 0, min, max, NULL, true, false
#define REQUIRED_TEXT                        SETTING_TEXT, 0, 0, 0, NULL, true, false
#define NULLABLE_NUMBER(fallback, min, max)  SETTING_NUMBER, fallback, min, max, NULL, false, true
#define NULLABLE_INTEGER(fallback, min, max) SETTING_INTEGER, fallback, min, max, NULL, false, true

struct setting_value {
    double number;    /* numbers, integers, and the index of a choice */
    const char *text; /* as written, or the fallback's text */
    bool given;
};

/* Parse one text by its row; the text is borrowed. ERR_INVALID: "expected an integer of 1 or more, got "x"". */
int setting_parse(const struct setting *setting, const char *text, struct setting_value *value);
/* The row of that name, NULL if there is none. */
const struct setting *setting_find(const struct setting *settings, const char *name);
/* One value a row, all at their fallbacks, in the arena. *n: rows. */
struct setting_value *setting_defaults(const struct setting *settings, struct arena *arena, size_t *n);
/* What the row takes, in words: "a number in (0, 1)", "one of none, ipop, bipop". In the arena. */
const char *setting_expectation(const struct setting *setting, struct arena *arena);

#endif
