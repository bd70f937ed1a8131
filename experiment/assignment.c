/*
 * Assignments: values as the texts that a trial is given.
 */
#include "experiment/assignment.h"

#include "nas/wire.h"

static const char *const enas_names[] = { "architecture", "nn_config", NULL };
static const char *const darts_names[] = { "algorithm-settings", "search-space", "num-layers", NULL };

/* NULL: the search parameters' own. */
static const char *const *fixed_names(const struct spec *spec)
{
    if (spec->nas_config == NULL)
        return NULL;
    return spec->space.n > 0 ? enas_names : darts_names;
}

size_t assignment_count(const struct spec *spec)
{
    const char *const *names = fixed_names(spec);
    size_t n = 0;

    while (names != NULL && names[n] != NULL)
        n++;
    return names != NULL ? n : spec->space.n;
}

const char *assignment_name(const struct spec *spec, size_t i)
{
    const char *const *names = fixed_names(spec);

    return names != NULL ? names[i] : spec->space.parameters[i].name;
}

size_t assignment_find(const struct spec *spec, const char *name)
{
    size_t n = assignment_count(spec), i = 0;

    while (i < n && !text_equal(assignment_name(spec, i), name))
        i++;
    return i;
}

static const char *take_text(struct text *text, struct arena *arena)
{
    const char *copy = arena_strdup(arena, text_string(text));

    text_release(text);
    return copy;
}

/* Operations first, then the skips layer by layer: the order of suggest_problem. */
static struct macro to_macro(const struct spec *spec, const double *values)
{
    size_t n_layers = spec->n_layers, at = n_layers;
    struct macro macro = { .n_layers = (unsigned)n_layers };

    for (size_t i = 0; i < n_layers; i++) {
        macro.operations[i] = (unsigned)values[i];
        for (size_t k = 0; k < i && at < spec->space.n; k++)
            macro.skips[i] |= (uint64_t)values[at++] << k;
    }
    return macro;
}

static void enas_texts(const struct spec *spec, const double *values, struct arena *arena, const char **texts)
{
    const struct macro macro = to_macro(spec, values);
    struct text architecture = { 0 }, nn_config = { 0 };

    macro_print(&macro, &architecture);
    wire_nn_config(spec->nas_config, &spec->choices, &macro, &nn_config);
    texts[0] = take_text(&architecture, arena);
    texts[1] = take_text(&nn_config, arena);
}

static void darts_texts(const struct spec *spec, struct arena *arena, const char **texts)
{
    struct text settings = { 0 }, search_space = { 0 };

    wire_settings(spec->method->settings, node_path(spec->node, "spec.algorithm.algorithmSettings"), &settings);
    wire_search_space(spec->nas_config, &search_space);
    texts[0] = take_text(&settings, arena);
    texts[1] = take_text(&search_space, arena);
    texts[2] = arena_printf(arena, "%zu", spec->n_layers);
}

const char *const *assignment_texts(const struct spec *spec, const double *values, struct arena *arena)
{
    const char **texts = arena_array(arena, assignment_count(spec) + 1, sizeof *texts);

    if (spec->nas_config == NULL)
        for (size_t i = 0; i < spec->space.n; i++)
            texts[i] = space_format(&spec->space, i, values[i], arena);
    else if (spec->space.n > 0)
        enas_texts(spec, values, arena, texts);
    else
        darts_texts(spec, arena, texts);
    return texts;
}
