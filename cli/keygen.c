/*
 * hone keygen: a client's key, and its row among the service's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/serve.h"
#include "service/keyring.h"

static const char *const *read_namespaces(const char *list, struct arena *arena, size_t *n)
{
    const char **names = arena_array(arena, strlen(list) + 1, sizeof *names);

    for (const char *at = list; *at != '\0';) {
        size_t length = strcspn(at, ",");

        if (length > 0)
            names[(*n)++] = arena_strndup(arena, at, length);
        at += length + (at[length] == ',');
    }
    return names;
}

static int read_access(const char *given, enum client_role *role)
{
    for (int i = 0; role_names[i] != NULL; i++) {
        if (!text_equal(role_names[i], given))
            continue;
        *role = (enum client_role)i;
        return 0;
    }
    return fail(ERR_INVALID, "--access: expected viewer, worker, editor or admin, got \"%s\"", given);
}

static int generate(const struct command *command, struct arena *arena)
{
    const char *path = command->n_arguments > 1 ? command->arguments[1]
                                                : arena_printf(arena, "%s.key", command->arguments[0]);
    const char *access = command->value[OPTION_ACCESS], *list = command->value[OPTION_NAMESPACES];
    struct principal client = { .name = command->arguments[0], .role = ROLE_WORKER };
    char *keys = NULL;
    int status;

    if (access != NULL)
        TRY(read_access(access, &client.role));
    if (list != NULL)
        client.namespaces = read_namespaces(list, arena, &client.n_namespaces);
    TRY(serve_keys(command, &keys));
    status = keyring_generate(keys, &client, path);
    if (status == 0)
        say("%s may come in as %s: hone --server tcp://HOST:PORT --key %s ...", client.name, role_names[client.role],
            path);
    free(keys);
    return status;
}

int keygen_run(const struct command *command)
{
    struct arena arena = { 0 };
    int status = generate(command, &arena);

    arena_release(&arena);
    return status;
}
