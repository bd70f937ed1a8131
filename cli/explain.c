/*
 * hone explain: what a field means.
 */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "experiment/explain.h"

/* Is path the field asked for, or below it? [] may be left out of what is asked. */
static bool is_below(const char *path, const char *asked)
{
    while (*asked) {
        if (text_starts_with(path, "[]") && !text_starts_with(asked, "[]"))
            path += 2;
        else if (*path++ != *asked++)
            return false;
    }
    return *path == '\0' || *path == '.' || *path == '[';
}

static struct node *field_node(const struct field_help *field, struct arena *arena)
{
    struct node *node = node_map(arena);

    node_set(arena, node, "path", node_text(arena, field->path));
    node_set(arena, node, "type", node_text(arena, field->type));
    node_set(arena, node, "default", node_text(arena, field->fallback));
    node_set(arena, node, "help", node_text(arena, field->help));
    node_set(arena, node, "katib", node_boolean(arena, !field->ours));
    return node;
}

static void print_fields(const char *asked)
{
    struct arena arena = { 0 };
    struct node *list = node_list(&arena);

    for (const struct field_help *field = experiment_fields; field->path; field++)
        if (!*asked || is_below(field->path, asked))
            node_add(&arena, list, field_node(field, &arena));
    print_json(list);
    arena_release(&arena);
}

int explain_run(const struct command *command)
{
    const char *asked = command->n_arguments > 0 ? command->arguments[0] : "";
    struct text out = { 0 };
    int status = explain_field(asked, &out);

    if (status == 0 && command->n_given[OPTION_JSON] > 0)
        print_fields(asked);
    else if (status == 0)
        fputs(text_string(&out), stdout);
    text_release(&out);
    return status;
}
