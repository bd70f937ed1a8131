/*
 * hone validate: every fault of every file, without a database.
 */
#include <stdio.h>

#include "base/status.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/sources.h"

static struct node *fault_node(const struct fault *fault, struct arena *arena)
{
    struct node *node = node_map(arena);

    node_set(arena, node, "severity", node_text(arena, fault->warning ? "warning" : "error"));
    node_set(arena, node, "file", node_text(arena, fault->file));
    node_set(arena, node, "line", fault->line ? node_integer(arena, fault->line) : node_null(arena));
    node_set(arena, node, "column", fault->column ? node_integer(arena, fault->column) : node_null(arena));
    node_set(arena, node, "path", node_text(arena, fault->path));
    node_set(arena, node, "message", node_text(arena, fault->message));
    return node;
}

static void report_json(const char *file, const struct bundle *bundle, const struct faults *faults, struct arena *arena,
                        struct node *list)
{
    struct node *out = node_add(arena, list, node_map(arena)), *experiments, *items;

    node_set(arena, out, "file", node_text(arena, file));
    node_set(arena, out, "valid", node_boolean(arena, faults->n_errors == 0));
    experiments = node_set(arena, out, "experiments", node_list(arena));
    for (size_t i = 0; faults->n_errors == 0 && i < bundle->n_specs; i++) {
        struct node *one = node_add(arena, experiments, node_map(arena));

        node_set(arena, one, "namespace", node_text(arena, bundle->specs[i]->namespace));
        node_set(arena, one, "name", node_text(arena, bundle->specs[i]->name));
        node_set(arena, one, "missing", node_text(arena, bundle->specs[i]->missing));
    }
    items = node_set(arena, out, "faults", node_list(arena));
    for (size_t i = 0; i < faults->n; i++)
        node_add(arena, items, fault_node(&faults->items[i], arena));
}

static void report_text(const char *file, const struct bundle *bundle, const struct faults *faults)
{
    struct text out = { 0 };

    faults_print(faults, &out);
    fputs(text_string(&out), stderr);
    text_release(&out);
    if (faults->n_errors > 0) {
        fprintf(stderr, "hone: %s: %zu error%s\n", file, faults->n_errors, faults->n_errors == 1 ? "" : "s");
        return;
    }
    for (size_t i = 0; i < bundle->n_specs; i++) {
        const struct spec *spec = bundle->specs[i];

        printf("%s: experiment %s is valid", file, spec->name);
        if (spec->missing)
            printf("; to run it this build lacks %s", spec->missing);
        putchar('\n');
    }
}

/* One file with its --with files; list: NULL for text. Returns whether it is valid, or negative: it cannot be read. */
static int validate(const struct command *command, const char *file, struct arena *arena, struct node *list)
{
    struct sources sources = { 0 };
    struct faults faults = { 0 };
    struct bundle bundle = { 0 };
    int status = sources_read(command, file, &sources);

    if (status == 0) {
        bundle_parse(&bundle, sources.files, sources.n_files, sources.images, command->value[OPTION_NAMESPACE],
                     command->n_given[OPTION_STRICT] > 0, &faults);
        if (command->n_given[OPTION_STRICT] > 0)
            faults_make_strict(&faults);
        if (list)
            report_json(file, &bundle, &faults, arena, list);
        else
            report_text(file, &bundle, &faults);
        status = faults.n_errors == 0;
        bundle_release(&bundle);
    }
    faults_release(&faults);
    sources_release(&sources);
    return status;
}

int validate_run(const struct command *command)
{
    struct arena arena = { 0 };
    struct node *out = node_map(&arena), *files = node_list(&arena);
    int result = EXIT_DONE;

    for (size_t i = 0; i < command->n_arguments; i++) {
        int valid = validate(command, command->arguments[i], &arena, command->n_given[OPTION_JSON] > 0 ? files : NULL);

        if (valid < 0)
            complain();
        if (valid <= 0 && result == EXIT_DONE)
            result = valid < 0 ? (int)exit_of_status(valid) : EXIT_INVALID;
    }
    if (command->n_given[OPTION_JSON] > 0) {
        node_set(&arena, out, "valid", node_boolean(&arena, result == EXIT_DONE));
        node_set(&arena, out, "files", files);
        print_json(out);
    }
    arena_release(&arena);
    return result;
}
