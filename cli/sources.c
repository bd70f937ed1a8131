/*
 * Reading the files of an experiment.
 */
#include "cli/sources.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "base/yaml.h"

static int read_source(const char *shown, struct arena *arena, struct source_file *source)
{
    char *path = text_equal(shown, "-") ? xstrdup("-") : file_absolute(NULL, shown);
    struct text text = { 0 };
    int status = file_read(path, YAML_SIZE_LIMIT, &text);

    if (status == 0) {
        source->path = arena_strdup(arena, path);
        source->shown = text_equal(shown, "-") ? "<stdin>" : shown;
        source->text = memcpy(arena_alloc(arena, text.length + 1), text_string(&text), text.length);
        source->length = text.length;
    }
    text_release(&text);
    free(path);
    return status;
}

/* The image map asked for, or the one beside the file; in the arena, NULL: none. */
static const char *find_images(const struct command *command, const char *file, struct arena *arena)
{
    char *directory = NULL, *path = NULL;
    const char *found = command->value[OPTION_IMAGES];

    if (found || text_equal(file, "-"))
        return found;
    directory = file_directory(file);
    path = text_equal(directory, ".") ? xstrdup("images.yaml") : file_join(directory, "images.yaml");
    if (access(path, F_OK) == 0)
        found = arena_strdup(arena, path);
    free(path);
    free(directory);
    return found;
}

int sources_read(const struct command *command, const char *file, struct sources *sources)
{
    const char *images = find_images(command, file, &sources->arena);

    sources->files = arena_array(&sources->arena, command->n_with + 1, sizeof *sources->files);
    TRY(read_source(file, &sources->arena, &sources->files[0]));
    sources->n_files = 1;
    for (size_t i = 0; i < command->n_with; i++)
        TRY(read_source(command->with[i], &sources->arena, &sources->files[sources->n_files++]));
    if (!images)
        return 0;
    sources->images = arena_alloc(&sources->arena, sizeof *sources->images);
    return read_source(images, &sources->arena, sources->images);
}

void sources_release(struct sources *sources)
{
    arena_release(&sources->arena);
    *sources = (struct sources){ 0 };
}

static struct node *source_node(const struct source_file *source, struct arena *arena)
{
    struct node *node = node_map(arena);

    node_set(arena, node, "path", node_text(arena, source->path));
    node_set(arena, node, "shown", node_text(arena, source->shown));
    node_set(arena, node, "text", node_text(arena, source->text));
    return node;
}

struct node *sources_body(const struct sources *sources, struct arena *arena)
{
    struct node *body = node_map(arena), *files = node_set(arena, body, "files", node_list(arena));

    for (size_t i = 0; i < sources->n_files; i++)
        node_add(arena, files, source_node(&sources->files[i], arena));
    if (sources->images)
        node_set(arena, body, "images", source_node(sources->images, arena));
    return body;
}
