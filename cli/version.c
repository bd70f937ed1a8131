/*
 * hone version.
 */
#include <stdio.h>

#include "base/wire.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "db/db.h"

static void print_version_json(void)
{
    struct arena arena = { 0 };
    struct node *out = node_map(&arena);

    node_set(&arena, out, "version", node_text(&arena, HONE_VERSION));
    node_set(&arena, out, "schema", node_integer(&arena, db_schema_version()));
    node_set(&arena, out, "protocol", node_integer(&arena, WIRE_VERSION));
    print_json(out);
    arena_release(&arena);
}

int version_run(const struct command *command)
{
    if (command->n_given[OPTION_JSON] > 0)
        print_version_json();
    else
        printf("hone %s (database schema %d, protocol %d)\n", HONE_VERSION, db_schema_version(), WIRE_VERSION);
    return EXIT_DONE;
}
