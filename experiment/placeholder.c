/*
 * Finding placeholders and reading references.
 */
#include "experiment/placeholder.h"

#include <string.h>

static const char opening[] = "${trialParameters.";

bool placeholder_find(const char *text, struct placeholder *placeholder)
{
    const char *start = strstr(text, opening), *end;

    if (start == NULL)
        return false;
    end = strchr(start, '}');
    if (end == NULL)
        return false;
    *placeholder = (struct placeholder){
        .start = start,
        .end = end + 1,
        .name = start + strlen(opening),
        .length = (size_t)(end - start) - strlen(opening),
    };
    return true;
}

size_t placeholder_parameter(const struct trial_template *template, const struct placeholder *placeholder)
{
    size_t i = 0;

    for (; i < template->n_parameters; i++) {
        const char *name = template->parameters[i].name;

        if (name != NULL && strlen(name) == placeholder->length &&
            memcmp(name, placeholder->name, placeholder->length) == 0)
            break;
    }
    return i;
}

/* "Labels[key]" -> key, when text is `what` and brackets. */
static bool is_indexed(const char *text, const char *what, struct arena *arena, const char **key)
{
    size_t length = strlen(text), before = strlen(what) + 1;

    if (!text_starts_with(text, what) || text[before - 1] != '[' || length < before + 2 || text[length - 1] != ']')
        return false;
    *key = arena_strndup(arena, text + before, length - before - 1);
    return true;
}

enum reference_kind reference_parse(const char *reference, struct arena *arena, const char **key)
{
    static const char *const names[] = { "Name", "Namespace", "Kind", "APIVersion" };
    static const enum reference_kind kinds[] = { REFERENCE_NAME, REFERENCE_NAMESPACE, REFERENCE_KIND,
                                                 REFERENCE_API_VERSION };
    static const char prefix[] = "${trialSpec.";
    const char *what;

    *key = NULL;
    if (!text_starts_with(reference, prefix) || !text_ends_with(reference, "}"))
        return REFERENCE_PARAMETER;
    what = arena_strndup(arena, reference + strlen(prefix), strlen(reference) - strlen(prefix) - 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(what, names[i]) == 0)
            return kinds[i];
    }
    if (is_indexed(what, "Annotations", arena, key))
        return REFERENCE_ANNOTATION;
    return is_indexed(what, "Labels", arena, key) ? REFERENCE_LABEL : REFERENCE_UNKNOWN;
}

bool placeholder_list_drops(const char *key)
{
    return text_equal(key, "args") || text_equal(key, "command") || text_equal(key, "env");
}
