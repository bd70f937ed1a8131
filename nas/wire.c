/*
 * Katib's texts for trials (pkg/suggestion/v1beta1/nas: enas/service.py, darts/service.py).
 */
#include "nas/wire.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

/* A text as json.dumps escapes it, but for characters outside ASCII, which stay. */
static void print_text(const char *text, struct text *out)
{
    static const char plain[] = "\"\\\n\r\t", *const escaped[] = { "\\'", "\\\\", "\\n", "\\r", "\\t" };

    text_add_char(out, '\'');
    for (; *text != '\0'; text++) {
        const char *special = strchr(plain, *text);
        if (special != NULL)
            text_add(out, escaped[special - plain]);
        else if ((unsigned char)*text < ' ')
            text_printf(out, "\\u%04x", (unsigned)*text);
        else
            text_add_char(out, *text);
    }
    text_add_char(out, '\'');
}

/* As Python writes a float. */
static void print_real(double value, struct text *out)
{
    char buffer[NUMBER_TEXT_SIZE];

    text_add(out, number_format(value, buffer));
    if (strpbrk(buffer, ".en") == NULL)
        text_add(out, ".0");
}

static void print(const struct node *node, struct text *out)
{
    switch (node->kind) {
    case NODE_INTEGER:
        text_printf(out, "%lld", (long long)node->integer);
        return;
    case NODE_REAL:
        print_real(node->real, out);
        return;
    case NODE_TEXT:
        print_text(node->text, out);
        return;
    case NODE_LIST:
    case NODE_MAP:
        break;
    default:
        text_add(out, "null");
        return;
    }
    text_add_char(out, node->kind == NODE_MAP ? '{' : '[');
    for (size_t i = 0; i < node->length; i++) {
        text_add(out, i > 0 ? ", " : "");
        if (node->kind == NODE_MAP) {
            print_text(node->keys[i]->text, out);
            text_add(out, ": ");
        }
        print(node->items[i], out);
    }
    text_add_char(out, node->kind == NODE_MAP ? '}' : ']');
}

static struct node *sizes(const struct node *list, struct arena *arena)
{
    struct node *copy = node_list(arena);
    int64_t size;

    for (size_t i = 0; list != NULL && i < list->length; i++)
        if (node_to_integer(list->items[i], &size))
            node_add(arena, copy, node_integer(arena, size));
    return copy;
}

static struct node *describe(const struct nas_choice *choice, unsigned id, struct arena *arena)
{
    struct node *map = node_map(arena), *parameters = node_map(arena);

    node_set(arena, map, "opt_id", node_integer(arena, id));
    node_set(arena, map, "opt_type", node_text(arena, choice->type));
    node_set(arena, map, "opt_params", parameters);
    for (size_t i = 0; i < choice->n_parameters; i++)
        node_set(arena, parameters, choice->names[i], node_copy(arena, choice->values[i]));
    return map;
}

void wire_nn_config(const struct node *nas_config, const struct nas_choices *choices, const struct macro *macro,
                    struct text *out)
{
    const struct node *graph = node_get(nas_config, "graphConfig");
    struct arena arena = { 0 };
    struct node *root = node_map(&arena), *embedding = node_map(&arena);

    node_set(&arena, root, "num_layers", node_integer(&arena, macro->n_layers));
    node_set(&arena, root, "input_sizes", sizes(node_get(graph, "inputSizes"), &arena));
    node_set(&arena, root, "output_sizes", sizes(node_get(graph, "outputSizes"), &arena));
    node_set(&arena, root, "embedding", embedding);
    for (unsigned i = 0; i < macro->n_layers; i++) {
        unsigned id = macro->operations[i];
        node_set(&arena, embedding, arena_printf(&arena, "%u", id), describe(&choices->items[id], id, &arena));
    }
    print(root, out);
    arena_release(&arena);
}

void wire_search_space(const struct node *nas_config, struct text *out)
{
    const struct node *operations = node_get(nas_config, "operations");
    struct arena arena = { 0 };
    struct node *names = node_list(&arena);

    for (size_t i = 0; i < operations->length; i++) {
        const char *type = node_to_text(&arena, node_get(operations->items[i], "operationType"));
        const struct node *parameters = node_get(operations->items[i], "parameters");
        bool is_bare = text_equal(type, "skip_connection") || parameters == NULL || parameters->length == 0;
        const struct node *windows = is_bare ? NULL : node_path(parameters->items[0], "feasibleSpace.list");

        if (is_bare)
            node_add(&arena, names, node_text(&arena, type));
        for (size_t k = 0; windows != NULL && k < windows->length; k++) {
            const char *side = node_to_text(&arena, windows->items[k]);
            node_add(&arena, names, node_text(&arena, arena_printf(&arena, "%s_%sx%s", type, side, side)));
        }
    }
    print(names, out);
    arena_release(&arena);
}

void wire_settings(const struct setting *defaults, const struct node *given, struct text *out)
{
    struct arena arena = { 0 };
    struct node *map = node_map(&arena);

    for (const struct setting *row = defaults; row->name != NULL; row++)
        node_set(&arena, map, row->name,
                 row->type == SETTING_INTEGER ? node_integer(&arena, (int64_t)row->fallback)
                                              : node_real(&arena, row->fallback));
    for (size_t i = 0; given != NULL && i < given->length; i++) {
        const char *name = node_to_text(&arena, node_get(given->items[i], "name"));
        const char *value = node_to_text(&arena, node_get(given->items[i], "value"));
        node_set(&arena, map, name,
                 text_equal(value, "None") ? node_null(&arena) : node_text(&arena, value != NULL ? value : ""));
    }
    print(map, out);
    arena_release(&arena);
}
