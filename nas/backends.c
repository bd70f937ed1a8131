/*
 * The table of backends.
 */
#include <string.h>

#include "base/status.h"
#include "nas/backend.h"

const struct backend *const backends[] = { &backend_cpu, &backend_ref, NULL };

int backend_find(const char *name, const struct backend **backend)
{
    char names[256] = "";

    *backend = backends[0];
    if (name == NULL)
        return 0;
    for (size_t i = 0; backends[i] != NULL; i++) {
        *backend = backends[i];
        if (strcmp(name, backends[i]->name) == 0)
            return 0;
        strncat(names, i > 0 ? ", " : "", sizeof names - strlen(names) - 1);
        strncat(names, backends[i]->name, sizeof names - strlen(names) - 1);
    }
    return fail(ERR_INVALID, "backend: expected one of %s, got %s", names, name);
}
