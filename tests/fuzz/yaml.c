/*
 * Fuzz target: the YAML reader takes any bytes, says why it refuses, and what it reads survives being written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is within the limits, and writing adds no level and no node: a refusal is a bug of the writer. */
static void check_rewrite(const struct node *tree, struct arena *arena)
{
    struct faults faults = { 0 };
    struct text written = { 0 };
    struct node *documents = NULL;

    yaml_write(tree, &written);
    if (written.length <= YAML_SIZE_LIMIT) {
        if (yaml_read(written.data, written.length, NULL, arena, &faults, &documents) < 0)
            abort();
        if (documents->length != 1 || !node_equal(documents->items[0], tree))
            abort();
    }
    text_release(&written);
    faults_release(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    struct text out = { 0 };
    struct node *documents = NULL;
    int status = yaml_read((const char *)data, size, "fuzz", &arena, &faults, &documents);

    if ((status < 0) != (faults.n_errors > 0))
        abort();
    faults_print(&faults, &out);
    for (size_t i = 0; status == 0 && i < documents->length; i++) {
        json_write(documents->items[i], JSON_COMPACT, &out);
        check_rewrite(documents->items[i], &arena);
    }
    text_release(&out);
    faults_release(&faults);
    arena_release(&arena);
    return 0;
}
