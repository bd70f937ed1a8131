/*
 * What the nodes of a tree are: scalars as numbers, truths and texts, a plain one by YAML's core schema; copies; equality.
 */
#include "base/node.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

const char *node_to_text(struct arena *arena, const struct node *node)
{
    char buffer[NUMBER_TEXT_SIZE];

    if (node == NULL)
        return NULL;
    switch (node->kind) {
    case NODE_TEXT:
        return node->text;
    case NODE_BOOL:
        return node->boolean ? "true" : "false";
    case NODE_INTEGER:
        return arena_printf(arena, "%" PRId64, node->integer);
    case NODE_REAL:
        return arena_strdup(arena, number_format(node->real, buffer));
    default:
        return NULL;
    }
}

static bool integral(double real, int64_t *value)
{
    if (!(real >= (double)INT64_MIN && real < -(double)INT64_MIN) || real != trunc(real))
        return false;
    *value = (int64_t)real;
    return true;
}

bool node_to_integer(const struct node *node, int64_t *value)
{
    double real;

    if (node == NULL)
        return false;
    if (node->kind == NODE_INTEGER) {
        *value = node->integer;
        return true;
    }
    if (node->kind == NODE_REAL)
        return integral(node->real, value);
    if (node->kind != NODE_TEXT)
        return false;
    return number_parse_integer(node->text, value) ||
           (!node->quoted && strchr(node->text, '.') && number_parse(node->text, &real) && integral(real, value));
}

bool node_to_real(const struct node *node, double *value)
{
    if (node == NULL)
        return false;
    if (node->kind == NODE_TEXT)
        return number_parse(node->text, value);
    if (node->kind == NODE_INTEGER) {
        *value = (double)node->integer;
        return true;
    }
    if (node->kind != NODE_REAL || !isfinite(node->real))
        return false;
    *value = node->real;
    return true;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0)
            return true;
    }
    return false;
}

static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
static const char *const trues[] = { "true", "True", "TRUE", NULL };
static const char *const falses[] = { "false", "False", "FALSE", NULL };

bool node_to_boolean(const struct node *node, bool *value)
{
    if (node == NULL || (node->kind != NODE_BOOL && node->kind != NODE_TEXT))
        return false;
    if (node->kind == NODE_BOOL) {
        *value = node->boolean;
        return true;
    }
    *value = is_one_of(node->text, trues);
    return *value || is_one_of(node->text, falses);
}

/* 0x1F, 0o17, and 017 as Kubernetes reads it. */
static bool parse_prefixed(const char *text, int64_t *value)
{
    int base = text[0] != '0' ? 0 : text[1] == 'x' ? 16 : text[1] == 'o' || isdigit((unsigned char)text[1]) ? 8 : 0;
    const char *digits = text + (text[0] == '0' && isalpha((unsigned char)text[1]) ? 2 : 1);
    int64_t number = 0;

    if (base == 0 || *digits == '\0')
        return false;
    for (; *digits != '\0'; digits++) {
        int digit = isdigit((unsigned char)*digits) ? *digits - '0' : 10 + tolower((unsigned char)*digits) - 'a';

        if (!isxdigit((unsigned char)*digits) || digit >= base || __builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
    }
    *value = number;
    return true;
}

static bool parse_special(const char *text, double *value)
{
    static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };
    static const char *const infinities[] = { ".inf", ".Inf", ".INF", NULL };

    if (is_one_of(text, nans)) {
        *value = NAN;
        return true;
    }
    if (!is_one_of(text + (*text == '-' || *text == '+'), infinities))
        return false;
    *value = *text == '-' ? -INFINITY : INFINITY;
    return true;
}

/* What a scalar is; a plain one by the core schema. */
static struct node resolved(const struct node *node)
{
    struct node result = *node;

    if (node->kind != NODE_TEXT || node->quoted)
        return result;
    if (is_one_of(node->text, nulls))
        result.kind = NODE_NULL;
    else if (node_to_boolean(node, &result.boolean))
        result.kind = NODE_BOOL;
    else if (parse_prefixed(node->text, &result.integer) || number_parse_integer(node->text, &result.integer))
        result.kind = NODE_INTEGER;
    else if (number_parse(node->text, &result.real) || parse_special(node->text, &result.real))
        result.kind = NODE_REAL;
    result.quoted = result.kind == NODE_TEXT;
    return result;
}

static struct node *copy(struct arena *arena, const struct node *node, bool is_resolving)
{
    struct node *result = arena_alloc(arena, sizeof *result);

