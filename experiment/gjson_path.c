/*
 * Reading GJSON paths.
 */
#include "experiment/gjson_path.h"

#include <string.h>

#include "base/status.h"
#include "base/text.h"

static const char *const operators[] = { "==", "!=", "<=", ">=", "!%", "=", "<", ">", "%", NULL };

/* Offset of the byte behind the bracket that closes the one at text[0]; 0: it is never closed. */
static size_t skip_brackets(const char *text)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == '\\' && text[i + 1] != '\0')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '(' || text[i] == '['))
            depth++;
        else if (!quoted && (text[i] == ')' || text[i] == ']') && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* The first operator of a query outside of quotes and brackets, and where it stands; NULL: none. */
static const char *find_operator(const char *text, size_t *at)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == '\\' && text[i + 1] != '\0') {
            i++;
        } else if (text[i] == '(' || text[i] == '[') {
            size_t skipped = skip_brackets(text + i);

            i += skipped > 0 ? skipped - 1 : 0;
        } else if (text[i] == '"') {
            const char *end = strchr(text + i + 1, '"');

            if (end == NULL)
                return NULL;
            i = (size_t)(end - text);
        } else {
            for (size_t k = 0; operators[k] != NULL; k++) {
                if (text_starts_with(text + i, operators[k])) {
                    *at = i;
                    return operators[k];
                }
            }
        }
    }
    return NULL;
}

static const char *trimmed(const char *text, size_t length, struct arena *arena)
{
    while (length > 0 && *text == ' ')
        text++, length--;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return arena_strndup(arena, text, length);
}

/* Text without backslashes before what they protect. */
static const char *unescaped(const char *text, size_t length, struct arena *arena)
{
    char *out = arena_alloc(arena, length + 1);
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\' && i + 1 < length)
            i++;
        out[n++] = text[i];
    }
    return out;
}

static int compile_query(const char *text, struct arena *arena, const struct query **out)
{
    struct query *query = arena_alloc(arena, sizeof *query);
    size_t at = strlen(text);
    const char *left, *right;

    query->op = find_operator(text, &at);
    left = trimmed(text, at, arena);
    if (*left != '\0')
        TRY(gjson_compile(left, arena, &query->left));
    else if (query->op == NULL)
        return fail(ERR_INVALID, "expected a query between the brackets of #(...), got nothing");
    if (query->op != NULL) {
        right = trimmed(text + at + strlen(query->op), strlen(text + at + strlen(query->op)), arena);
        if (*right == '"') {
            size_t length = strlen(right);

            if (length < 2 || right[length - 1] != '"')
                return fail(ERR_INVALID, "expected a closing quote, got %s", right);
            right = unescaped(right + 1, length - 2, arena);
        }
        query->right = right;
    }
    *out = query;
    return 0;
}

/* One step at path; *length is what it takes. */
static int compile_step(const char *path, struct arena *arena, struct step *step, size_t *length)
{
    if (text_starts_with(path, "#(")) {
        size_t end = skip_brackets(path + 1);

        if (end == 0)
            return fail(ERR_INVALID, "expected a closing bracket, got %s", path);
        step->kind = path[1 + end] == '#' ? STEP_ALL : STEP_FIRST;
        *length = 1 + end + (step->kind == STEP_ALL);
        return compile_query(arena_strndup(arena, path + 2, end - 2), arena, &step->query);
    }
    if (*path == '[' || *path == '{') {
        if (!text_starts_with(path, "[@this]"))
            return fail(ERR_INVALID, "expected [@this], got %s: other multipaths are not understood", path);
        step->kind = STEP_WRAP;
        *length = strlen("[@this]");
        return 0;
    }
    for (*length = 0; path[*length] != '\0' && path[*length] != '.' && path[*length] != '|'; ++*length) {
        if (path[*length] == '*' || path[*length] == '?')
            return fail(ERR_INVALID, "expected a key, got %s: wildcards are not understood", path);
        if (path[*length] == '\\' && path[*length + 1] != '\0')
            ++*length;
    }
    step->key = unescaped(path, *length, arena);
    step->kind = *length == 1 && *path == '#'                     ? STEP_EACH
                 : text_equal(step->key, "@this") && *path == '@' ? STEP_THIS
                                                                  : STEP_KEY;
    if (*length == 0)
        return fail(ERR_INVALID, "expected a key, got \"%s\"", path);
    if (*path == '@' && step->kind == STEP_KEY)
        return fail(ERR_INVALID, "expected @this, got %s: other modifiers are not understood", step->key);
    return 0;
}

int gjson_compile(const char *path, struct arena *arena, struct steps *steps)
{
    size_t length = strlen(path);
    bool piped = false;

    if (length > GJSON_PATH_LIMIT)
        return fail(ERR_INVALID, "expected a path of at most %d bytes, got %zu", GJSON_PATH_LIMIT, length);
    steps->n = 0;
    steps->items = arena_array(arena, length + 1, sizeof *steps->items);
    while (true) {
        struct step *step = &steps->items[steps->n++];
        size_t taken = 0;

        step->piped = piped;
        TRY(compile_step(path, arena, step, &taken));
        path += taken;
        if (*path == '\0')
            return 0;
        if (*path != '.' && *path != '|')
            return fail(ERR_INVALID, "expected a dot or a bar, got %s", path);
        piped = *path++ == '|';
    }
}
