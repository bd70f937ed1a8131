/*
 * GJSON paths: compiled to steps first, so that a wrong path is told whatever the data, then walked.
 *
 * Semantics of github.com/tidwall/gjson: a step behind `#` or `#(...)#` joined by a dot is applied to each member and the
 * results are collected; joined by a bar it is applied to the list itself.
 */
#include "experiment/gjson.h"

#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "experiment/gjson_path.h"

/* Glob with * and ?; a backslash protects. Goes back to the last star only, so the cost is |text| * |pattern|. */
static bool is_like(const char *text, const char *pattern)
{
    const char *star = NULL, *star_text = NULL;

    while (*text != '\0') {
        const char *literal = *pattern == '\\' && pattern[1] != '\0' ? pattern + 1 : pattern;

        if (*pattern == '*') {
            star = pattern++;
            star_text = text;
        } else if (*pattern == '?' || (*pattern != '\0' && *literal == *text)) {
            pattern = literal + 1;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++star_text;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* Does an ordering (below, at or above zero) satisfy op? */
static bool ordering_satisfies(int ordering, const char *op)
{
    switch (op[0]) {
    case '=':
        return ordering == 0;
    case '!':
        return ordering != 0;
    case '<':
        return op[1] == '=' ? ordering <= 0 : ordering < 0;
    default:
        return op[1] == '=' ? ordering >= 0 : ordering > 0;
    }
}

/* The type of the value decides how the right side is read, as in GJSON. */
static bool compare(const struct node *value, const char *op, const char *right)
{
    double left_number, right_number;

    switch (value->kind) {
    case NODE_TEXT:
        if (text_equal(op, "%") || text_equal(op, "!%"))
            return is_like(value->text, right) == (op[0] == '%');
        return ordering_satisfies(strcmp(value->text, right), op);
    case NODE_INTEGER:
    case NODE_REAL:
        left_number = value->kind == NODE_INTEGER ? (double)value->integer : value->real;
        if (!number_parse(right, &right_number) || strchr(op, '%') != NULL)
            return false;
        return ordering_satisfies((left_number > right_number) - (left_number < right_number), op);
    case NODE_BOOL:
        return strchr(op, '%') == NULL && ordering_satisfies(strcmp(value->boolean ? "true" : "false", right), op);
    case NODE_NULL:
        return strchr(op, '%') == NULL && ordering_satisfies(strcmp("null", right), op);
    default:
        return false;
    }
}

static const struct node *walk(const struct node *node, const struct step *steps, size_t n, struct arena *arena);

static bool query_matches(const struct query *query, const struct node *member, struct arena *arena)
{
    const struct node *value = walk(member, query->left.items, query->left.n, arena);

    if (value == NULL || query->op == NULL)
        return value != NULL;
    return compare(value, query->op, query->right);
}

static const struct node *step_into(const struct node *node, const char *key)
{
    int64_t index;

    if (node->kind == NODE_MAP)
        return node_get(node, key);
    if (node->kind == NODE_LIST && number_parse_integer(key, &index) && index >= 0 && (size_t)index < node->length)
        return node->items[index];
    return NULL;
}

static const struct node *first_match(const struct node *list, const struct query *query, struct arena *arena)
{
    for (size_t i = 0; i < list->length; i++) {
        if (query_matches(query, list->items[i], arena))
            return list->items[i];
    }
    return NULL;
}

/* Members that match (all without a query), each led through the steps that follow. */
static const struct node *collect(const struct node *list, const struct query *query, const struct step *steps,
                                  size_t n, struct arena *arena)
{
    struct node *out = node_list(arena);

    for (size_t i = 0; i < list->length; i++) {
        const struct node *found;

        if (query != NULL && !query_matches(query, list->items[i], arena))
            continue;
        found = walk(list->items[i], steps, n, arena);
        if (found != NULL)
            node_add(arena, out, node_copy(arena, found));
    }
    return out;
}

static const struct node *walk(const struct node *node, const struct step *steps, size_t n, struct arena *arena)
{
    for (size_t i = 0; i < n && node != NULL; i++) {
        const struct step *step = &steps[i];
        size_t n_inner = 0; /* steps that belong to each member */

        while (i + 1 + n_inner < n && !steps[i + 1 + n_inner].piped)
            n_inner++;
        switch (step->kind) {
        case STEP_THIS:
            break;
        case STEP_WRAP: {
            struct node *list = node_list(arena);

            node_add(arena, list, node_copy(arena, node));
            node = list;
            break;
        }
        case STEP_KEY:
            node = step_into(node, step->key);
            break;
        case STEP_FIRST:
            node = node->kind == NODE_LIST ? first_match(node, step->query, arena) : NULL;
            break;
        case STEP_EACH:
        case STEP_ALL:
            if (node->kind != NODE_LIST)
                return NULL;
            if (step->kind == STEP_EACH && n_inner == 0)
                node = node_integer(arena, (int64_t)node->length);
            else
                node = collect(node, step->query, step + 1, n_inner, arena);
            i += n_inner;
            break;
        }
    }
    return node;
}

int gjson_get(const struct node *root, const char *path, struct arena *arena, const struct node **result)
{
    struct steps steps;

    *result = NULL;
    TRY(gjson_compile(path, arena, &steps));
    *result = walk(root, steps.items, steps.n, arena);
    return 0;
}

int gjson_condition(const struct node *root, const char *path, struct arena *arena, bool *holds,
                    const struct node **match)
{
    const struct node *result, *object;

    *holds = false;
    if (match != NULL)
        *match = NULL;
    TRY(gjson_get(root, path, arena, &result));
    if (result == NULL)
        return 0;
    *holds = result->kind == NODE_MAP || (result->kind == NODE_LIST && result->length > 0);
    object = result->kind == NODE_LIST && result->length > 0 ? result->items[0] : result;
    if (match != NULL && *holds && object->kind == NODE_MAP)
        *match = object;
    return 0;
}
