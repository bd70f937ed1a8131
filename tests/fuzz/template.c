/*
 * Any bytes as an Experiment file: read, shown, compared with itself, and one trial rendered.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "experiment/spec.h"
#include "experiment/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values that would break out of a template that is put together as text. */
static const char *const hostile[] = { "0.5", "\"}\n- x: '", "${trialParameters.a}", "{{[[\\", NULL };

static void use(const struct spec *spec)
{
    const struct trial_identity identity = { "fuzz-bcdfghjk", "default" };
    struct arena arena = { 0 };
    struct text text = { 0 };
    struct node *manifest;
    const char **values = arena_array(&arena, spec->space.n, sizeof *values);
    bool only_budget;

    for (size_t i = 0; i < spec->space.n; i++)
        values[i] = hostile[i % (sizeof hostile / sizeof *hostile)];
    if (template_render(spec, &identity, values, &arena, &manifest) == 0)
        json_write(manifest, JSON_COMPACT, &text);
    json_write(spec_to_node(spec, &arena), JSON_COMPACT, &text);
    text_clear(&text);
    if (spec_differences(spec, spec, &text, &only_budget) != 0 || !only_budget)
        abort();
    text_release(&text);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = xmalloc(size + 1);
    const struct source_file file = { "/fuzz/exp.yaml", "exp.yaml", copy, size };
    struct faults faults = { 0 };
    struct text printed = { 0 };
    struct bundle bundle;

    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\0';
    if (bundle_parse(&bundle, &file, 1, &file, NULL, false, &faults) == 0) {
        for (size_t i = 0; i < bundle.n_specs; i++)
            use(bundle.specs[i]);
    }
    faults_print(&faults, &printed);
    text_release(&printed);
    faults_release(&faults);
    bundle_release(&bundle);
    free(copy);
    return 0;
}
