/*
 * The table of engines.
 */
#include "base/text.h"
#include "trialrunner/engines/engine.h"

extern const struct engine engine_local;

const struct engine *const engines[] = {
    &engine_local,
    NULL,
};

const struct engine *engine_find(const char *name)
{
    for (const struct engine *const *engine = engines; *engine != NULL; engine++)
        if (text_equal((*engine)->name, name))
            return *engine;
    return NULL;
}
