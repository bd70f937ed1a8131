/*
 * Chains of layers with skip connections, as Katib's `architecture` writes them.
 */
#include <string.h>

#include "base/status.h"
#include "nas/cursor.h"
#include "nas/genotype.h"

void macro_print(const struct macro *macro, struct text *out)
{
    text_add_char(out, '[');
    for (unsigned i = 0; i < macro->n_layers; i++) {
        text_printf(out, "%s[%u", i > 0 ? ", " : "", macro->operations[i]);
        for (unsigned k = 0; k < i; k++)
            text_printf(out, ", %u", (unsigned)(macro->skips[i] >> k & 1));
        text_add_char(out, ']');
    }
    text_add_char(out, ']');
}

static int parse_layer(struct cursor *cursor, unsigned n_operations, unsigned layer, struct macro *macro)
{
    unsigned bit;

    TRY(cursor_expect(cursor, "["));
    TRY(cursor_unsigned(cursor, n_operations - 1, &macro->operations[layer]));
    for (unsigned k = 0; k < layer; k++) {
        TRY(cursor_expect(cursor, ","));
        TRY(cursor_unsigned(cursor, 1, &bit));
        macro->skips[layer] |= (uint64_t)bit << k;
    }
    return cursor_expect(cursor, "]");
}

int macro_parse(const char *text, unsigned n_operations, struct macro *macro)
{
    struct cursor cursor = { "architecture", text, text };

    memset(macro, 0, sizeof *macro);
    TRY(cursor_expect(&cursor, "["));
    do {
        if (macro->n_layers == MACRO_LAYERS_LIMIT)
            return cursor_fault(&cursor, "at most 64 layers");
        TRY(parse_layer(&cursor, n_operations, macro->n_layers, macro));
        macro->n_layers++;
    } while (cursor_take(&cursor, ","));
    TRY(cursor_expect(&cursor, "]"));
    return cursor_end(&cursor);
}
