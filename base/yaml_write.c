/*
 * Writing YAML by libyaml's emitter: plain where it reads back the same everywhere, literal blocks for tame texts of
 * several lines, double quotes for all else.
 */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/number.h"
#include "base/yaml.h"

/* Words that are no text to some reader: the core schema's, and those of YAML 1.1. */
static bool is_special_word(const char *text)
{
    static const char *const words[] = { "",   "~",  "null", "true", "false", "y",   "n",   "yes",
                                         "no", "on", "off",  "=",    "<<",    "nan", "inf", NULL };

    for (const char *const *word = words; *word != NULL; word++) {
        if (strcasecmp(text, *word) == 0)
            return true;
    }
    return false;
}

/* Numbers, dates, times and addresses begin like this; so do some names, which are quoted for nothing. */
static bool begins_like_a_number(const char *text)
{
    const char *c = text + (*text == '-' || *text == '+');

    return (*c >= '0' && *c <= '9') || *c == '.';
}

/* Every line has something to show, begins and ends with a visible character, and nothing needs an escape. */
static bool is_tame_block(const char *text, size_t length)
{
    if (memchr(text, '\n', length) == NULL || *text == ' ' || *text == '\n')
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c != '\n' && (c < 0x20 || c > 0x7E))
            return false;
        if (c == '\n' && i > 0 && (text[i - 1] == ' ' || (text[i - 1] == '\n' && i + 1 == length)))
            return false;
    }
    return text[length - 1] != ' ';
}

static yaml_scalar_style_t style_of(const char *text, size_t length)
{
    if (is_tame_block(text, length))
        return YAML_LITERAL_SCALAR_STYLE;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    }
    if (is_special_word(text) || begins_like_a_number(text) || text[0] == ' ' || text[length - 1] == ' ')
        return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return YAML_PLAIN_SCALAR_STYLE;
}

/* The emitter fails only when memory does, or at bytes that are no UTF-8, which do not get here. */
static void emit(yaml_emitter_t *emitter, yaml_event_t *event, int is_made)
{
    if (!is_made || !yaml_emitter_emit(emitter, event))
        abort();
}

static void emit_styled(yaml_emitter_t *emitter, const char *text, size_t length, yaml_scalar_style_t style)
{
    yaml_event_t event;
    int is_made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)length, 1, 1, style);

    emit(emitter, &event, is_made);
}

static void emit_repaired(yaml_emitter_t *emitter, const char *text, size_t length)
{
    struct text repaired = { 0 };

    text_add_utf8(&repaired, text, length);
    emit_styled(emitter, repaired.data, repaired.length, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    text_release(&repaired);
}

static void emit_text(yaml_emitter_t *emitter, const struct node *node)
{
    size_t bad;

    if (!text_is_utf8(node->text, node->length, &bad))
        emit_repaired(emitter, node->text, node->length);
    else if (node->kind == NODE_TEXT && !node->quoted)
        emit_styled(emitter, node->text, node->length, YAML_PLAIN_SCALAR_STYLE);
    else
        emit_styled(emitter, node->text, node->length, style_of(node->text, node->length));
}

static void emit_key(yaml_emitter_t *emitter, const struct node *key)
{
    struct node quoted = *key;

    quoted.quoted = true;
    emit_text(emitter, &quoted);
}

static void emit_word(yaml_emitter_t *emitter, const char *word)
{
    emit_styled(emitter, word, strlen(word), YAML_PLAIN_SCALAR_STYLE);
}

static void emit_real(yaml_emitter_t *emitter, double value)
{
    char buffer[NUMBER_TEXT_SIZE];

    emit_word(emitter, isnan(value)                ? ".nan"
                       : isinf(value) && value > 0 ? ".inf"
                       : isinf(value)              ? "-.inf"
                                                   : number_format(value, buffer));
}

static void emit_bytes(yaml_emitter_t *emitter, const struct node *node)
{
    struct text digits = { 0 };

    text_add_base64(&digits, node->text, node->length);
    emit_styled(emitter, text_string(&digits), digits.length, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    text_release(&digits);
}

static void emit_node(yaml_emitter_t *emitter, const struct node *node);

static void emit_list(yaml_emitter_t *emitter, const struct node *node)
{
    yaml_event_t event;

    emit(emitter, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
    for (size_t i = 0; i < node->length; i++)
        emit_node(emitter, node->items[i]);
    emit(emitter, &event, yaml_sequence_end_event_initialize(&event));
}

static void emit_map(yaml_emitter_t *emitter, const struct node *node)
{
    yaml_event_t event;

    emit(emitter, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
    for (size_t i = 0; i < node->length; i++) {
        emit_key(emitter, node->keys[i]);
        emit_node(emitter, node->items[i]);
    }
    emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
}

static void emit_node(yaml_emitter_t *emitter, const struct node *node)
{
    char digits[NUMBER_TEXT_SIZE];

    switch (node->kind) {
    case NODE_NULL:
        emit_word(emitter, "null");
        break;
    case NODE_BOOL:
        emit_word(emitter, node->boolean ? "true" : "false");
        break;
    case NODE_INTEGER:
        snprintf(digits, sizeof digits, "%" PRId64, node->integer);
        emit_word(emitter, digits);
        break;
    case NODE_REAL:
        emit_real(emitter, node->real);
        break;
    case NODE_TEXT:
        emit_text(emitter, node);
        break;
    case NODE_BYTES:
        emit_bytes(emitter, node);
        break;
    case NODE_LIST:
        emit_list(emitter, node);
        break;
    case NODE_MAP:
        emit_map(emitter, node);
        break;
    }
}

static int add_bytes(void *out, unsigned char *bytes, size_t length)
{
    text_add_bytes(out, bytes, length);
    return 1;
}

void yaml_write(const struct node *node, struct text *out)
{
    yaml_emitter_t emitter;
    yaml_event_t event;

    if (!yaml_emitter_initialize(&emitter))
        abort();
    yaml_emitter_set_output(&emitter, add_bytes, out);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    emit(&emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&emitter, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    emit_node(&emitter, node);
    emit(&emitter, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&emitter, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_delete(&emitter);
}
