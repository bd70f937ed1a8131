/*
 * Writing JSON. jansson's writer wants a tree of its own, and its header takes names of ours (JSON_COMPACT).
 */
#include <inttypes.h>
#include <math.h>

#include "base/json.h"
#include "base/number.h"

enum { INDENT = 2 };

static void write_escaped(const char *bytes, size_t length, struct text *out)
{
    static const char short_names[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
    size_t start = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        text_add_bytes(out, bytes + start, i - start);
        start = i + 1;
        if (c == '"' || c == '\\')
            text_printf(out, "\\%c", c);
        else if (c < sizeof short_names && short_names[c] != 0)
            text_printf(out, "\\%c", short_names[c]);
        else
            text_printf(out, "\\u%04x", c);
    }
    text_add_bytes(out, bytes + start, length - start);
}

/* What is written is JSON whatever a program printed. */
static void write_text(const char *bytes, size_t length, struct text *out)
{
    struct text repaired = { 0 };
    size_t bad;

    if (!text_is_utf8(bytes, length, &bad)) {
        text_add_utf8(&repaired, bytes, length);
        bytes = repaired.data;
        length = repaired.length;
    }
    text_add_char(out, '"');
    write_escaped(bytes, length, out);
    text_add_char(out, '"');
    text_release(&repaired);
}

static void write_real(double value, struct text *out)
{
    char buffer[NUMBER_TEXT_SIZE];

    text_add(out, isfinite(value) ? number_format(value, buffer) : "null");
}

static void write_line_break(enum json_style style, unsigned depth, struct text *out)
{
    if (style == JSON_INDENTED)
        text_printf(out, "\n%*s", (int)depth * INDENT, "");
}

static void write_bytes(const struct node *node, struct text *out)
{
    text_add_char(out, '"');
    text_add_base64(out, node->text, node->length);
    text_add_char(out, '"');
}

static void write_node(const struct node *node, enum json_style style, unsigned depth, struct text *out);

static void write_members(const struct node *node, enum json_style style, unsigned depth, struct text *out)
{
    for (size_t i = 0; i < node->length; i++) {
        if (i > 0)
            text_add_char(out, ',');
        write_line_break(style, depth + 1, out);
        if (node->kind == NODE_MAP) {
            write_text(node->keys[i]->text, node->keys[i]->length, out);
            text_add(out, style == JSON_COMPACT ? ":" : ": ");
        }
        write_node(node->items[i], style, depth + 1, out);
    }
    if (node->length > 0)
        write_line_break(style, depth, out);
}

static void write_node(const struct node *node, enum json_style style, unsigned depth, struct text *out)
{
    switch (node->kind) {
    case NODE_NULL:
        text_add(out, "null");
        break;
    case NODE_BOOL:
        text_add(out, node->boolean ? "true" : "false");
        break;
    case NODE_INTEGER:
        text_printf(out, "%" PRId64, node->integer);
        break;
    case NODE_REAL:
        write_real(node->real, out);
        break;
    case NODE_TEXT:
        write_text(node->text, node->length, out);
        break;
    case NODE_BYTES:
        write_bytes(node, out);
        break;
    case NODE_LIST:
    case NODE_MAP:
        text_add_char(out, node->kind == NODE_MAP ? '{' : '[');
        write_members(node, style, depth, out);
        text_add_char(out, node->kind == NODE_MAP ? '}' : ']');
        break;
    }
}

void json_write(const struct node *node, enum json_style style, struct text *out)
{
    struct arena arena = { 0 };

    write_node(node_resolve(&arena, node), style, 0, out);
    arena_release(&arena);
}