    *result = is_resolving ? resolved(node) : *node;
    if (result->kind == NODE_TEXT || result->kind == NODE_BYTES) {
        result->text = arena_strndup(arena, node->text, node->length);
    } else if (node->kind == NODE_LIST || node->kind == NODE_MAP) {
        result->capacity = node->length;
        result->items = arena_array(arena, node->length, sizeof(struct node *));
        result->keys = node->kind == NODE_MAP ? arena_array(arena, node->length, sizeof(struct node *)) : NULL;
        for (size_t i = 0; i < node->length; i++) {
            result->items[i] = copy(arena, node->items[i], is_resolving);
            if (node->kind == NODE_MAP)
                result->keys[i] = copy(arena, node->keys[i], false);
        }
    } else {
        result->text = NULL;
        result->length = 0;
    }
    return result;
}

struct node *node_resolve(struct arena *arena, const struct node *node)
{
    return node ? copy(arena, node, true) : node_null(arena);
}

struct node *node_copy(struct arena *arena, const struct node *node)
{
    return node ? copy(arena, node, false) : node_null(arena);
}

static int compare_keys(const void *a, const void *b, void *argument)
{
    const struct node *map = argument;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    int order = strcmp(map->keys[i]->text, map->keys[j]->text);

    return order ? order : (i > j) - (i < j);
}

/* Positions of a map's members in the order of their keys; the caller frees them. */
static size_t *sorted(const struct node *map)
{
    size_t *order = xcalloc(map->length, sizeof *order);

    for (size_t i = 0; i < map->length; i++)
        order[i] = i;
    qsort_r(order, map->length, sizeof *order, compare_keys, (void *)map);
    return order;
}

const struct node *node_repeated_key(const struct node *map, const struct node **first)
{
    const struct node *repeated = NULL;

    if (map->length < 2)
        return NULL;

    size_t *order = sorted(map);
    size_t earliest = map->length;

    for (size_t i = 1; i < map->length; i++) {
        if (order[i] < earliest && strcmp(map->keys[order[i - 1]]->text, map->keys[order[i]]->text) == 0) {
            earliest = order[i];
            repeated = map->keys[order[i]];
            *first = map->keys[order[i - 1]];
        }
    }
    free(order);
    return repeated;
}

static bool equal_maps(const struct node *a, const struct node *b)
{
    size_t *a_order = sorted(a), *b_order = sorted(b);
    bool is_equal = true;

    for (size_t i = 0; i < a->length && is_equal; i++)
        is_equal = strcmp(a->keys[a_order[i]]->text, b->keys[b_order[i]]->text) == 0 &&
                   node_equal(a->items[a_order[i]], b->items[b_order[i]]);
    free(a_order);
    free(b_order);
    return is_equal;
}

static bool equal_scalars(const struct node *a, const struct node *b)
{
    if (a->kind == NODE_INTEGER && b->kind == NODE_INTEGER)
        return a->integer == b->integer;
    if (a->kind == NODE_REAL && b->kind == NODE_REAL)
        return a->real == b->real || (isnan(a->real) && isnan(b->real));
    if (a->kind == NODE_REAL && b->kind == NODE_INTEGER)
        return equal_scalars(b, a);

    int64_t whole;

    return a->kind == NODE_INTEGER && b->kind == NODE_REAL && integral(b->real, &whole) && whole == a->integer;
}

bool node_equal(const struct node *a, const struct node *b)
{
    static const struct node nothing = { .kind = NODE_NULL };
    struct node left = resolved(a ? a : &nothing), right = resolved(b ? b : &nothing);

    if (left.kind != right.kind || left.kind == NODE_INTEGER || left.kind == NODE_REAL)
        return equal_scalars(&left, &right);
    switch (left.kind) {
    case NODE_BOOL:
        return left.boolean == right.boolean;
    case NODE_TEXT:
    case NODE_BYTES:
        return left.length == right.length && memcmp(left.text, right.text, left.length) == 0;
    case NODE_LIST:
        for (size_t i = 0; i < left.length && left.length == right.length; i++) {
            if (!node_equal(left.items[i], right.items[i]))
                return false;
        }
        return left.length == right.length;
    case NODE_MAP:
        return left.length == right.length && equal_maps(&left, &right);
    default:
        return true;
    }
}

const char *node_kind_name(const struct node *node)
{
    static const char *const names[] = {
        [NODE_NULL] = "nothing", [NODE_BOOL] = "a boolean", [NODE_INTEGER] = "a number", [NODE_REAL] = "a number",
        [NODE_TEXT] = "a text",  [NODE_BYTES] = "bytes",    [NODE_LIST] = "a list",      [NODE_MAP] = "a map",
    };

    return node ? names[resolved(node).kind] : names[NODE_NULL];
}
