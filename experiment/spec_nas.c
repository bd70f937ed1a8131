/*
 * spec.nasConfig: the space of its architectures, in the shape that suggest_problem asks for.
 */
#include "base/status.h"
#include "experiment/reader.h"
#include "nas/genotype.h"
#include "nas/search_space.h"

static const char *const skip_texts[] = { "0", "1" };

static struct parameter *build_operations(struct reader *reader, struct parameter *parameters)
{
    const struct spec *spec = reader->spec;
    const char **ids = arena_array(reader->arena, spec->choices.n, sizeof *ids);

    for (size_t k = 0; k < spec->choices.n; k++)
        ids[k] = arena_printf(reader->arena, "%zu", k);
    for (size_t i = 1; i <= spec->n_layers; i++)
        *parameters++ = (struct parameter){
            .name = arena_printf(reader->arena, "operation_%zu", i),
            .type = PARAMETER_CATEGORICAL,
            .n_choices = spec->choices.n,
            .choices = ids,
        };
    return parameters;
}

static void build_skips(struct reader *reader, struct parameter *parameters)
{
    for (size_t i = 1; i <= reader->spec->n_layers; i++)
        for (size_t k = 1; k < i; k++)
            *parameters++ = (struct parameter){
                .name = arena_printf(reader->arena, "skip_%zu_%zu", i, k),
                .type = PARAMETER_CATEGORICAL,
                .n_choices = 2,
                .choices = skip_texts,
            };
}

/* Katib's architectures have skips unless spec.hone.skips says otherwise; its type is checked with spec.hone. */
static void build_space(struct reader *reader, bool has_skips)
{
    struct spec *spec = reader->spec;
    size_t n = spec->n_layers, n_skips = has_skips ? n * (n - 1) / 2 : 0;
    struct parameter *parameters = arena_array(reader->arena, n + n_skips, sizeof *parameters);
    struct parameter *rest = build_operations(reader, parameters);

    if (has_skips)
        build_skips(reader, rest);
    spec->space = (struct space){ n + n_skips, parameters };
}

void read_architectures(struct reader *reader, struct fields *spec, const struct node *nas_config)
{
    struct spec *out = reader->spec;
    struct fields algorithm;
    size_t n_errors = reader->faults->n_errors;
    int64_t n_layers = 0;
    bool has_skips = true;

    fields_child(spec, "algorithm", &algorithm);
    const char *method = fields_text(&algorithm, "algorithmName", "");
    nas_check(nas_config, method, reader->file, reader->arena, reader->faults);
    out->nas_config = nas_config;
    if (reader->faults->n_errors > n_errors)
        return;
    node_to_integer(node_path(nas_config, "graphConfig.numLayers"), &n_layers);
    bool is_chosen = text_equal(method, "enas"); /* else the trial itself searches */
    if (is_chosen && nas_expand(nas_config, reader->arena, &out->choices) < 0) {
        fields_error(spec, "nasConfig", "%s", fail_message());
        return;
    }
    out->n_layers = (size_t)n_layers;
    node_to_boolean(node_path(spec->map, "hone.skips"), &has_skips);
    if (is_chosen)
        build_space(reader, has_skips);
}
