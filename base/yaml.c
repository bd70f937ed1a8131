/*
 * Reading YAML: libyaml's events, one at a time, into a tree. The first thing that is too much ends it, so a hostile
 * megabyte costs milliseconds; only repeated keys are collected.
 */
#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/status.h"

struct reader {
    yaml_parser_t parser;
    const char *text;
    size_t length;
    const char *file;
    struct arena *arena;
    struct faults *faults;
    size_t n_nodes;
};

/* libyaml counts from 0. */
static struct node place_of(const yaml_mark_t *mark)
{
    return (struct node){ .line = (unsigned)mark->line + 1, .column = (unsigned)mark->column + 1 };
}

/* Columns count characters, as libyaml's do. */
static struct node place_at(const char *text, size_t offset)
{
    struct node place = { .line = 1, .column = 1 };

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static int refuse(struct reader *reader, const struct node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Note the fault, and fail with the same words. */
static int refuse(struct reader *reader, const struct node *at, const char *format, ...)
{
    char message[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    faults_error(reader->faults, reader->file, at, NULL, "%s", message);
    if (at->line == 0)
        return fail(ERR_INVALID, "%s: %s", reader->file ? reader->file : "YAML", message);
    return fail(ERR_INVALID, "%s:%u:%u: %s", reader->file ? reader->file : "YAML", at->line, at->column, message);
}

static int refuse_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    struct node place = place_of(&parser->problem_mark);
    const char *problem = parser->problem ? parser->problem : "unknown error";

    if (parser->error == YAML_READER_ERROR) {
        place = place_at(reader->text, parser->problem_offset);
        return refuse(reader, &place, "expected YAML, got a character that it does not allow: %s", problem);
    }
    if (parser->context == NULL)
        return refuse(reader, &place, "expected YAML, got a mistake: %s", problem);
    return refuse(reader, &place, "expected YAML, got a mistake: %s, %s that begins on line %zu", problem,
                  parser->context, parser->context_mark.line + 1);
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
    return yaml_parser_parse(&reader->parser, event) ? 0 : refuse_syntax(reader);
}

static bool is_null(const yaml_event_t *event)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
            strcmp((const char *)event->data.scalar.value, words[i]) == 0)
            return true;
    }
    return false;
}

static struct node *scalar_of(struct reader *reader, const yaml_event_t *event, bool is_key)
{
    if (is_null(event) && !is_key)
        return node_null(reader->arena);

    struct node *node = node_text_bytes(reader->arena, (const char *)event->data.scalar.value,
                                        event->data.scalar.length);

    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return node;
}

static int refuse_extras(struct reader *reader, const struct node *place, const yaml_char_t *anchor,
                         const yaml_char_t *tag)
{
    if (anchor != NULL)
        return refuse(reader, place, "expected no anchors, got &%.80s: write the value where it is used",
                      (const char *)anchor);
    if (tag != NULL)
        return refuse(reader, place, "expected no tags, got %.80s: quote a text, leave a number plain",
                      (const char *)tag);
    return 0;
}

static int read_node(struct reader *reader, yaml_event_t *event, unsigned depth, bool is_key, struct node **node);

static int read_list(struct reader *reader, unsigned depth, struct node *list)
{
    for (;;) {
        yaml_event_t event;
        struct node *item;

        TRY(next_event(reader, &event));
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        TRY(read_node(reader, &event, depth + 1, false, &item));
        node_add(reader->arena, list, item);
    }
}

static void check_keys(struct reader *reader, const struct node *map)
{
    const struct node *first = NULL, *repeated = node_repeated_key(map, &first);

    if (repeated != NULL)
        (void)refuse(reader, repeated, "expected each key once, got \"%.80s\" on line %u and again on line %u",
                     repeated->text, first->line, repeated->line);
}

static int read_map(struct reader *reader, unsigned depth, struct node *map)
{
    for (;;) {
        yaml_event_t event;
        struct node *key, *value;

        TRY(next_event(reader, &event));
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            check_keys(reader, map);
            return 0;
        }
        TRY(read_node(reader, &event, depth + 1, true, &key));
        TRY(next_event(reader, &event));
        TRY(read_node(reader, &event, depth + 1, false, &value));
        node_append(reader->arena, map, key, value);
    }
}

