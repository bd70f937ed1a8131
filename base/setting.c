/*
 * Typed settings: reading one by its row, and saying what a row takes.
 */
#include "base/setting.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/status.h"
#include "base/text.h"

/* Beyond this an integer's bound says nothing. */
static bool is_bound(double bound)
{
    return isfinite(bound) && fabs(bound) < 0x1p63;
}

static void say_range(const struct setting *setting, const char *what, struct text *out)
{
    char min[NUMBER_TEXT_SIZE], max[NUMBER_TEXT_SIZE];
    bool has_min = is_bound(setting->min), has_max = is_bound(setting->max);

    text_add(out, what);
    number_format(setting->min, min);
    number_format(setting->max, max);
    if (has_min && has_max)
        text_printf(out, " in [%s, %s]", min, max);
    else if (has_min)
        text_printf(out, " of %s or more", min);
    else if (has_max)
        text_printf(out, " of %s or less", max);
}

static void say_choices(const char *choices, struct text *out)
{
    text_add(out, "one of ");
    for (; *choices != '\0'; choices++) {
        if (*choices == '|')
            text_add(out, ", ");
        else
            text_add_char(out, *choices);
    }
}

static void say(const struct setting *setting, struct text *out)
{
    switch (setting->type) {
    case SETTING_NUMBER:
        say_range(setting, "a number", out);
        break;
    case SETTING_INTEGER:
        say_range(setting, "an integer", out);
        break;
    case SETTING_CHOICE:
        say_choices(setting->choices, out);
        break;
    case SETTING_TEXT:
        text_add(out, "a text");
        break;
    }
    if (setting->nullable)
        text_add(out, ", or None");
}

const char *setting_expectation(const struct setting *setting, struct arena *arena)
{
    struct text words = { 0 };

    say(setting, &words);

    const char *kept = arena_strdup(arena, text_string(&words));

    text_release(&words);
    return kept;
}

/* Index of text among "a|b|c"; -1 if it is none. */
static int find_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);

    for (int i = 0;; i++) {
        const char *end = strchrnul(choices, '|');

        if ((size_t)(end - choices) == length && strncmp(choices, text, length) == 0)
            return i;
        if (*end == '\0')
            return -1;
        choices = end + 1;
    }
}

static bool read_value(const struct setting *setting, const char *text, double *number)
{
    int64_t whole;

    switch (setting->type) {
    case SETTING_NUMBER:
        return number_parse(text, number) && *number >= setting->min && *number <= setting->max;
    case SETTING_INTEGER:
        if (!number_parse_integer(text, &whole))
            return false;
        *number = (double)whole;
        return *number >= setting->min && *number <= setting->max;
    case SETTING_CHOICE:
        *number = find_choice(setting->choices, text);
        return *number >= 0;
    default:
        return true;
    }
}

int setting_parse(const struct setting *setting, const char *text, struct setting_value *value)
{
    struct text expectation = { 0 };
    double number = 0;

    if (setting->nullable && strcasecmp(text, "none") == 0) {
        *value = (struct setting_value){ .number = NAN, .given = true };
        return 0;
    }
    if (read_value(setting, text, &number)) {
        *value = (struct setting_value){ .number = number, .text = text, .given = true };
        return 0;
    }
    say(setting, &expectation);
    fail(ERR_INVALID, "expected %s, got \"%s\"", text_string(&expectation), text);
    text_release(&expectation);
    return ERR_INVALID;
}

const struct setting *setting_find(const struct setting *settings, const char *name)
{
    for (; settings != NULL && settings->name != NULL; settings++) {
        if (strcmp(settings->name, name) == 0)
            return settings;
    }
    return NULL;
}

static struct setting_value fallback_of(const struct setting *setting, struct arena *arena)
{
    char buffer[NUMBER_TEXT_SIZE];

    if (setting->required)
        return (struct setting_value){ .number = NAN };
    switch (setting->type) {
    case SETTING_CHOICE:
        return (struct setting_value){
            .text = arena_strndup(arena, setting->choices, strcspn(setting->choices, "|")),
        };
    case SETTING_TEXT:
        return (struct setting_value){ .text = setting->choices };
    default:
        if (isnan(setting->fallback))
            return (struct setting_value){ .number = NAN };
        return (struct setting_value){
            .number = setting->fallback,
            .text = arena_strdup(arena, number_format(setting->fallback, buffer)),
        };
    }
}

struct setting_value *setting_defaults(const struct setting *settings, struct arena *arena, size_t *n)
{
    *n = 0;
    while (settings != NULL && settings[*n].name != NULL)
        ++*n;

    struct setting_value *values = arena_array(arena, *n, sizeof *values);

    for (size_t i = 0; i < *n; i++)
        values[i] = fallback_of(&settings[i], arena);
    return values;
}
