/*
 * Flags of hone-nas.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "nas/trial/trial.h"

const struct setting common_flags[N_COMMON_FLAGS + 1] = {
    [FLAG_DATA] = { "data", TEXT("fashion-mnist"), "the images: fashion-mnist, cifar10, cifar10-jpeg or digits" },
    [FLAG_DATA_DIR] = { "data-dir", TEXT(""), "where they are, if not where Debian puts them" },
    [FLAG_IMAGES] = { "images", INTEGER(0, 0, 1e9), "use so many of them, the first ones; 0: all" },
    [FLAG_BACKEND] = { "backend", TEXT("cpu"), "what computes: cpu or ref" },
    [FLAG_THREADS] = { "threads", INTEGER(0, 0, 1024), "0: OMP_NUM_THREADS, or a thread a core" },
    [FLAG_SEED] = { "seed", INTEGER(1, 0, 1e15), "the same seed gives the same numbers" },
};

static char *environment_name(const char *flag, struct arena *arena)
{
    char *name = arena_printf(arena, "HONE_NAS_%s", flag);

    for (char *c = name; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return name;
}

static const char *unquoted(const char *text, struct arena *arena)
{
    const size_t length = strlen(text);

    return length >= 2 && text[0] == '"' && text[length - 1] == '"' ? arena_strndup(arena, text + 1, length - 2) : text;
}

static int set(const struct setting *rows, const char *name, const char *text, struct setting_value *values,
               struct arena *arena)
{
    const struct setting *row = setting_find(rows, name);
    struct setting_value value;

    if (row == NULL)
        return 0;
    if (setting_parse(row, unquoted(text, arena), &value) < 0)
        return fail(ERR_INVALID, "--%s: %s", name, arena_strdup(arena, fail_message()));
    value.given = true;
    values[row - rows] = value;
    return 1;
}

static int set_from_environment(const struct setting *rows, struct setting_value *values, struct arena *arena)
{
    for (const struct setting *row = rows; row->name != NULL; row++) {
        const char *text = getenv(environment_name(row->name, arena));

        if (text != NULL)
            TRY(set(rows, row->name, text, values, arena));
    }
    return 0;
}

static int check_required(const struct setting *rows, const struct setting_value *values)
{
    for (const struct setting *row = rows; row->name != NULL; row++)
        if (row->required && !values[row - rows].given)
            return fail(ERR_INVALID, "--%s is missing: %s", row->name, row->help);
    return 0;
}

int flags_parse(const struct setting *own, char **arguments, struct arena *arena, struct setting_value **common_values,
                struct setting_value **own_values)
{
    size_t n;

    *common_values = setting_defaults(common_flags, arena, &n);
    *own_values = setting_defaults(own, arena, &n);
    TRY(set_from_environment(common_flags, *common_values, arena));
    TRY(set_from_environment(own, *own_values, arena));
    for (; *arguments != NULL; arguments++) {
        const char *equals = strchr(*arguments, '='), *value = equals != NULL ? equals + 1 : arguments[1];
        const size_t length = equals != NULL ? (size_t)(equals - *arguments) : strlen(*arguments);
        const char *name;
        int found;

        if (!text_starts_with(*arguments, "--") || length < 3)
            return fail(ERR_INVALID, "expected --NAME=VALUE, got %s", *arguments);
        name = arena_strndup(arena, *arguments + 2, length - 2);
        if (value == NULL)
            return fail(ERR_INVALID, "--%s: expected a value", name);
        TRY(found = set(own, name, value, *own_values, arena));
        if (found == 0)
            TRY(found = set(common_flags, name, value, *common_values, arena));
        if (found == 0)
            return fail(ERR_INVALID, "no flag --%s: see --help", name);
        arguments += equals == NULL;
    }
    return check_required(own, *own_values);
}

int read_words(const char *what, const char *text, struct arena *arena, struct node **root)
{
    char *json = arena_strdup(arena, text);

    for (char *c = json; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    if (json_read(json, strlen(json), arena, root) < 0)
        return fail(ERR_INVALID, "%s: %s", what, arena_strdup(arena, fail_message()));
    return 0;
}