static int check_event(struct reader *reader, const yaml_event_t *event, unsigned depth, bool is_key)
{
    struct node place = place_of(&event->start_mark);

    if (event->type == YAML_ALIAS_EVENT)
        return refuse(reader, &place, "expected no aliases, got *%.80s: write the value again",
                      (const char *)event->data.alias.anchor);
    if (++reader->n_nodes > YAML_NODE_LIMIT)
        return refuse(reader, &place, "expected at most %d values in a file, got more", YAML_NODE_LIMIT);
    if (depth > YAML_DEPTH_LIMIT)
        return refuse(reader, &place, "expected at most %d levels, got more", YAML_DEPTH_LIMIT);
    if (is_key && event->type != YAML_SCALAR_EVENT)
        return refuse(reader, &place, "expected a text as key, got a %s",
                      event->type == YAML_MAPPING_START_EVENT ? "map" : "list");
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return refuse_extras(reader, &place, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    if (event->type == YAML_MAPPING_START_EVENT)
        return refuse_extras(reader, &place, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    TRY(refuse_extras(reader, &place, event->data.scalar.anchor, event->data.scalar.tag));
    if (memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL)
        return refuse(reader, &place, "expected a text without NUL, got \\0 in it");
    return 0;
}

static struct node *node_of(struct reader *reader, const yaml_event_t *event, bool is_key)
{
    struct node place = place_of(&event->start_mark);
    struct node *node = event->type == YAML_SCALAR_EVENT           ? scalar_of(reader, event, is_key)
                        : event->type == YAML_SEQUENCE_START_EVENT ? node_list(reader->arena)
                                                                   : node_map(reader->arena);

    node->line = place.line;
    node->column = place.column;
    return node;
}

/* Takes the event. */
static int read_node(struct reader *reader, yaml_event_t *event, unsigned depth, bool is_key, struct node **node)
{
    yaml_event_type_t type = event->type;
    int status = check_event(reader, event, depth, is_key);

    if (status < 0) {
        yaml_event_delete(event);
        return status;
    }
    *node = node_of(reader, event, is_key);
    yaml_event_delete(event);
    if (type == YAML_SEQUENCE_START_EVENT)
        return read_list(reader, depth, *node);
    return type == YAML_MAPPING_START_EVENT ? read_map(reader, depth, *node) : 0;
}

static int read_documents(struct reader *reader, struct node *documents)
{
    for (size_t n_documents = 0;;) {
        yaml_event_t event;
        struct node *root = NULL;

        TRY(next_event(reader, &event));

        yaml_event_type_t type = event.type;
        struct node place = place_of(&event.start_mark);

        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return 0;
        if (type != YAML_DOCUMENT_START_EVENT)
            continue;
        if (++n_documents > YAML_DOCUMENT_LIMIT)
            return refuse(reader, &place, "expected at most %d documents in a file, got more", YAML_DOCUMENT_LIMIT);
        TRY(next_event(reader, &event));
        TRY(read_node(reader, &event, 1, false, &root));
        if (root->kind != NODE_NULL)
            node_add(reader->arena, documents, root);
    }
}

static int check_text(struct reader *reader)
{
    static const struct node nowhere = { 0 };
    size_t bad;

    if (reader->length > YAML_SIZE_LIMIT)
        return refuse(reader, &nowhere, "expected at most %d bytes, got %zu", YAML_SIZE_LIMIT, reader->length);
    if (text_is_utf8(reader->text, reader->length, &bad))
        return 0;

    struct node place = place_at(reader->text, bad);

    if (reader->text[bad] == '\0')
        return refuse(reader, &place, "expected text, got a NUL byte");
    return refuse(reader, &place, "expected UTF-8, got byte 0x%02x", (unsigned char)reader->text[bad]);
}

int yaml_read(const char *text, size_t length, const char *file, struct arena *arena, struct faults *faults,
              struct node **documents)
{
    struct reader reader = { .text = text, .length = length, .file = file, .arena = arena, .faults = faults };
    size_t n_errors = faults->n_errors;

    *documents = node_list(arena);
    TRY(check_text(&reader));
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark is in no column */
        reader.text += 3;
        reader.length -= 3;
    }
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)reader.text, reader.length);

    int status = read_documents(&reader, *documents);

    yaml_parser_delete(&reader.parser);
    return status == 0 && faults->n_errors > n_errors ? ERR_INVALID : status;
}
